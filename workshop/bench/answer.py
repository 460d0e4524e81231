"""How soon the form answers: where a request sends the mail, and where a task does."""

import json
import re
import time
from collections.abc import Iterable

import redis

from workshop.bench.sections import Size
from workshop.bench.table import SECONDS, Row, Table
from workshop.bench.user import Answer, User, accepted, send_together
from workshop.stage import Project, Stage, WrongAnswer
from workshop.steps import find_step

DELAY = re.compile(r"^EMAIL_DELAY_SECONDS = (\d+)$", re.MULTILINE)
QUEUED_SECONDS = 10
# What the result backend says of a task that a worker has begun.
BEGUN = {"STARTED", "SUCCESS"}


def measure(stage: Stage, size: Size) -> Table:
    """Measure the answers of steps 02 and 03. Raises WrongAnswer and NoRedis."""
    _, url = stage.redis()
    settings: dict[str, object] = {}
    if size.mail_seconds is not None:
        settings["EMAIL_DELAY_SECONDS"] = size.mail_seconds
    delay = size.mail_seconds or _seconds_of_a_mail("02")
    stage.say("запускаю шаги 02 и 03")
    before = stage.project("02", url, settings=settings)
    after = stage.project("03", url, settings=settings)
    waiting, at_once = stage.site(before), stage.site(after)
    for started in (stage.worker(after), waiting, at_once):
        started.wait()
    labels = (f"шаг 02: письмо за {delay:g} с", "шаг 03: письмо ставится в очередь")
    rows = [
        _row(stage, size, 0, waiting.address, "step_02", labels[0]),
        _row(stage, size, 1, at_once.address, "step_03", labels[1], after),
    ]
    shortened = ", письмо короче, чем в уроке" if size.mail_seconds is not None else ""
    return Table(
        f"От отправки формы до страницы «Спасибо за отзыв!»{shortened}.",
        SECONDS,
        ["1 человек", f"{size.users} сразу"],
        rows,
        "step_03",
    )


def _seconds_of_a_mail(step: str) -> int:
    settings = find_step(step) / "django_celery" / "settings.py"
    found = DELAY.search(settings.read_text(encoding="utf-8"))
    if not found:
        raise WrongAnswer(f"В {settings} нет EMAIL_DELAY_SECONDS.")
    return int(found[1])


def _row(
    stage: Stage,
    size: Size,
    which: int,
    address: str,
    key: str,
    label: str,
    queue: Project | None = None,
) -> Row:
    """Measure one of the two steps; its tasks must be in the queue of a project, if any."""
    step, posts, rounds = label.partition(":")[0], size.posts[which], size.rounds[which]
    stage.say(f"{step}: по одной форме ({posts}), потом {size.users} сразу (×{rounds})")
    user = User(address)
    # What is done for the first form only is not what is measured.
    first = [user.send()] if queue else []
    alone = [user.send() for _ in range(posts)]
    tasks = accepted([*first, *alone], step.capitalize())
    together = [one for _ in range(rounds) for one in send_together(address, size.users)]
    tasks += accepted(together, step.capitalize())
    if queue:
        _check_queue(queue, tasks)
    return Row(key, label, [_seconds(alone), _seconds(together)])


def _seconds(answers: Iterable[Answer]) -> list[float]:
    return [answer.seconds for answer in answers]


def _check_queue(project: Project, tasks: Iterable[str]) -> None:
    """Check that each task is in the queue, or with a worker. Raises WrongAnswer."""
    with redis.Redis.from_url(project.redis_url) as client:
        deadline = time.monotonic() + QUEUED_SECONDS
        # A worker takes a task and writes that down in two commands.
        while lost := [task for task in tasks if not _is_kept(client, task)]:
            if time.monotonic() > deadline:
                raise WrongAnswer(
                    f"Шаг 03 принял формы, но {len(lost)} из писем нет ни в очереди задач, "
                    "ни у воркера.\nВремя такого ответа ничего не значит."
                )
            time.sleep(0.2)


def _is_kept(client: redis.Redis, task: str) -> bool:
    waiting = [json.loads(message) for message in client.lrange("celery", 0, -1)]
    held = [json.loads(message)[0] for message in client.hvals("unacked")]
    if task in [message["headers"]["id"] for message in [*waiting, *held]]:
        return True
    result = client.get(f"celery-task-meta-{task}")
    return result is not None and json.loads(result)["status"] in BEGUN
