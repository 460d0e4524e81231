"""Runs a step's tests on the project with which a lesson begins."""

import re
import shutil
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Collection
from functools import partial
from pathlib import Path

from workshop.lesson.project import TESTS
from workshop.lesson.promises import node_id, promises_of
from workshop.processes.guard import Guard
from workshop.processes.private_redis import start_redis
from workshop.processes.process import Process
from workshop.replay.learner import bare_environment
from workshop.steps import uses_redis

# The message of an assert or of pytest.fail, in a test or in a fixture; its first line decides.
SENTENCE = re.compile(r'(failed on \w+ with ")?(AssertionError|Failed): .*[а-яё]')


def complaints_before(
    project: Path, step: Path, named: Collection[str], scratch: Path
) -> list[str]:
    """Run the tests of promises on a project that does not have the step's code yet.

    The project gets a copy of the tests. Those of the promises must fail, each with a sentence
    in Russian. Returns a line for each thing that is not so.
    """
    report = scratch / "red.xml"
    promises = promises_of(step)
    tests = [node_id(name) for name, title in promises.items() if title in named]
    pytest = _run(project, step, tests, scratch, report)
    if not report.exists():
        return ["pytest не начал работу:", *pytest.tail]
    failures = _failures(report)
    broken = {promises.get(name.partition("[")[0], name) for name, _ in failures}
    return [
        *(
            f"{name} падает без русской фразы: {message.splitlines()[0]}"
            for name, message in failures
            if not SENTENCE.match(message)
        ),
        *(f"до урока не красное: {title}" for title in sorted(set(named) - broken)),
    ]


def _failures(report: Path) -> list[tuple[str, str]]:
    """Return the name and the message of each failure and error in pytest's report.

    An error of the collection has the name of a module and no sentence.
    """
    return [
        (f"{case.get('classname')}.{case.get('name')}".lstrip("."), outcome.get("message", ""))
        for case in ElementTree.parse(report).iter("testcase")
        for outcome in case
        if outcome.tag in ("failure", "error")
    ]


def _run(project: Path, step: Path, tests: list[str], scratch: Path, report: Path) -> Process:
    """Run tests of the step, with a private Redis if it needs one. Returns what ended."""
    shutil.rmtree(project / TESTS, ignore_errors=True)
    shutil.copytree(step / TESTS, project / TESTS)
    environment = bare_environment(scratch, home=scratch)
    with Guard() as guard:
        if uses_redis(step):
            _, environment["REDIS_URL"] = start_redis(partial(guard.start, "redis"), scratch)
        command = [sys.executable, "-m", "pytest", "-q", f"--junit-xml={report}", *tests]
        pytest = guard.start("pytest", command, cwd=project, env=environment)
        pytest.wait()
    return pytest
