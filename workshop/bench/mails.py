"""How many mails a worker sends in a second, by the number of its processes."""

import asyncio
import time
from collections import Counter
from typing import Any

import redis
from aiosmtpd.controller import Controller

from workshop.bench.sections import Size
from workshop.bench.table import PER_SECOND, Row, Table
from workshop.processes.ports import free_port
from workshop.stage import Project, Stage, WrongAnswer, wait_for
from workshop.wording import counted

MAIL_SECONDS = 0.1
PUBLISH = """\
import django
django.setup()
from feedback.tasks import send_feedback_email_task
for number in range({number}):
    send_feedback_email_task.delay(f"user{{number}}@example.com", "Мне всё понравилось")
"""
PATIENCE_SECONDS = 120


class Mailbox:
    """An SMTP server that takes its time; knows who got how many mails, and when."""

    def __init__(self) -> None:
        self.port = free_port()
        self.empty()

    def empty(self) -> None:
        """Forget all mails."""
        self.received: Counter[str] = Counter()
        self.first = self.last = 0.0

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, name: str) -> str:
        """Note when the first mail comes: aiosmtpd calls this when somebody connects."""
        session.host_name = name
        self.first = self.first or time.monotonic()
        return "250 HELP"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take a mail: aiosmtpd calls this with each."""
        await asyncio.sleep(MAIL_SECONDS)
        self.received.update(envelope.rcpt_tos)
        self.last = time.monotonic()
        return "250 OK"


def measure(stage: Stage, size: Size) -> Table:
    """Measure a worker with each number of processes. Raises WrongAnswer and NoRedis."""
    _, url = stage.redis()
    mailbox = Mailbox()
    project = stage.project(
        "03",
        url,
        settings={
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": mailbox.port,
            "EMAIL_DELAY_SECONDS": 0,
        },
    )
    server = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    server.start()
    try:
        rates: dict[int, list[float]] = {number: [] for number in size.concurrencies}
        for _ in range(size.mail_rounds):
            for concurrency in size.concurrencies:
                number = size.mails * concurrency
                stage.say(f"воркер, процессов {concurrency}: писем {number}")
                rates[concurrency].append(_rate(stage, project, mailbox, concurrency, number))
    finally:
        server.stop()
    return Table(
        f"Воркер шага 03, почтовый сервер занят каждым письмом {1000 * MAIL_SECONDS:.0f} мс.",
        PER_SECOND,
        ["писем в секунду"],
        [
            Row(str(one), counted(one, "процесс", "процесса", "процессов"), [rates[one]])
            for one in size.concurrencies
        ],
        str(size.concurrencies[0]),
    )


def _rate(
    stage: Stage, project: Project, mailbox: Mailbox, concurrency: int, number: int
) -> float:
    """Let a worker send mails that already wait in the queue. Returns mails in a second."""
    mailbox.empty()
    publish = stage.start(project, "-c", PUBLISH.format(number=number))
    if publish.wait(PATIENCE_SECONDS) != 0:
        raise WrongAnswer("\n".join(["Письма не встали в очередь:", *publish.tail]))
    command = ("-m", "celery", "-A", "django_celery", "worker", "-l", "info")
    worker = stage.start(project, *command, "-c", str(concurrency))
    with redis.Redis.from_url(project.redis_url) as client:

        def is_over() -> bool:
            if mailbox.received.total() < number:
                return False
            return not client.llen("celery") and not client.hlen("unacked")

        wait_for(is_over, worker, PATIENCE_SECONDS)
    worker.kill()
    if len(mailbox.received) != number or mailbox.received.total() != number:
        raise WrongAnswer(
            f"Писем было {number}, пришло {mailbox.received.total()}, "
            f"разных из них {len(mailbox.received)}: скорость такой отправки ничего не значит."
        )
    return number / (mailbox.last - mailbox.first)
