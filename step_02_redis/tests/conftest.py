import os

import pytest
import redis
from django.conf import settings

from .processes import Process


def pytest_sessionstart():
    """Без Redis тесты шага не имеют смысла: об этом говорит одна строка."""
    try:
        redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2).ping()
    except redis.RedisError as error:
        raise pytest.UsageError(
            f"Redis не отвечает по адресу {settings.REDIS_URL} ({error}). Запустите его "
            "командой redis-server или укажите свой адрес в переменной REDIS_URL."
        ) from None


@pytest.fixture(autouse=True)
def empty_redis():
    """Каждый тест начинает с пустой базы Redis."""
    redis.Redis.from_url(settings.REDIS_URL).flushdb()


@pytest.fixture
def start(tmp_path):
    """
    Запускает процесс шага с настройками тестов: `start("celery", "-A", …)`.

    Именованные аргументы меняют настройки только этого процесса.
    """
    processes = []

    def start(*command, **settings):
        module = f"process_settings_{len(processes)}"
        lines = ["from tests.settings import *"]
        lines += [f"{name} = {value!r}" for name, value in settings.items()]
        (tmp_path / f"{module}.py").write_text("\n".join(lines), encoding="utf-8")
        env = os.environ | {
            "DJANGO_SETTINGS_MODULE": module,
            "PYTHONPATH": str(tmp_path),
            "PYTHONUNBUFFERED": "1",
        }
        process = Process(*command, env=env)
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
