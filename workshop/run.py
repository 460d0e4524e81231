"""`python3 -m workshop run`: a step with all its processes and a Redis of its own."""

import fcntl
import http.client
import os
import re
import sys
import threading
import time
import webbrowser
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from workshop.bootstrap import NO_PERMISSION, VENV, known_problem
from workshop.environment import clean_environment
from workshop.processes.guard import Guard
from workshop.processes.ports import is_taken
from workshop.processes.printer import Show, printer
from workshop.processes.private_redis import NoRedis, start_redis
from workshop.processes.process import ORDINARY, Process, Stopping
from workshop.processes.supervisor import Supervisor
from workshop.steps import STATE_DIR, uses_redis

READY_SECONDS = 60
# A word of what each process prints once it is ready. Step 01's worker gets no further.
READY = {
    "web": re.compile("GET / "),
    "worker": re.compile(r" ready\.$|Trying again in"),
    "beat": re.compile("beat: Starting"),
}
# Beat first, so that nothing new is queued; Redis last, since all the others need it. A worker
# finishes its tasks, and a mail may take 60 seconds.
STOPPING = {
    "beat": Stopping(1),
    "web": Stopping(2),
    "worker": Stopping(
        3, seconds=100, reason="он доделывает начатые задачи, письмо отправляется 20 секунд"
    ),
    "redis": Stopping(4),
}
# The success page asks every few seconds, until the mail is sent.
POLLING = re.compile(r"GET /tasks/\S+ (HTTP/1\.1\" )?200 ")


class CannotRun(Exception):
    """The step could not be started; the message says why, in Russian."""


def main(arguments: Namespace) -> int:
    """Run a step until it is stopped.

    Takes the parsed arguments: step (a path), port, open. Returns the exit status: 130 after a
    Ctrl-C (128 and the number of another signal), 1 if the step could not start or one of its
    processes died.
    """
    step, port = arguments.step, arguments.port
    try:
        with _only_run_of(step) as lock:
            _check_port(step, port)
            with Guard(lock) as guard:
                return _run(step, port, arguments.open, guard)
    except (CannotRun, NoRedis) as error:
        print(error, file=sys.stderr)
        return 1


@contextmanager
def _only_run_of(step: Path) -> Iterator[IO[str]]:
    """Two runs of one step would share its database and the data of its Redis."""
    if not os.access(step, os.W_OK):
        raise CannotRun(NO_PERMISSION.format(root=step))
    directory = STATE_DIR / step.name
    directory.mkdir(parents=True, exist_ok=True)
    with open(directory / "run.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotRun(f"{step.name} уже запущен в другом терминале.") from None
        yield lock


def _check_port(step: Path, port: int) -> None:
    try:
        if not is_taken(port):
            return
    except PermissionError:
        message = f"Порт {port} может занять только root. Возьмите от 1024."
        raise CannotRun(message) from None
    free = next(other for other in range(port + 1, 65536) if not is_taken(other))
    raise CannotRun(
        f"Порт {port} занят другой программой. Возьмите другой:\n"
        f"  python3 -m workshop run {step.name} --port {free}"
    )


def _run(step: Path, port: int, open_browser: bool, guard: Guard) -> int:
    commands = _procfile(step)
    environment = _environment(port) | {"TMPDIR": str(guard.scratch)}
    show, ready = printer(commands), threading.Event()
    supervisor = Supervisor(guard, _noticing(commands, show, ready))

    def start(name: str, command: list[str]) -> Process:
        stopping = STOPPING.get(name, ORDINARY)
        return supervisor.start(name, command, cwd=step, env=environment, stopping=stopping)

    if uses_redis(step):
        environment["REDIS_URL"] = _redis_url(step, partial(start, "redis"), show)
    _migrate(step, environment, guard)
    for name, command in commands.items():
        start(name, ["/bin/sh", "-c", f"exec {command}"])
    announce = (step, port, open_browser, supervisor, ready)
    threading.Thread(target=_announce, args=announce, daemon=True).start()
    return supervisor.supervise()


def _procfile(step: Path) -> dict[str, str]:
    """Read the commands of the step's processes: `name: command` lines."""
    try:
        lines = (step / "Procfile").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise CannotRun(
            f"В {step.name} нет файла Procfile: верните его из репозитория."
        ) from None
    pairs = (line.partition(": ") for line in lines)
    return {name: command for name, separator, command in pairs if separator}


def _environment(port: int) -> dict[str, str]:
    # A proxy of the learner's network knows nothing of this machine.
    direct = ",".join([os.environ.get("no_proxy", os.environ.get("NO_PROXY", "")), "localhost"])
    environment = clean_environment() | {
        "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "VIRTUAL_ENV": str(VENV),
        "PYTHONUNBUFFERED": "1",
        "PORT": str(port),
        "no_proxy": direct,
        "NO_PROXY": direct,
    }
    environment.setdefault("JOKES_API_URL", f"http://localhost:{port}/api/jokes/random/")
    return environment


def _redis_url(step: Path, start: Callable[[list[str]], Process], show: Show) -> str:
    if url := os.environ.get("REDIS_URL"):
        # Half of what a run imports, and rarely needed.
        from workshop import redis_url

        show(None, f"Redis: {redis_url.check(url)} (из REDIS_URL).")
        return url
    server, url = start_redis(start, STATE_DIR / step.name)
    show(None, f"Redis: {url} ({Path(server.command[0]).name}, только для этого запуска).")
    return url


def _migrate(step: Path, environment: dict[str, str], guard: Guard) -> None:
    command = ["python", "manage.py", "migrate", "--verbosity", "0"]
    migrate = guard.start("migrate", command, cwd=step, env=environment)
    if migrate.wait() != 0:
        tail = "\n".join(migrate.tail)
        raise CannotRun(
            known_problem(tail)
            or f"В {step.name} не проходит python manage.py migrate:\n{tail}"
        )


def _noticing(names: Iterable[str], show: Show, ready: threading.Event) -> Show:
    """Wrap `show`: hide the polling, and set an event once all of these processes are ready."""
    awaited = READY.keys() & names

    def show_and_notice(name: str | None, line: str) -> None:
        if name == "web" and POLLING.search(line):
            return
        show(name, line)
        if name in awaited and READY[name].search(line):
            awaited.remove(name)
            if not awaited:
                ready.set()

    return show_and_notice


def _announce(
    step: Path, port: int, open_browser: bool, supervisor: Supervisor, ready: threading.Event
) -> None:
    """Announce the address as soon as the site answers and everything else is ready."""
    deadline = time.monotonic() + READY_SECONDS
    while not _answers(port):
        if time.monotonic() > deadline:
            supervisor.say("Страница не отвечает: посмотрите, что печатает web.")
            return
        time.sleep(0.1)
    ready.wait(deadline - time.monotonic())
    site = f"http://localhost:{port}/"
    supervisor.say(f"Сайт работает: {site}  Остановить: Ctrl-C.")
    if (step / "jokes" / "urls.py").exists():
        supervisor.say(f"Шутки: {site}jokes/")
    if open_browser:
        webbrowser.open(site)


def _answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    return True
