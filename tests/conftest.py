"""What the tests of the whole share: a copy of the workshop, and real processes in it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from workshop import processes
from workshop.steps import ROOT, all_steps

# What another project of the learner's may have set.
FOREIGN_VARIABLES = {
    "BROKER_URL": "memory://",
    "CELERY_BROKER_URL": "memory://",
    "CELERY_RESULT_BACKEND": "cache+memory://",
    "CELERY_WORKER_POOL": "solo",
    "DJANGO_CONFIGURATION": "Production",
    "DJANGO_SETTINGS_MODULE": "another.settings",
    "LOADER": "another.loader",
    "RESULT_BACKEND": "cache+memory://",
}


def wait_until(condition, seconds, explain):
    """Wait for a condition; fail with the explanation when it does not come true in time.

    Returns the condition's value as soon as it is true.
    """
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"Не дождались за {seconds} с: {explain()}")
        time.sleep(0.05)
    return value


class Process:
    """A process whose output is read as it comes, and all of whose descendants can be found."""

    def __init__(self, command, *, cwd, env=None, **options):
        self.cwd = cwd
        self.output = ""
        self.popen = subprocess.Popen(
            command,
            cwd=cwd,
            env={**clean_environment(), **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            **options,
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.popen.stdout:
            self.output += line

    def wait_for(self, text, seconds=30):
        """Wait until the process prints a text; fail if it ends without it."""
        wait_until(
            lambda: text in self.output or not self.reader.is_alive(),
            seconds,
            lambda: f"«{text}» в выводе\n{self.output}",
        )
        assert text in self.output, f"Процесс закончился без «{text}»:\n{self.output}"

    def wait(self, seconds=30):
        """Wait for the end. Returns the exit status."""
        try:
            status = self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            pytest.fail(f"Процесс не закончился за {seconds} с:\n{self.output}")
        self.reader.join(timeout=5)
        return status

    def family(self):
        """Return {pid: command line} of all the other processes that run in this directory."""
        family = {}
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if (process / "cwd").readlink().is_relative_to(self.cwd):
                    command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    family[int(process.name)] = command
        family.pop(self.popen.pid, None)
        return family

    def kill(self):
        for pid in [self.popen.pid, *self.family()]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.popen.wait()


def leftovers(process):
    """List the temporary directories of a process that has run in a copy of the workshop."""
    return list(process.cwd.parent.glob("*-*"))


def clean_environment():
    """The environment without what would lead a step elsewhere, or wrap its lines."""
    return processes.clean_environment("REDIS_URL", "JOKES_API_URL", "COLUMNS")


@pytest.fixture(autouse=True)
def temporary_directory(tmp_path, monkeypatch):
    """What killed processes leave behind goes to the test's directory, not to the system's."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))


@pytest.fixture
def start():
    """Start processes that do not outlive the test."""
    started = []

    def start(command, *, cwd, **options):
        process = Process(command, cwd=cwd, **options)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()


@pytest.fixture
def workshop_copy(tmp_path):
    """A copy of the steps and the command line, which a test may break; `.venv` is shared."""
    root = tmp_path / "workshop copy"
    ignored = shutil.ignore_patterns("__pycache__", "db.sqlite3", "celerybeat-schedule*")
    for source in [ROOT / "workshop", *all_steps()]:
        shutil.copytree(source, root / source.name, ignore=ignored)
    shutil.copy(ROOT / "requirements.txt", root)
    (root / ".venv").symlink_to(sys.prefix)
    return root


@pytest.fixture
def workshop(start, workshop_copy):
    """Run `python -m workshop …` in the copy."""

    def workshop(*arguments, prefix=(), **options):
        python = workshop_copy / ".venv" / "bin" / "python"
        command = [*prefix, str(python), "-m", "workshop", *arguments]
        return start(command, cwd=workshop_copy, **options)

    return workshop


@pytest.fixture
def free_port():
    """The number of a port that is free now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]
