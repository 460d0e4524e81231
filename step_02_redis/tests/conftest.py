import pytest
import redis
from django.conf import settings

from .processes import starter


def pytest_sessionstart():
    """Без Redis тесты шага не имеют смысла: об этом говорит одна строка."""
    try:
        redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2).ping()
    except (redis.RedisError, ValueError) as error:
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
    """Запускает процессы шага и снимает их после теста."""
    with starter(tmp_path) as start:
        yield start
