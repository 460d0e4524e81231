"""Runs a step's tests on a project: red before its lesson, green after it."""

import queue
import shutil
import subprocess
import sys
from contextlib import contextmanager

from workshop import processes, redis_server
from workshop.replay.learner import clean_environment
from workshop.replay.project import TESTS
from workshop.steps import uses_redis

SHOWN_LINES = 30


def pass_before(project, step, scratch):
    """Tell whether the step's tests pass on a project that does not have the step's code yet.

    Takes the project's path (it gets a copy of the tests), the step's and a scratch directory.
    """
    return _passed(_run(project, step, scratch, sys.executable, "--exitfirst"))


def complaints_after(project, step, scratch):
    """Run the step's tests on what the learner has made, in the learner's own environment.

    Takes what `pass_before` takes. Returns the last lines of the output, or None if they pass.
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
