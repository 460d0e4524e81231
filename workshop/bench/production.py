"""The site of lesson 06 as the lesson runs it, on other ports and without systemd."""

import os
import random
import re
import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from workshop.bootstrap import PYTHON
from workshop.lesson.course import files_of
from workshop.lesson.errors import quote
from workshop.lesson.project import write_text
from workshop.processes.ports import is_taken
from workshop.processes.process import Process
from workshop.stage import AT_ONCE, REDIS, Stage, WrongAnswer, wait_for
from workshop.steps import find_lessons

PROGRAMS = ("/usr/sbin/nginx", "/usr/bin/redis-server", "openssl")
# The ports of the lesson: Redis, two sites, http and https.
PORTS = ("6380", "8101", "8102", "8080", "8443")
CERTIFICATE = (
    "openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN=localhost "
    "-keyout deploy/secret/site.key -out deploy/secret/site.crt"
)
# What systemd lets a service open unless its unit says something else.
USUAL_FILES = "-Sn 1024"
PROGRAM = re.compile(r"^ExecStart=(.+)$", re.MULTILINE)
FILES = re.compile(r"^LimitNOFILE=(\d+)$", re.MULTILINE)
EXCEPTION = re.compile(r"^[\w.]*(?:Error|Exception)\b.*")
IN_PROJECT = "%h/my_project/venv/bin/"
PREPARE_SECONDS = 60
# Linux gives connections other ports, from 32768.
QUIET_PORTS = range(20_000, 32_000)


class Production:
    """The project that the lesson ends with, and its processes."""

    def __init__(self, stage: Stage, mail_port: int) -> None:
        """Write the files, with ports that are free; mails go to this port of this machine."""
        missing = [name for name in PROGRAMS if not shutil.which(name)]
        if missing:
            raise WrongAnswer(f"Для рабочего сайта не хватает программ: {', '.join(missing)}.")
        self.stage, self.directory = stage, stage.directory("my_project")
        self.ports = dict(zip(PORTS, _free_ports(), strict=False)) | {"1025": str(mail_port)}
        # What the sites have complained about.
        self.errors: Counter[str] = Counter()
        self._taken = 0
        self._started: list[Process] = []
        (lesson,) = find_lessons("06")
        self.files = files_of(lesson)
        for path, text in self.files.items():
            write_text(self.directory / path, self._moved(path, text))
        password = secrets.token_hex(16)
        write_text(self.directory / "deploy/secret/redis.conf", f"requirepass {password}\n")
        (self.directory / "var").mkdir()
        self.redis_url = f"redis://default:{password}@localhost:{self.ports['6380']}"
        example = (self.directory / "deploy/example.env").read_text(encoding="utf-8")
        self.environment = stage.environment | dict(
            line.split("=", 1) for line in example.splitlines() if line
        )
        self.environment |= {
            "SECRET_KEY": secrets.token_hex(32),
            "REDIS_URL": self.redis_url,
            "EMAIL_DELAY_SECONDS": "0",
        }

    @property
    def port(self) -> int:
        """Where nginx waits for https."""
        return int(self.ports["8443"])

    @property
    def database(self) -> Path:
        """The file of SQLite."""
        return self.directory / "db.sqlite3"

    def take_numbers(self) -> int:
        """Return the first of many numbers that nobody has had."""
        self._taken += 1_000_000
        return self._taken

    def _moved(self, path: str, text: str) -> str:
        if not path.startswith("deploy/"):
            return text
        # One machine sends all forms here, so the limit for each address would stop it.
        text = re.sub(r"^ *limit_req.*\n", "", text, flags=re.MULTILINE)
        # The units number the sites, so their ports are whole only when they start.
        return re.sub("|".join(PORTS + ("1025",)), lambda found: self.ports[found[0]], text)

    def start(self, *, workers: int) -> None:
        """Start everything, with so many workers. Raises WrongAnswer if it does not work."""
        for command in (CERTIFICATE.split(), [str(PYTHON), "manage.py", "migrate"]):
            prepared = self._start(command[0], command, USUAL_FILES)
            if prepared.wait(PREPARE_SECONDS) != 0:
                raise WrongAnswer(quote(f"«{' '.join(command)}» не работает:", prepared.tail))
        self.redis = self.service("redis")
        _wait_for("Ready to accept connections", self.redis)
        self.sites = [self.service("web@", number, self._note) for number in "12"]
        self.workers = [self.service("worker@", str(1 + which)) for which in range(workers)]
        self.nginx = self.service("nginx")
        for site in self.sites:
            _wait_for("Listening on TCP", site)
        for worker in self.workers:
            _wait_for(" ready.", worker)
        _wait_for("start worker processes", self.nginx)

    def stop(self) -> None:
        """End all of it."""
        for process in self._started:
            process.kill()

    def memory(self) -> list[int]:
        """Return the bytes that the sites have, and those that nginx has.

        What a process shares with others does not count.
        """
        return [
            sum(one.memory_full_info().uss for one in _family(processes))
            for processes in (self.sites, [self.nginx])
        ]

    def processor(self) -> dict[str, float]:
        """Return the seconds of a core that each part has taken, by its name in Russian."""
        parts = {
            "сайт": self.sites,
            "воркеры": self.workers,
            "Redis": [self.redis],
            "nginx": [self.nginx],
        }
        return {
            name: sum(sum(one.cpu_times()[:2]) for one in _family(processes))
            for name, processes in parts.items()
        }

    def _note(self, line: str) -> None:
        if EXCEPTION.match(line):
            self.errors[line] += 1

    def service(
        self, name: str, number: str = "", show: Callable[[str], object] = lambda line: None
    ) -> Process:
        """Start what a unit of systemd describes, with as many open files as it may have."""
        unit = self.files[f"deploy/systemd/{name}.service"].replace("%i", number)
        found, files = PROGRAM.search(unit), FILES.search(unit)
        assert found, unit
        line = found[1].replace(IN_PROJECT, f"{PYTHON.parent}/").replace("%%", "%")
        words = [self.ports.get(word, word) for word in line.split()]
        if name == "nginx" and os.geteuid() == 0:
            # The lesson's user is an ordinary one: root's nginx would become another.
            words += ["-g", "user root;"]
        return self._start(
            name + number, words, f"-n {files[1]}" if files else USUAL_FILES, show
        )

    def _start(
        self,
        name: str,
        words: list[str],
        files: str,
        show: Callable[[str], object] = lambda line: None,
    ) -> Process:
        process = self.stage.guard.start(
            name,
            ["sh", "-c", f'ulimit {files} && exec "$@"', "sh", *words],
            cwd=self.directory,
            env=self.environment,
            stopping=REDIS if name == "redis" else AT_ONCE,
            show=show,
        )
        self._started.append(process)
        return process


def _free_ports() -> Iterator[str]:
    """Yield ports that none of the many connections of a measurement may get by chance."""
    for port in random.sample(QUIET_PORTS, len(QUIET_PORTS)):
        if not is_taken(port):
            yield str(port)


def _wait_for(words: str, process: Process) -> None:
    wait_for(lambda: any(words in line for line in process.tail), process)


def _family(processes: list[Process]) -> list[psutil.Process]:
    """Return processes and all that they have started."""
    parents = [psutil.Process(process.pid) for process in processes]
    return [*parents, *(one for parent in parents for one in parent.children(recursive=True))]
