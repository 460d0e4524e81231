from urllib.parse import urlsplit

import pytest
import redis
from django.conf import settings

from .project import setting, written
from .tasks import add


@pytest.fixture
def worker(start):
    """Готовый к работе воркер, который знает и задачу тестов."""
    process = start(
        *("celery", "-A", "django_celery", "worker", "-l", "info", "-c", "2"),
        # Без знакомства с другими воркерами этот готов на секунду раньше.
        "--without-mingle",
        INSTALLED_APPS=[*settings.INSTALLED_APPS, "tests"],
    )
    hint = "Воркер не нашёл Redis: проверьте `CELERY_BROKER_URL` в `django_celery/settings.py`."
    process.wait_for("ready.", hint, unless="Cannot connect to")
    return process


def test_default_address(monkeypatch):
    """Без переменной REDIS_URL проект ищет Redis на этой же машине."""
    monkeypatch.delenv("REDIS_URL", raising=False)
    assert setting("REDIS_URL") == "redis://localhost:6379", (
        "Проверьте `REDIS_URL` в `django_celery/settings.py`"
    )


@pytest.mark.parametrize("name", ["CELERY_BROKER_URL", "CELERY_RESULT_BACKEND"])
def test_redis_is_broker_and_result_backend(name):
    """Redis — и брокер сообщений, и хранилище результатов."""
    assert setting(name) == setting("REDIS_URL"), (
        f"Проверьте `{name}` в `django_celery/settings.py`"
    )
    configured = written("django_celery", "celery_app").conf[
        name.removeprefix("CELERY_").lower()
    ]
    assert configured == settings.REDIS_URL, (
        f"Celery не видит `{name}`: проверьте `namespace` в `django_celery/celery.py`"
    )


def test_worker_connects(worker):
    """Воркер находит Redis и готов принимать задачи."""
    address = urlsplit(settings.REDIS_URL)
    worker.wait_for("Connected to redis://")
    worker.wait_for(f"{address.hostname}:{address.port or 6379}{address.path}")


def test_worker_answers_ping(start, worker):
    """На `inspect ping` воркер отвечает pong."""
    ping = start("celery", "-A", "django_celery", "inspect", "ping")
    ping.wait_for("pong")
    ping.wait_for("1 node online.")


def test_worker_runs_task_and_returns_result(worker):
    """Задача доходит до воркера через брокер, а её результат — обратно."""
    result = add.delay(2, 3)
    worker.wait_for("succeeded", "Воркер не выполнил задачу `tests.tasks.add`.")
    assert redis.Redis.from_url(settings.REDIS_URL).exists(f"celery-task-meta-{result.id}"), (
        "Результата задачи в Redis нет: проверьте `CELERY_RESULT_BACKEND`"
    )
    assert result.get(timeout=10) == 5, "Воркер вернул не ту сумму"
