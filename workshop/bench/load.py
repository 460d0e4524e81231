"""How many forms and mails the site of lesson 06 carries on one machine."""

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from statistics import median

import redis
from aiosmtpd.controller import Controller

from workshop.bench.forms import PATIENCE_SECONDS, Sent
from workshop.bench.mails import MAIL_SECONDS, Mailbox
from workshop.bench.production import Production
from workshop.bench.sections import Size
from workshop.bench.table import PER_SECOND, SECONDS, Row, Table
from workshop.lesson.errors import quote
from workshop.stage import Stage, WrongAnswer, wait_for
from workshop.wording import counted

WORKERS = 2
# So many users at once are no overload: whatever goes wrong then is an error.
CALM = 10
DRAIN_SECONDS = 300
# A mail that has not come by then, though the queue is empty, was not in it.
SILENCE_SECONDS = 3
# A worker forgets a task when it begins: a mail that is sent twice may still be on its way.
SECOND_COPY_SECONDS = 5 * MAIL_SECONDS
LAST_MAILS = 100
SHOWN_REASONS = 2
WARMING_SECONDS = 0.3
FORMS_PER_SECOND = "форм/с"


class TimedMailbox(Mailbox):
    """A mail server that knows when each mail came."""

    def empty(self) -> None:
        """Forget all mails."""
        super().empty()
        self.moments: list[float] = []

    async def handle_DATA(self, *words: object) -> str:
        """Take a mail: aiosmtpd calls this with each."""
        answer: str = await super().handle_DATA(*words)
        self.moments.append(self.last)
        return answer


def measure(stage: Stage, size: Size) -> Table:
    """Measure the forms by the number of users. Raises WrongAnswer."""
    rows = []
    with _mail_server() as mailbox:
        site = Production(stage, mailbox.port)
        stage.say("запускаю сайт урока 06: nginx, Redis, два процесса сайта, два воркера")
        site.start(workers=WORKERS)
        # What is done for the first forms only is not what is measured.
        _send(stage, site, mailbox, 2, WARMING_SECONDS)
        for users in size.load_users:
            rows.append(_forms(stage, site, mailbox, users, size.load_seconds))
        site.stop()
    return Table(
        "Сайт урока 06 на одной машине вместе с теми, кто шлёт формы: https, без limit_req; "
        f"почтовый сервер занят каждым письмом {1000 * MAIL_SECONDS:.0f} мс. Форма принята, "
        "если пришла страница успеха, отзыв в базе, а письмо дошло, и один раз. Ответ — "
        f"медиана. Писем/с: пока шлют формы и потом, последние {LAST_MAILS}.",
        FORMS_PER_SECOND,
        ["форм/с", "ответ", "писем/с", "потом"],
        rows,
        units=[FORMS_PER_SECOND, SECONDS, PER_SECOND, PER_SECOND],
    )


@contextmanager
def _mail_server() -> Iterator[TimedMailbox]:
    mailbox = TimedMailbox()
    server = Controller(mailbox, hostname="localhost", port=mailbox.port)
    server.start()
    try:
        yield mailbox
    finally:
        server.stop()


def _forms(
    stage: Stage, site: Production, mailbox: TimedMailbox, users: int, seconds: float
) -> Row:
    """Let so many users send forms, and wait for the mails."""
    label = counted(users, "человек", "человека", "человек")
    stage.say(f"{label}: формы, {seconds:g} с, потом остаток писем")
    site.errors.clear()
    sent = _send(stage, site, mailbox, users, seconds)
    took = sent.ended - sent.begun
    meanwhile = sum(moment <= sent.ended for moment in mailbox.moments)
    last = mailbox.moments[-LAST_MAILS:]
    shares = ", ".join(f"{name} {100 * share:.0f}" for name, share in sent.processor.items())
    stage.say(f"принято {len(sent.accepted)}; процентов ядра: {shares}")
    if sent.refused:
        reasons = Counter(sent.refused).most_common(SHOWN_REASONS)
        label += "; не принято: " + ", ".join(f"{reason}: {times}" for reason, times in reasons)
        if users <= CALM or not sent.accepted:
            raise WrongAnswer(quote(f"{label}. Сайт печатает:", site.errors))
        for line, times in site.errors.most_common(SHOWN_REASONS):
            stage.say(f"сайт печатает, раз {times}: {line}")
    return Row(
        str(users),
        label,
        [
            [len(sent.accepted) / took],
            [median(answer for answer, _ in sent.accepted)],
            [meanwhile / took],
            [(len(last) - 1) / (last[-1] - last[0]) if len(last) > 1 else 0.0],
        ],
    )


def _send(
    stage: Stage, site: Production, mailbox: TimedMailbox, users: int, seconds: float
) -> Sent:
    """Send forms and check what became of each. Raises WrongAnswer."""
    mailbox.empty()
    before = site.processor()
    client = stage.module(
        "workshop.bench.forms", site.port, users, seconds, site.take_numbers()
    )
    client.wait(seconds + 3 * PATIENCE_SECONDS)
    spent = {name: after - before[name] for name, after in site.processor().items()}
    try:
        sent = Sent(**json.loads(client.tail[-1]))
    except (IndexError, ValueError):
        raise WrongAnswer(quote("Клиент не отправил форм:", client.tail)) from None
    sent.processor |= {name: used / (sent.ended - sent.begun) for name, used in spent.items()}
    accepted = {email for _, email in sent.accepted}
    with redis.Redis.from_url(site.redis_url) as queue:

        def is_over() -> bool:
            if queue.llen("celery") or queue.hlen("unacked"):
                return False
            has_all = accepted <= set(mailbox.received)
            silence = SECOND_COPY_SECONDS if has_all else SILENCE_SECONDS
            return time.monotonic() > max(mailbox.last, sent.ended) + silence

        wait_for(is_over, site.workers[0], DRAIN_SECONDS)
    with closing(sqlite3.connect(site.database)) as database:
        rows = {email for (email,) in database.execute("SELECT email FROM feedback_mail")}
    twice = [one for one, times in mailbox.received.items() if times > 1]
    for what, emails in (("нет в базе", accepted - rows), ("с двумя письмами", twice)):
        if emails:
            raise WrongAnswer(f"Из принятых форм ({len(accepted)}) {what}: {len(emails)}.")
    # Beat would put these into the queue again.
    lost = accepted - set(mailbox.received)
    sent.accepted = [one for one in sent.accepted if one[1] not in lost]
    sent.refused += ["не в очереди"] * len(lost)
    return sent
