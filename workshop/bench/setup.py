"""How long it takes to get started, and how long the commands take."""

import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from workshop.bench.sections import Size
from workshop.bench.table import SECONDS, Row, Table
from workshop.lesson.errors import quote
from workshop.lesson.project import copy_step
from workshop.processes.ports import free_port
from workshop.processes.process import Process, Stopping
from workshop.stage import Stage, WrongAnswer, answers, wait_for
from workshop.steps import ROOT, find_step

# The Python that a learner types, not that of `.venv`.
PYTHON = str(Path(sys.base_prefix, "bin", "python3"))
# It stops a worker and all the others, one after the other.
RUN = Stopping(seconds=60)
INSTALL_SECONDS, START_SECONDS = 1200, 60
# Commands that take so long, in seconds, are measured once.
LONG = 5
# What the commands say: `.venv` is made; the learner's own run goes on.
INSTALLED, RUNS_ALREADY = "Окружение готово", "уже запущен"


class CannotMeasure(Exception):
    """This machine can't do it, which is nobody's fault; the message says why, in Russian."""


def measure(stage: Stage, size: Size) -> Table:
    """Measure the installation, the start and the verbs. Raises WrongAnswer."""
    project = stage.directory("my_project")
    copy_step(find_step("05"), project, tests=False)
    verbs: dict[str, Callable[[], list[str]]] = {
        "": lambda: ["--dir", str(project)],
        "diff": lambda: ["diff", "--dir", str(project)],
        "replay --typed": lambda: ["replay", "--typed"],
    }
    if not size.is_quick:
        verbs |= {
            # Into a directory that has one, only what has changed is built.
            "lessons --build": lambda: ["lessons", "--build", str(stage.directory("site"))],
            "check 05": lambda: ["check", "05", "--dir", str(project)],
        }
    rows: list[Row] = []
    if not size.is_quick:
        _add(stage, rows, "clone", "из нового клона до первой страницы run", _first_run)
    _add(stage, rows, "run", "run до первой страницы, .venv готово", _warm_run)
    for name, words in verbs.items():
        label = f"python3 -m workshop {name}".rstrip()
        stage.say(label)
        rows.append(Row(name or "where", label, [_verb(stage, words, size.commands)]))
    return _table("Проект в my_project — готовый шаг 05.", rows)


def measure_tests(stage: Stage, size: Size) -> Table:
    """Measure all tests of the workshop. Raises WrongAnswer if one fails."""
    stage.say("python3 -m workshop test: это минут семь")
    label = "python3 -m workshop test"
    row = Row("test", label, [_verb(stage, lambda: ["test"], 1)])
    return _table("Все шаги и вся мастерская.", [row])


def _table(note: str, rows: list[Row]) -> Table:
    return Table(note, SECONDS, ["время"], rows)


def _add(
    stage: Stage, rows: list[Row], key: str, label: str, seconds: Callable[[Stage], float]
) -> None:
    """Add a row, or say why there is none."""
    stage.say(label)
    try:
        rows.append(Row(key, label, [[seconds(stage)]]))
    except CannotMeasure as error:
        stage.say(f"пропущено: {error}")


def _first_run(stage: Stage) -> float:
    """Clone this checkout, install everything and run. Returns the seconds until the page."""
    if not shutil.which("git"):
        raise CannotMeasure("на этой машине нет git")
    target = stage.directory("clone") / "workshop"
    seconds, status, clone = _timed(stage, ["git", "clone", "-q", str(ROOT), str(target)])
    if status != 0:
        raise CannotMeasure("\n".join(["мастерская не клонируется:", *clone.tail]))
    try:
        seconds += _run(stage, target, INSTALL_SECONDS)
    except WrongAnswer as error:
        if INSTALLED in str(error):
            raise
        raise CannotMeasure(f"пакеты не установились. {error}") from None
    # It takes half a gigabyte.
    shutil.rmtree(target, ignore_errors=True)
    return seconds


def _warm_run(stage: Stage) -> float:
    """Run the last step of this workshop. Returns the seconds until the page."""
    try:
        return _run(stage, ROOT, START_SECONDS)
    except WrongAnswer as error:
        if RUNS_ALREADY in str(error):
            raise CannotMeasure(str(error)) from None
        raise


def _run(stage: Stage, workshop: Path, patience: float) -> float:
    port = free_port()
    started = time.monotonic()
    run = stage.guard.start(
        "run",
        [PYTHON, "-m", "workshop", "run", "--port", str(port)],
        cwd=workshop,
        env=stage.environment,
        stopping=RUN,
    )
    wait_for(lambda: answers(f"http://127.0.0.1:{port}/"), run, patience)
    seconds = time.monotonic() - started
    run.stop()
    return seconds


def _verb(stage: Stage, arguments: Callable[[], list[str]], times: int) -> list[float]:
    """Run a verb so often, or once if it takes long. Returns the seconds of each time."""
    values: list[float] = []
    while len(values) < times and (not values or values[0] < LONG):
        words = arguments()
        seconds, status, process = _timed(stage, [PYTHON, "-m", "workshop", *words])
        if status != 0:
            title = f"«python3 -m workshop {' '.join(words)}» кончается с кодом {status}:"
            raise WrongAnswer(quote(title, process.tail))
        values.append(seconds)
    return values


def _timed(stage: Stage, command: list[str]) -> tuple[float, int, Process]:
    """Run a command to its end. Returns its seconds and its exit status, and the process."""
    started = time.monotonic()
    process = stage.guard.start(
        command[0], command, cwd=ROOT, env=stage.environment, stopping=RUN
    )
    status = process.wait()
    return time.monotonic() - started, status, process
