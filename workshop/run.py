"""`python3 -m workshop run`: a step with all its processes and a Redis of its own."""

import errno
import fcntl
import http.client
import os
import queue
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import webbrowser
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from workshop import guard, processes, redis_server
from workshop.bootstrap import NO_PERMISSION, VENV, known_problem
from workshop.steps import STATE_DIR, uses_redis

READY_SECONDS = 60
# A word of what each process prints once it is ready. Step 01's worker gets no further.
READY = {
    "web": re.compile("GET / "),
    "worker": re.compile(r" ready\.$|Trying again in"),
    "beat": re.compile("beat: Starting"),
}
# The success page asks every few seconds, until the mail is sent.
POLLING = re.compile(r"GET /tasks/\S+ (HTTP/1\.1\" )?200 ")


class CannotRun(Exception):
    """The step could not be started; the message says why, in Russian."""


def main(arguments):
    """Run a step until it is stopped.

    Takes the parsed arguments: step (a path), port, open. Returns the exit status: 0 after a
    Ctrl-C, 1 if the step could not start or one of its processes died.
    """
    step, port = arguments.step, arguments.port
    try:
        with _only_run_of(step) as lock:
            _check_port(step, port)
            return _run(step, port, arguments.open, lock)
    except (CannotRun, redis_server.NoRedis) as error:
        print(error, file=sys.stderr)
        return 1


@contextmanager
def _only_run_of(step):
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


def _check_port(step, port):
    if is_taken(port):
        free = next(other for other in range(port + 1, 65536) if not is_taken(other))
        raise CannotRun(
            f"Порт {port} занят другой программой. Возьмите другой:\n"
            f"  python3 -m workshop run {step.name} --port {free}"
        )


def is_taken(port):
    """Tell whether anything listens where a browser looks for localhost and this port."""
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as sock:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                sock.bind((host, port))
        except PermissionError:
            raise CannotRun(
                f"Порт {port} может занять только root. Возьмите от 1024."
            ) from None
        except OSError as error:
            # Any other error: the machine has no such address.
            if error.errno == errno.EADDRINUSE:
                return True
    return False


def _run(step, port, open_browser, lock):
    commands = _procfile(step)
    events = queue.SimpleQueue()
    show = processes.printer(commands)
    processes.stop_on_signals(events)
    scratch = tempfile.mkdtemp(prefix="workshop-")
    environment = _environment(port) | {"TMPDIR": scratch}
    watcher = guard.start(lock, scratch)
    running = []

    def start(name, command):
        process = processes.start(name, command, events, cwd=step, env=environment)
        running.append(process)
        guard.watch(watcher, process)
        return process

    try:
        if uses_redis(step):
            environment["REDIS_URL"] = _redis_url(step, start, show)
        _migrate(step, environment)
        for name, command in commands.items():
            start(name, ["/bin/sh", "-c", f"exec {command}"])
        ready = threading.Event()
        announce = (step, port, open_browser, events, ready)
        threading.Thread(target=_announce, args=announce, daemon=True).start()
        return processes.supervise(running, events, _noticing(commands, show, ready))
    finally:
        for process in running:
            processes.kill_group(process.popen.pid)
        guard.dismiss(watcher)


def _procfile(step):
    """Read the commands of the step's processes: `name: command` lines."""
    try:
        lines = (step / "Procfile").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise CannotRun(
            f"В {step.name} нет файла Procfile: верните его из репозитория."
        ) from None
    return dict(line.split(": ", 1) for line in lines if ": " in line)


def _environment(port):
    # A proxy of the learner's network knows nothing of this machine.
    direct = ",".join([os.environ.get("no_proxy", os.environ.get("NO_PROXY", "")), "localhost"])
    environment = processes.clean_environment() | {
        "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "VIRTUAL_ENV": str(VENV),
        "PYTHONUNBUFFERED": "1",
        "PORT": str(port),
        "no_proxy": direct,
        "NO_PROXY": direct,
    }
    environment.setdefault("JOKES_API_URL", f"http://localhost:{port}/api/jokes/random/")
    return environment


def _redis_url(step, start, show):
    if url := os.environ.get("REDIS_URL"):
        show(None, f"Redis: {redis_server.check(url)} (из REDIS_URL).")
        return url
    server, url = redis_server.start_private(partial(start, "redis"), STATE_DIR / step.name)
    name = Path(server.popen.args[0]).name
    show(None, f"Redis: {url} ({name}, только для этого запуска).")
    return url


def _migrate(step, environment):
    migrate = subprocess.run(
        ["python", "manage.py", "migrate", "--verbosity", "0"],
        cwd=step,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
    )
    if migrate.returncode != 0:
        output = migrate.stdout + migrate.stderr
        tail = "\n".join(output.splitlines()[-15:])
        raise CannotRun(
            known_problem(output)
            or f"В {step.name} не проходит python manage.py migrate:\n{tail}"
        )


def _noticing(names, show, ready):
    """Wrap `show`: hide the polling, and set an event once all of these processes are ready."""
    awaited = READY.keys() & names

    def show_and_notice(name, line):
        if name == "web" and POLLING.search(line):
            return
        show(name, line)
        if name in awaited and READY[name].search(line):
            awaited.remove(name)
            if not awaited:
                ready.set()

    return show_and_notice


def _announce(step, port, open_browser, events, ready):
    """Announce the address as soon as the site answers and everything else is ready."""
    deadline = time.monotonic() + READY_SECONDS
    while not _answers(port):
        if time.monotonic() > deadline:
            events.put(("line", None, "Страница не отвечает: посмотрите, что печатает web."))
            return
        time.sleep(0.1)
    ready.wait(deadline - time.monotonic())
    site = f"http://localhost:{port}/"
    events.put(("line", None, f"Сайт работает: {site}  Остановить: Ctrl-C."))
    if (step / "jokes" / "urls.py").exists():
        events.put(("line", None, f"Шутки: {site}jokes/"))
    if open_browser:
        webbrowser.open(site)


def _answers(port):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    return True
