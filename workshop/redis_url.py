"""A Redis of the learner's own, which REDIS_URL names."""

from urllib.parse import urlsplit

import redis

from workshop.processes.private_redis import NoRedis

WRONG_URL = """\
В REDIS_URL нужен адрес вида redis://имя:пароль@localhost:6379/0, обязательно в нём только
redis://. Знаки / ? # @ в пароле пишутся как %2F %3F %23 %40. Адреса rediss:// и unix:// шаги
не понимают."""


def check(url: str) -> str:
    """Make sure that a Redis answers at this URL, and that Celery and Channels understand it.

    Returns the URL as it may be shown: without the name and the password. Raises NoRedis.
    """
    try:
        client = redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2)
        parts = urlsplit(url)
    except (TypeError, ValueError):
        raise NoRedis(WRONG_URL) from None
    is_plain = parts.scheme == "redis" and not (parts.query or parts.fragment)
    database = client.get_connection_kwargs().get("db", 0)
    if not is_plain or parts.path not in ("", "/", f"/{database}"):
        raise NoRedis(WRONG_URL)
    shown = f"redis://{parts.netloc.rpartition('@')[2]}{parts.path}"
    try:
        client.ping()
    except (redis.RedisError, ValueError) as error:
        raise NoRedis(
            f"Redis не отвечает по адресу из REDIS_URL, {shown}: {error}\n"
            "Запустите его или уберите переменную REDIS_URL, и мастерская запустит свой."
        ) from None
    return shown
