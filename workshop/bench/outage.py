"""How long the form waits for a Redis that is off: with step 03's settings, with Celery's."""

from workshop.bench.sections import Size
from workshop.bench.table import SECONDS, Row, Table
from workshop.bench.user import Answer, User
from workshop.stage import Stage, WrongAnswer

# Without these the site waits as Celery does by default.
IMPATIENT = (
    "CELERY_TASK_PUBLISH_RETRY_POLICY",
    "CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS",
    "CELERY_REDIS_SOCKET_TIMEOUT",
    "CELERY_BROKER_POOL_LIMIT",
    "CELERY_BROKER_TRANSPORT_OPTIONS",
)
SENTENCE = "очередь задач недоступна"


def measure(stage: Stage, size: Size) -> Table:
    """Measure the refusals while Redis is away. Raises WrongAnswer and NoRedis."""
    server, url = stage.redis()
    stage.say("запускаю шаг 03 дважды: как он есть и с настройками Celery по умолчанию")
    sites = [stage.site(stage.project("03", url, unset=names)) for names in ((), IMPATIENT)]
    for site in sites:
        site.wait()
    users = [User(site.address) for site in sites]
    server.kill()
    stage.say(f"Redis выключен: форм {size.outages[0]} и {size.outages[1]}")
    found = [
        [_refused(user.send()) for _ in range(number)]
        for user, number in zip(users, size.outages, strict=True)
    ]
    return Table(
        f"От отправки формы до страницы с ответом 503: «…{SENTENCE}».",
        SECONDS,
        ["ответ"],
        [
            Row("step_03", "шаг 03", [found[0]]),
            Row("celery", "с настройками Celery по умолчанию", [found[1]]),
        ],
        "step_03",
    )


def _refused(answer: Answer) -> float:
    """Return how long a refusal took. Raises WrongAnswer if the page does not explain it."""
    page = answer.page
    if page.status_code != 503 or SENTENCE not in page.text:
        raise WrongAnswer(
            f"Redis выключен, но шаг 03 ответил не 503 с объяснением, а {page.status_code}.\n"
            "Время такого ответа ничего не значит, измерение остановлено."
        )
    return answer.seconds
