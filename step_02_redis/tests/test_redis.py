from urllib.parse import urlsplit

import pytest
from django.conf import settings

from django_celery import celery_app

from .tasks import add


@pytest.fixture
def worker(start):
    """Готовый к работе воркер, который знает и задачу тестов."""
    process = start(
        *("celery", "-A", "django_celery", "worker", "-l", "info", "-c", "2"),
        CELERY_IMPORTS=["tests.tasks"],
    )
    process.wait_for("ready.")
    return process


def test_redis_is_broker_and_result_backend():
    """Redis — и брокер сообщений, и хранилище результатов."""
    assert celery_app.conf.broker_url == settings.REDIS_URL, "Проверьте CELERY_BROKER_URL"
    assert celery_app.conf.result_backend == settings.REDIS_URL, (
        "Проверьте CELERY_RESULT_BACKEND"
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
    assert add.delay(2, 3).get(timeout=10) == 5, "Воркер вернул не ту сумму"
