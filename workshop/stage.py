"""Copies of the steps, and their processes: Redis, sites, workers; to measure, to photograph.

What runs is a step's own code, with some settings that are others.
"""

import signal
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import requests

from workshop.bootstrap import PYTHON
from workshop.environment import clean_environment
from workshop.lesson.errors import quote
from workshop.lesson.project import copy_step, write_text
from workshop.processes.guard import Guard
from workshop.processes.ports import free_port
from workshop.processes.private_redis import start_redis
from workshop.processes.process import Process, Stopping
from workshop.steps import ROOT, find_step

READY_SECONDS = 60
# Nobody waits for what is left to do. Redis goes last, since all the others need it.
AT_ONCE = Stopping(0, signal.SIGKILL)
REDIS = Stopping(1, signal.SIGKILL)


class WrongAnswer(Exception):
    """What was started did not do its work; the message says what, in Russian."""


class Project(NamedTuple):
    """A copy of a step, and the Redis that it uses."""

    directory: Path
    redis_url: str


class Stage:
    """Starts processes of the steps; the guard ends them."""

    def __init__(self, guard: Guard, say: Callable[[str], None]) -> None:
        """Take the guard, and the function that tells a learner what goes on."""
        self.guard, self.say = guard, say
        self.environment = clean_environment("REDIS_URL", "JOKES_API_URL") | {
            "PYTHONUNBUFFERED": "1",
            "TMPDIR": str(guard.scratch),
        }
        self._number = 0

    def directory(self, name: str) -> Path:
        """Make an empty directory that is removed in the end."""
        self._number += 1
        directory = self.guard.scratch / f"{name}-{self._number}"
        directory.mkdir()
        return directory

    def redis(self) -> tuple[Process, str]:
        """Start a Redis. Returns its process and URL; raises NoRedis."""
        directory = self.directory("redis")
        start = partial(self.guard.start, "redis", cwd=directory, stopping=REDIS)
        return start_redis(start, directory)

    def project(
        self,
        step: str,
        redis_url: str,
        *,
        files: Mapping[str, str] | None = None,
        settings: Mapping[str, object] | None = None,
        unset: Iterable[str] = (),
    ) -> Project:
        """Copy a step.

        Takes the files (path: text) that replace its own, the settings with other values, and
        the names of those that it is to lack.
        """
        project = Project(self.directory(find_step(step).name), redis_url)
        copy_step(find_step(step), project.directory, tests=False)
        for path, text in (files or {}).items():
            write_text(project.directory / path, text)
        lines = ["from django_celery.settings import *"]
        lines += [f"{name} = {value!r}" for name, value in (settings or {}).items()]
        lines += [f"del {name}" for name in unset]
        write_text(project.directory / "stage_settings.py", "\n".join([*lines, ""]))
        return project

    def start(
        self,
        project: Project,
        *words: str,
        show: Callable[[str], object] = lambda line: None,
    ) -> Process:
        """Start Python with these arguments in a project."""
        environment = self.environment | {
            "DJANGO_SETTINGS_MODULE": "stage_settings",
            "REDIS_URL": project.redis_url,
        }
        return self.guard.start(
            " ".join(words[:4]),
            [str(PYTHON), *words],
            cwd=project.directory,
            env=environment,
            stopping=AT_ONCE,
            show=show,
        )

    def module(
        self, name: str, *words: object, show: Callable[[str], object] = lambda line: None
    ) -> Process:
        """Start a module of the workshop with these arguments."""
        command = [str(PYTHON), "-m", name, *map(str, words)]
        return self.guard.start(
            name, command, cwd=ROOT, env=self.environment, stopping=AT_ONCE, show=show
        )

    def site(self, project: Project) -> "Started":
        """Start the site as a learner does."""
        port = free_port()
        command = ("manage.py", "runserver", "--noreload", str(port))
        address = f"http://127.0.0.1:{port}/"
        return Started(self.start(project, *command), partial(answers, address), address)

    def worker(self, project: Project) -> "Started":
        """Start a worker with two processes."""
        ready = threading.Event()

        def notice(line: str) -> None:
            if line.endswith(" ready."):
                ready.set()

        command = ("-m", "celery", "-A", "django_celery", "worker", "-l", "info", "-c", "2")
        return Started(self.start(project, *command, show=notice), ready.is_set)


@dataclass
class Started:
    """A process that gets ready while others start; `address` is that of a site."""

    process: Process
    is_ready: Callable[[], object]
    address: str = ""

    def wait(self) -> None:
        """Wait until it is ready. Raises WrongAnswer if it ends or is too slow."""
        wait_for(self.is_ready, self.process)


def answers(address: str) -> bool:
    """Tell whether a site answers with a page."""
    try:
        with requests.Session() as session:
            # A proxy of the learner's network knows nothing of this machine.
            session.trust_env = False
            return session.get(address, timeout=5).ok
    except requests.RequestException:
        return False


def wait_for(
    condition: Callable[[], object], process: Process, seconds: float = READY_SECONDS
) -> None:
    """Wait until a process has done something. Raises WrongAnswer if it ends or is too slow."""
    deadline = time.monotonic() + seconds
    while not condition():
        if not process.runs():
            process.wait()
            raise WrongAnswer(quote(f"«{process.name}» не работает:", process.tail))
        if time.monotonic() > deadline:
            title = f"«{process.name}» не успевает за {seconds:.0f} с:"
            raise WrongAnswer(quote(title, process.tail))
        time.sleep(0.02)
