"""A pytest plugin: each promise is reported as a line of JSON as soon as it is known.

A promise is the docstring of a test. The simplest come first.
"""

import json
import os
import signal
from collections.abc import Generator
from types import FrameType
from typing import Any

import pytest
from facts import describe, inside  # type: ignore[import-not-found]  # beside this file

# Imported before pytest begins to capture what tests print.
OUTPUT = open(os.dup(1), "w", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115
PROCESSES = {"start", "site", "worker"}
# Files of tests that break something come after those of what works.
BREAKING = ("delivery", "faults", "outage")
# The promises that a test has found broken: no other test of theirs has anything to add.
BROKEN: set[str] = set()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--deadline", type=int, default=60, help="seconds for each test")
    parser.addoption("--share", type=int, nargs=2, help="which one, of how many")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=_difficulty)
    if not (share := config.getoption("--share")):
        return
    # Share 0 is all that starts no process; what does is dealt out in its order.
    number, count = share
    slow = dict.fromkeys(_name(item) for item in items if _starts_processes(item))
    shares = {name: 1 + turn % count for turn, name in enumerate(slow)}
    others = [item for item in items if shares.get(_name(item), 0) != number]
    items[:] = [item for item in items if item not in others]
    config.hook.pytest_deselected(items=others)


def _difficulty(item: pytest.Item) -> tuple[bool, bool, bool]:
    fixtures = getattr(item, "fixturenames", ())
    is_breaking = any(word in item.nodeid for word in BREAKING)
    return "chromium" in fixtures, _starts_processes(item), is_breaking


def _starts_processes(item: pytest.Item) -> bool:
    return bool(PROCESSES.intersection(getattr(item, "fixturenames", ())))


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.failed:
        _report(broken=report.nodeid, trace=report.longreprtext)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> None:
    _report(begins=_name(item), title=_title(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, Any, Any]:
    if _name(item) in BROKEN:
        pytest.skip()
    with _Deadline(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    with _Deadline(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, Any, Any]:
    report: Any = yield
    if _name(item) in BROKEN:
        return report
    if report.failed and call.excinfo:
        BROKEN.add(_name(item))
        error = call.excinfo.value
        is_said = isinstance(error, (AssertionError, pytest.fail.Exception))
        _report(
            fails=_name(item),
            message=str(error) if is_said else "",
            error=describe(error),
            trace=report.longreprtext,
        )
    elif report.skipped and call.excinfo:
        _report(skips=_name(item), reason=str(call.excinfo.value))
    return report


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    if op != "==":
        return None
    return [f"Ожидалось: {_short(right)}", f"Пришло: {_short(left)}"]


class _Deadline:
    """Makes a test fail where it is when its time is over."""

    def __init__(self, item: pytest.Item) -> None:
        self.seconds: int = item.config.getoption("--deadline")

    def __enter__(self) -> None:
        signal.signal(signal.SIGALRM, self._interrupt)
        signal.alarm(self.seconds)

    def __exit__(self, *error: object) -> None:
        signal.alarm(0)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        while frame and not inside(frame.f_code.co_filename):
            frame = frame.f_back
        place = (
            f"`{inside(frame.f_code.co_filename)}`, строка {frame.f_lineno}: " if frame else ""
        )
        pytest.fail(f"{place}проверка не кончилась за {self.seconds} с.")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}…"


def _name(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def _title(item: pytest.Item) -> str:
    function = getattr(item, "function", None)
    return (getattr(function, "__doc__", "") or item.name).strip()


def _report(**event: object) -> None:
    # pytest's own dots stand without an end of line.
    print(f"\n\x1e{json.dumps(event)}", file=OUTPUT, flush=True)
