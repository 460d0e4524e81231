"""Runs a step's tests on a project: red before its lesson, green after it."""

import ast
import queue
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from contextlib import contextmanager

from workshop import processes, redis_server
from workshop.lesson.project import TESTS
from workshop.replay.learner import clean_environment
from workshop.steps import uses_redis

SHOWN_LINES = 30
# The message of an assert or of pytest.fail, in a test or in a fixture; its first line decides.
SENTENCE = re.compile(r'(failed on \w+ with ")?(AssertionError|Failed): .*[а-яё]')


def complaints_before(project, previous, step, scratch):
    """Run the step's tests on a project that does not have the step's code yet.

    Takes the project's path (it gets a copy of the tests), those of the previous step and of
    the step, and a scratch directory. Each test may pass or fail with a sentence in Russian,
    and at least one that the previous step does not have must fail. Returns a line for each
    thing that is not so.
    """
    report = scratch / "red.xml"
    result = _run(project, step, scratch, sys.executable, f"--junit-xml={report}")
    if not report.exists():
        return ["pytest не начал работу:", *result.stdout.splitlines()[-SHOWN_LINES:]]
    failures = _failures(report)
    complaints = [
        f"{name} падает без русской фразы: {message.splitlines()[0]}"
        for name, message in failures
        if not SENTENCE.match(message)
    ]
    if not {name.partition("[")[0] for name, _ in failures} - _names(previous):
        complaints.append("ни один новый тест не падает: они ничего не доказывают")
    return complaints


def _failures(report):
    """Return the [name, message] of each failure and error in pytest's report.

    An error of the collection has the name of a module and no sentence.
    """
    return [
        (f"{case.get('classname')}.{case.get('name')}".lstrip("."), outcome.get("message"))
        for case in ElementTree.parse(report).iter("testcase")
        for outcome in case
        if outcome.tag in ("failure", "error")
    ]


def _names(step):
    """Return the names of a step's tests as pytest's report has them."""
    return {
        f"{TESTS}.{path.stem}.{node.name}"
        for path in (step / TESTS).glob("test_*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }


def complaints_after(project, step, scratch):
    """Run the step's tests on what the learner has made, in the learner's own environment.

    Takes the project's path (it gets a copy of the tests), the step's and a scratch directory.
    Returns the last lines of the output, or None if they pass.
    """
    made = sorted(project.glob("*/pyvenv.cfg"))
    python = made[0].parent / "bin" / "python" if made else sys.executable
    result = _run(project, step, scratch, python)
    return None if _passed(result) else result.stdout.splitlines()[-SHOWN_LINES:]


def _passed(result):
    """Tests that were all skipped prove nothing."""
    return result.returncode == 0 and " passed" in result.stdout


def _run(project, step, scratch, python, *options):
    shutil.rmtree(project / TESTS, ignore_errors=True)
    shutil.copytree(step / TESTS, project / TESTS)
    environment = clean_environment(scratch, home=scratch)
    with _redis(step, scratch) as variables:
        return subprocess.run(
            [python, "-m", "pytest", "-q", *options],
            cwd=project,
            env=environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


@contextmanager
def _redis(step, scratch):
    """A private Redis for the tests, if the step needs one."""
    if not uses_redis(step):
        yield {}
        return
    started = []

    def start(command):
        started.append(processes.start("redis", command, queue.SimpleQueue()))
        return started[-1]

    try:
        _, url = redis_server.start_private(start, scratch)
        yield {"REDIS_URL": url}
    finally:
        for process in started:
            processes.stop(process)
