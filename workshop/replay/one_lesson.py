"""Replays one lesson in a process of its own: `python -m workshop.replay.one_lesson …`."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from workshop.lesson.course import files_of, starting_files
from workshop.lesson.errors import LessonError, quote
from workshop.lesson.project import differences, ignored_names, read_files, write_text
from workshop.lesson.promises import named_promises
from workshop.lesson.reading import read_blocks
from workshop.replay import environments, services, step_tests
from workshop.replay.learner import DEADLINE_SECONDS, arrive
from workshop.replay.walker import walk
from workshop.steps import Lesson, all_steps, find_lessons

PORTS = (6379, 8000, 5672)


def main(argv: list[str]) -> int:
    """Replay a lesson and print what came of it as JSON.

    Takes the lesson's file, an empty scratch directory and how nice the lesson is to others.
    Returns the exit status: 0, or 1 if the lesson is wrong.
    """
    os.nice(int(argv[2]))
    scratch = Path(argv[1])
    (lesson,) = find_lessons(argv[0])
    # A killed replay leaves through the same door: it closes the terminals.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    started = time.monotonic()
    try:
        check_ports(lesson.path)
        if lesson.previous and not lesson.is_beyond:
            check_red(lesson, scratch / "red")
        executed, unexecuted = follow(lesson, scratch)
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


def check_red(lesson: Lesson, scratch: Path) -> None:
    """Make sure that what the lesson names as red is, and says why. Raises LessonError.

    That nothing else is red is what `check` shows: in this lesson before it begins, or at the
    end of the one before.
    """
    project = scratch / "project"
    for path, text in starting_files(lesson).items():
        write_text(project / path, text)
    named = named_promises(read_blocks(lesson.path), lesson.step)
    if not named:
        raise LessonError(lesson.path, 1, "урок не называет красным ни одного обещания")
    if lines := step_tests.complaints_before(project, lesson.step, named, scratch):
        title = f"тесты {lesson.step.name} до урока падают не так, как надо:"
        raise LessonError(lesson.path, 1, quote(title, lines))


def follow(
    lesson: Lesson, scratch: Path, deadline: float = DEADLINE_SECONDS
) -> tuple[int, list[tuple[int, str]]]:
    """Do what a lesson says, from the files that it begins with.

    Whoever begins in the middle of the course does first what the table of contents says: that
    is done literally before the first such lesson. The later ones find the same, made ready.

    Takes the lesson, a scratch directory and the seconds that anything may take. Returns how
    many blocks were executed, and the line and the reason of each of the others.
    Raises LessonError if what the lesson shows does not come, or if the project is not what it
    should be in the end.
    """
    learner = arrive(scratch, lesson, deadline)
    if services.are_needed(lesson.path):
        try:
            learner.environment = services.start(learner.environment)
        except services.NoServices as error:
            raise LessonError(lesson.path, 1, str(error)) from None
    contents = lesson.path.with_name("README.md")
    texts = [lesson.path]
    if lesson.previous == all_steps()[0] and contents.exists():
        texts.insert(0, contents)
    elif (learner.project / "manage.py").exists():
        environments.make_for_project(learner.project)
        python = str(learner.project / "venv" / "bin" / "python")
        migrate = [python, "manage.py", "migrate", "-v0"]
        subprocess.run(migrate, cwd=learner.project, env=learner.environment, check=True)
    for text in texts:
        learner.blocks = read_blocks(text)
        try:
            unexecuted = walk(learner)
        finally:
            learner.leave()
    # Beyond the last step the lesson itself says what running creates.
    goal = learner.project if lesson.is_beyond else lesson.step
    made = read_files(learner.project, ignored_names(goal))
    for path, message in differences(made, files_of(lesson), goal.name):
        writer = learner.writers.get(path)
        raise LessonError(lesson.path, writer.line if writer else 1, message)
    executed = len(learner.blocks) - len(unexecuted)
    return executed, [(block.line, reason) for block, reason in unexecuted]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
