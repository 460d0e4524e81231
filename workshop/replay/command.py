"""`python3 -m workshop replay`: does what the lessons say and compares what comes."""

import json
import os
import signal
import sys
import time
from argparse import Namespace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from workshop.lesson.course import complaints
from workshop.lesson.errors import quote
from workshop.processes.guard import Guard
from workshop.processes.process import ORDINARY, Stopping
from workshop.processes.side_by_side import side_by_side
from workshop.replay import isolation, services, wheels
from workshop.steps import ROOT, Lesson, all_lessons

SIDE_BY_SIDE = 6
# What came of a lesson, as `one_lesson` prints it.
Outcome = dict[str, Any]


def main(arguments: Namespace) -> int:
    """Replay lessons and say what came of each.

    Takes the parsed arguments: lessons (lists of them; none means all) and typed (only compare
    the files that the lessons type). Returns the exit status: 0 if each lesson does what it
    says, 1 if one does not.
    """
    started = time.monotonic()
    lessons = list(chain(*arguments.lessons)) or all_lessons()
    right = [lesson for lesson in lessons if is_typed(lesson)]
    failed, skipped = len(lessons) - len(right), 0
    try:
        if right and not arguments.typed:
            results = replay_all(right)
            failed += sum("error" in result for result in results)
            skipped = sum("skipped" in result for result in results)
    except wheels.NoWheels as error:
        print(error, file=sys.stderr)
        return 1
    seconds = time.monotonic() - started
    shown = f"{seconds:.1f}" if arguments.typed else f"{seconds:.0f}"
    left = f" Не повторено: {skipped}." if skipped else ""
    end = f"Не сошлось: {failed}." if failed else "Всё сошлось."
    print(f"Всего {shown} с. {end}{left}")
    return 1 if failed else 0


def is_typed(lesson: Lesson) -> bool:
    """Tell whether what a lesson types gives its step, and show everything that is wrong."""
    errors = complaints(lesson)
    if errors:
        print(f"✗ {lesson.path.name}", *errors, sep="\n", flush=True)
    return not errors


def replay_all(lessons: list[Lesson], most: int = SIDE_BY_SIDE) -> list[Outcome]:
    """Replay lessons, side by side where the system has a network for each, and show results.

    Takes the lessons, and how many may run at the same time. Returns a dictionary for each
    lesson, the last one first: seconds, and error (a text), or executed (a number) and
    unexecuted (a list of [line, reason]); or skipped (the reason). Raises NoWheels if the
    packages for pip can't be had.
    When it returns, no process is left.
    """
    wheels.fill()
    is_possible = isolation.is_possible()
    if not is_possible:
        print("Сетевых пространств имён здесь нет: уроки повторяются один за другим.")
    with Guard() as guard:
        replay_one = partial(_replay_one, guard=guard, is_isolated=is_possible)
        limit = most if is_possible else 1
        # The later lessons take longer: they begin first, and the others give way to them.
        return side_by_side(guard, replay_one, [*enumerate(lessons[::-1])], limit)


def _replay_one(turn: tuple[int, Lesson], *, guard: Guard, is_isolated: bool) -> Outcome:
    """Replay a lesson in a process of its own and show what came of it."""
    place, lesson = turn
    with_services = services.are_needed(lesson.path)
    if with_services and (reason := why_not(is_isolated)):
        return _show(lesson.path, {"skipped": reason, "seconds": 0})
    scratch = guard.scratch / lesson.number
    scratch.mkdir()
    command = [sys.executable, "-m", "workshop.replay.one_lesson", lesson.path.name]
    command += [str(scratch), str(place)]
    started = time.monotonic()
    if is_isolated:
        command = isolation.isolated(command, with_services=with_services)
    environment = os.environ | {"TMPDIR": str(scratch)}
    # unshare ignores SIGTERM; killed, it takes all processes of the lesson with it.
    stopping = Stopping(number=signal.SIGKILL) if is_isolated else ORDINARY
    process = guard.start("replay", command, cwd=ROOT, env=environment, stopping=stopping)
    process.wait()
    if with_services:
        services.remove_leftovers()
    try:
        result = json.loads(process.tail[-1])
    except (IndexError, ValueError):
        result = {
            "error": quote(f"{lesson.path.name}: повтор прервался", process.tail),
            "seconds": time.monotonic() - started,
        }
    return _show(lesson.path, result)


def why_not(is_isolated: bool) -> str:
    """Say in Russian why no lesson with services can be replayed here, "" if one can."""
    if not is_isolated:
        return "ему нужно сетевое пространство имён"
    return isolation.why_no_services()


def _show(lesson: Path, result: Outcome) -> Outcome:
    """Print what came of a lesson, and return it."""
    seconds = f"({result['seconds']:.0f} с)"
    if "skipped" in result:
        print(f"– {lesson.name} не повторяется: {result['skipped']}", flush=True)
        return result
    if "error" in result:
        print(f"✗ {lesson.name} {seconds}\n{result['error']}", flush=True)
        return result
    unexecuted = result["unexecuted"]
    counts = f"блоков выполнено {result['executed']}, не выполнено {len(unexecuted)}"
    print(f"✓ {lesson.name}  {counts}  {seconds}", flush=True)
    for line, reason in unexecuted:
        print(f"      строка {line}: {reason}", flush=True)
    return result
