"""`python3 -m workshop replay`: does what the lessons say and compares what comes."""

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

from workshop import guard, processes
from workshop.lesson.course import complaints, lesson_of
from workshop.lesson.errors import quote
from workshop.replay import namespace, wheels
from workshop.steps import ROOT, all_steps

SIDE_BY_SIDE = 4
GRACE_SECONDS = 10


def main(arguments):
    """Replay lessons and say what came of each.

    Takes the parsed arguments: steps (paths; none means every lesson) and typed (only compare
    the files that the lessons type). Returns the exit status: 0 if each lesson does what it
    says, 1 if one does not.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    started = time.monotonic()
    lessons = [lesson_of(step) for step in arguments.steps or all_steps()]
    right = [lesson for lesson in lessons if is_typed(lesson)]
    failed = len(lessons) - len(right)
    try:
        if right and not arguments.typed:
            failed += sum("error" in result for result in replay(right))
    except wheels.NoWheels as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Прервано.", file=sys.stderr)
        return 1
    seconds = time.monotonic() - started
    seconds = f"{seconds:.1f}" if arguments.typed else f"{seconds:.0f}"
    print(f"Всего {seconds} с. " + (f"Не сошлось: {failed}." if failed else "Всё сошлось."))
    return 1 if failed else 0


def is_typed(lesson):
    """Tell whether what a Lesson types gives its step, and show everything that is wrong."""
    errors = complaints(lesson)
    if errors:
        print(f"✗ {lesson.path.name}", *errors, sep="\n", flush=True)
    return not errors


def replay(lessons):
    """Replay lessons, side by side where the system has a network for each, and show results.

    Takes a list of Lesson. Returns a dictionary for each, in no order: seconds, and
    either error (a text), or executed (a number) and unexecuted (a list of [line, reason]).
    Raises NoWheels if the packages for pip can't be had. When it returns, no process is left.
    """
    wheels.fill()
    is_possible = namespace.is_possible()
    if not is_possible:
        print("Сетевых пространств имён здесь нет: уроки повторяются один за другим.")
    watcher = guard.start()
    running = []
    pool = ThreadPoolExecutor(SIDE_BY_SIDE if is_possible else 1)
    enter = namespace.enter if is_possible else list
    try:
        one = partial(_replay_one, enter=enter, watcher=watcher, running=running)
        # The later lessons take longer.
        return list(pool.map(one, reversed(lessons)))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in running:
            if process.popen.poll() is None:
                _stop(process)
        pool.shutdown()
        guard.dismiss(watcher)


def _replay_one(lesson, *, enter, watcher, running):
    """Replay a lesson in a process of its own and show what came of it."""
    events, lines = queue.SimpleQueue(), []
    with tempfile.TemporaryDirectory(prefix="replay-", ignore_cleanup_errors=True) as scratch:
        words = [str(path or "") for path in (*lesson, scratch)]
        command = enter([sys.executable, "-m", "workshop.replay.one_lesson", *words])
        started = time.monotonic()
        process = processes.start("replay", command, events, cwd=ROOT)
        running.append(process)
        guard.watch(watcher, process)
        kind, _, line = events.get()
        while kind != "exit":
            lines.append(line)
            kind, _, line = events.get()
    try:
        result = json.loads(lines[-1])
    except (IndexError, ValueError):
        result = {
            "error": quote(f"{lesson.path.name}: повтор прервался", lines[-15:]),
            "seconds": time.monotonic() - started,
        }
    return _show(lesson.path, result)


def _show(lesson, result):
    """Print what came of a lesson, and return it."""
    seconds = f"({result['seconds']:.0f} с)"
    if "error" in result:
        print(f"✗ {lesson.name} {seconds}\n{result['error']}", flush=True)
        return result
    unexecuted = result["unexecuted"]
    counts = f"блоков выполнено {result['executed']}, не выполнено {len(unexecuted)}"
    print(f"✓ {lesson.name}  {counts}  {seconds}", flush=True)
    for line, reason in unexecuted:
        print(f"      строка {line}: {reason}", flush=True)
    return result


def _stop(process):
    """Let a replay close its terminals, and kill it if it doesn't."""
    with suppress(ProcessLookupError):
        os.killpg(process.popen.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.popen.wait(GRACE_SECONDS)
    processes.kill_group(process.popen.pid)
