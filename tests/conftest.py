"""What the tests of the whole share: a copy of the workshop, and real processes in it."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from workshop import my_project
from workshop.environment import clean_environment
from workshop.lesson.project import copy_step, ignored_names
from workshop.processes import ports
from workshop.processes import process as processes
from workshop.steps import ROOT, all_steps

from .learner import Learner

RUNNING_LEAVES = shutil.ignore_patterns(*ignored_names(ROOT))

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


def pytest_addoption(parser):
    parser.addoption(
        "--full", action="store_true", help="run all faults and errors, at their full size"
    )


def pytest_configure(config):
    config.addinivalue_line("markers", "full: runs only with --full")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--full", default=False):
        return
    full = [item for item in items if item.get_closest_marker("full")]
    items[:] = [item for item in items if item not in full]
    config.hook.pytest_deselected(items=full)


def wait_until(condition, seconds, explain, pause=0.05):
    """Wait for a condition; fail with the explanation when it does not come true in time.

    Takes the seconds between two looks, too, for conditions that are not cheap. Returns the
    condition's value as soon as it is true.
    """
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"did not come in {seconds} s: {explain()}")
        time.sleep(pause)
    return value


class Process(processes.Process):
    """A process whose whole output is kept, and all of whose descendants can be found."""

    def __init__(self, command, *, cwd, env=None, **options):
        self.cwd = cwd
        self.lines = []
        # Without what would lead a step elsewhere, or wrap its lines.
        env = clean_environment("REDIS_URL", "JOKES_API_URL", "COLUMNS") | (env or {})
        options |= {"cwd": cwd, "env": env, "show": self.lines.append}
        super().__init__(str(command[0]), command, **options)

    @property
    def output(self):
        return "".join(f"{line}\n" for line in self.lines)

    def wait_for(self, text, seconds=30, count=1):
        """Wait until the process prints a text so often; fail if it ends without it."""

        def is_over():
            if not self.runs():
                self.wait()
                return True
            return self.output.count(text) >= count

        wait_until(is_over, seconds, lambda: f"«{text}» in the output:\n{self.output}")
        assert self.output.count(text) >= count, f"ended without «{text}»:\n{self.output}"

    def wait(self, seconds=30):
        """Wait for the end. Returns the exit status."""
        try:
            return super().wait(seconds)
        except subprocess.TimeoutExpired:
            pytest.fail(f"did not end in {seconds} s:\n{self.output}")

    def family(self):
        """Return {pid: command line} of all the other processes that run in this directory."""
        return {
            other.pid: " ".join(other.info["cmdline"] or ())
            for other in psutil.process_iter(["cwd", "cmdline"])
            if Path(other.info["cwd"] or "/").is_relative_to(self.cwd) and other.pid != self.pid
        }

    def children(self):
        """Return psutil's processes of the direct children: a worker's pool."""
        return psutil.Process(self.pid).children()

    def memory(self):
        """Return the resident memory of the process and its children, in megabytes."""
        process = psutil.Process(self.pid)
        return sum(one.memory_info().rss for one in [process, *self.children()]) / 1e6

    def kill_all(self):
        """Kill the process and whatever runs in its directory, and wait for its end."""
        for pid in self.family():
            processes.kill_group(pid)
        self.kill()


def leftovers(process):
    """List the temporary directories of a process that has run in a copy of the workshop."""
    return list(process.cwd.parent.glob("*-*"))


@pytest.fixture(autouse=True)
def temporary_directory(tmp_path, monkeypatch):
    """What killed processes leave behind goes to the test's directory, not to the system's."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))


@pytest.fixture
def start():
    """Start processes that do not outlive the test."""
    started = []

    def start(command, *, cwd, **options):
        started.append(Process(command, cwd=cwd, **options))
        return started[-1]

    yield start
    for process in started:
        process.kill_all()


@pytest.fixture
def workshop_copy(tmp_path):
    """A copy of the steps and the command line, which a test may break; `.venv` is shared."""
    root = tmp_path / "workshop copy"
    for step in all_steps():
        copy_step(step, root / step.name, tests=True)
    shutil.copytree(ROOT / "workshop", root / "workshop", ignore=RUNNING_LEAVES)
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
def learner(tmp_path, capsys, monkeypatch):
    """A learner whose home is the test's directory, in a terminal of 80 columns."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(my_project, "DIRECTORY", tmp_path / "my_project")
    return Learner(tmp_path, capsys)


@pytest.fixture
def free_port():
    """The number of a port that is free now."""
    return ports.free_port()
