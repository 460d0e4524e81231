"""Runs a step's tests on a project: red before its lesson, green after it."""

import ast
import re
import shutil
import sys
import xml.etree.ElementTree as ElementTree
from functools import partial
from pathlib import Path

from workshop.lesson.project import TESTS
from workshop.processes.guard import Guard
from workshop.processes.private_redis import start_redis
from workshop.processes.process import Process
from workshop.replay.learner import bare_environment
from workshop.steps import uses_redis

# The message of an assert or of pytest.fail, in a test or in a fixture; its first line decides.
SENTENCE = re.compile(r'(failed on \w+ with ")?(AssertionError|Failed): .*[а-яё]')


def complaints_before(project: Path, previous: Path, step: Path, scratch: Path) -> list[str]:
    """Run the step's tests on a project that does not have the step's code yet.

    The project gets a copy of the tests. Each of them may pass or fail with a sentence in
    Russian, and at least one that the previous step does not have must fail. Returns a line
    for each thing that is not so.
    """
    report = scratch / "red.xml"
    pytest = _run(project, step, scratch, sys.executable, f"--junit-xml={report}")
    if not report.exists():
        return ["pytest не начал работу:", *pytest.tail]
    failures = _failures(report)
    complaints = [
        f"{name} падает без русской фразы: {message.splitlines()[0]}"
        for name, message in failures
        if not SENTENCE.match(message)
    ]
    if not {name.partition("[")[0] for name, _ in failures} - _names(previous):
        complaints.append("ни один новый тест не падает: они ничего не доказывают")
    return complaints


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


def _names(step: Path) -> set[str]:
    """Return the names of a step's tests as pytest's report has them."""
    return {
        f"{TESTS}.{path.stem}.{node.name}"
        for path in (step / TESTS).glob("test_*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }


def complaints_after(project: Path, step: Path, scratch: Path) -> list[str]:
    """Run the step's tests on what the learner has made, in the learner's own environment.

    The project gets a copy of the tests. Returns the last lines of the output if they don't
    pass.
    """
    made = sorted(project.glob("*/pyvenv.cfg"))
    python = str(made[0].parent / "bin" / "python") if made else sys.executable
    pytest = _run(project, step, scratch, python)
    # Tests that were all skipped prove nothing.
    is_passed = pytest.wait() == 0 and " passed" in pytest.tail[-1]
    return [] if is_passed else list(pytest.tail)


def _run(project: Path, step: Path, scratch: Path, python: str, *options: str) -> Process:
    """Run the step's tests, with a private Redis if the step needs one. Returns what ended."""
    shutil.rmtree(project / TESTS, ignore_errors=True)
    shutil.copytree(step / TESTS, project / TESTS)
    environment = bare_environment(scratch, home=scratch)
    with Guard() as guard:
        if uses_redis(step):
            _, environment["REDIS_URL"] = start_redis(partial(guard.start, "redis"), scratch)
        command = [python, "-m", "pytest", "-q", *options]
        pytest = guard.start("pytest", command, cwd=project, env=environment)
        pytest.wait()
    return pytest
