"""Replays one lesson in a process of its own: `python -m workshop.replay.one_lesson …`."""

import json
import signal
import socket
import sys
import time
from pathlib import Path

from workshop.lesson.errors import LessonError, quote
from workshop.lesson.project import copy_step, differences, ignored_names, read_files
from workshop.lesson.promises import named_promises
from workshop.lesson.reading import read_blocks
from workshop.replay import step_tests
from workshop.replay.learner import DEADLINE_SECONDS, arrive, project_in
from workshop.replay.walker import walk

PORTS = (6379, 8000, 5672)


def main(argv: list[str]) -> int:
    """Replay a lesson and print what came of it as JSON.

    Takes the lesson, the previous step (empty for the first lesson), the next one and an empty
    scratch directory. Returns the exit status: 0, or 1 if the lesson is wrong.
    """
    lesson, step, scratch = Path(argv[0]), Path(argv[2]), Path(argv[3])
    previous = Path(argv[1]) if argv[1] else None
    # A killed replay leaves through the same door: it closes the terminals.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    started = time.monotonic()
    try:
        check_ports(lesson)
        if previous:
            check_red(lesson, previous, step, scratch / "red")
        executed, unexecuted = follow(lesson, previous, step, scratch / "lesson")
        check_green(lesson, step, scratch / "lesson")
    except LessonError as error:
        result: dict[str, object] = {"error": str(error)}
    else:
        result = {"executed": executed, "unexecuted": unexecuted}
    print(json.dumps(result | {"seconds": time.monotonic() - started}))
    return 1 if "error" in result else 0


def check_ports(lesson: Path) -> None:
    """Make sure that nobody listens where the lesson's servers will. Raises LessonError."""
    for port in PORTS:
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind(("127.0.0.1", port))
            except OSError:
                raise LessonError(
                    lesson, 1, f"порт {port} занят ещё до урока: остановите то, что его слушает"
                ) from None


def check_red(lesson: Path, previous: Path, step: Path, scratch: Path) -> None:
    """Make sure that the tests fail before the lesson, and say why. Raises LessonError."""
    project = scratch / "project"
    project.mkdir(parents=True)
    copy_step(previous, project, tests=False)
    named = named_promises(read_blocks(lesson), step)
    if lines := step_tests.complaints_before(project, step, named, scratch):
        title = f"тесты {step.name} до урока падают не так, как надо:"
        raise LessonError(lesson, 1, quote(title, lines))


def follow(
    lesson: Path,
    previous: Path | None,
    step: Path,
    scratch: Path,
    deadline: float = DEADLINE_SECONDS,
) -> tuple[int, list[tuple[int, str]]]:
    """Do what a lesson says, from the previous step's files on.

    Whoever begins in the middle of the course does first what the table of contents says.

    Takes the lesson, the previous step (None before the first one), the step which the lesson
    ends with, a scratch directory and the seconds that anything may take. Returns how many
    blocks were executed, and the line and the reason of each of the others.
    Raises LessonError if what the lesson shows does not come, or if the project is not the step
    in the end.
    """
    learner = arrive(scratch, previous, deadline)
    contents = lesson.with_name("README.md")
    for text in [contents, lesson] if previous and contents.exists() else [lesson]:
        learner.blocks = read_blocks(text)
        try:
            unexecuted = walk(learner)
        finally:
            learner.leave()
    made = read_files(learner.project, ignored_names(step))
    for path, message in differences(made, read_files(step), step.name):
        writer = learner.writers.get(path)
        raise LessonError(lesson, writer.line if writer else 1, message)
    executed = len(learner.blocks) - len(unexecuted)
    return executed, [(block.line, reason) for block, reason in unexecuted]


def check_green(lesson: Path, step: Path, replayed: Path) -> None:
    """Make sure that the learner has seen the step's tests pass. Raises LessonError."""
    if lines := step_tests.complaints_after(project_in(replayed), step):
        title = f"после урока не проходят тесты {step.name}:"
        raise LessonError(lesson, 1, quote(title, lines))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
