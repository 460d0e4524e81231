"""`python3 -m workshop test`: every step's tests, then those of the workshop as a whole."""

import queue
import signal
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from workshop import guard, processes, redis_server
from workshop.bootstrap import PYTHON
from workshop.steps import ROOT, all_steps, uses_redis

# Most of the time a test waits for a process, so two cores are enough for three of them.
SIDE_BY_SIDE = 3
INTERRUPTED = 130
NO_TESTS_COLLECTED = 5


@dataclass
class Suite:
    """The tests that one pytest runs: where, with which paths, and with a Redis or without."""

    name: str
    directory: Path
    paths: tuple = ()
    with_redis: bool = False


# The tests of the whole, in parts that may run side by side.
PARTS = {
    "lessons": ("tests/test_lessons.py",),
    "runner": ("tests/test_run.py", "tests/test_test.py"),
    "faults": ("tests/faults",),
}
REST = ("tests", *(f"--ignore={path}" for paths in PARTS.values() for path in paths))
WHOLE = (
    Suite("tests", ROOT, REST),
    *(Suite(name, ROOT, paths) for name, paths in PARTS.items()),
)


@dataclass
class Result:
    """What came of the tests of one suite."""

    name: str
    status: int
    seconds: float
    passed: int = 0
    failed: int = 0
    skip_reasons: tuple = ()


def main(arguments):
    """Run the tests and sum them up.

    Takes the parsed arguments: steps (paths; none means everything) and pytest_arguments.
    Returns the exit status: 0 if all passed, 1 if something failed, 130 after a Ctrl-C.
    """
    steps = arguments.steps or all_steps()
    suites = [Suite(step.name, step, with_redis=uses_redis(step)) for step in steps]
    if not arguments.steps:
        # They take the longest, so they start first.
        suites = [*WHOLE, *suites]
    show = processes.printer([suite.name for suite in suites], queue.SimpleQueue())
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    watcher = guard.start()
    running = []
    run = partial(
        _run, arguments=arguments.pytest_arguments, show=show, watcher=watcher, running=running
    )
    started = time.monotonic()
    pool = ThreadPoolExecutor(SIDE_BY_SIDE)
    try:
        results = list(pool.map(run, suites))
    except redis_server.NoRedis as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Прервано, останавливаю начатое.")
        return INTERRUPTED
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in running:
            processes.stop(process)
        pool.shutdown()
        guard.dismiss(watcher)
    return _sum_up(results, time.monotonic() - started)


def _run(suite, *, arguments, show, watcher, running):
    """Run one suite with a Redis of its own, if it needs one."""
    environment = processes.clean_environment("REDIS_URL", "JOKES_API_URL")
    events = queue.SimpleQueue()

    def start(kind, command, cwd=ROOT):
        process = processes.start(kind, command, events, cwd=cwd, env=environment)
        running.append(process)
        guard.watch(watcher, process)
        return process

    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="workshop-") as scratch:
        report = Path(scratch) / "report.xml"
        if suite.with_redis:
            redis, environment["REDIS_URL"] = redis_server.start_private(
                partial(start, "redis"), Path(scratch)
            )
        command = [str(PYTHON), "-m", "pytest", "-v", "--no-header", f"--junit-xml={report}"]
        pytest = start("pytest", [*command, *suite.paths, *arguments], cwd=suite.directory)
        kind, process, line = events.get()
        while (kind, process) != ("exit", pytest):
            if process is pytest:
                show(suite.name, line)
            kind, process, line = events.get()
        if "REDIS_URL" in environment:
            processes.stop(redis)
        seconds = time.monotonic() - started
        status = pytest.popen.returncode
        if arguments and status == NO_TESTS_COLLECTED:
            status = 0
        return _read_report(report, Result(suite.name, status, seconds))


def _read_report(report, result):
    """Fill in the counts from pytest's report; it has none if pytest could not even start."""
    if report.exists():
        for case in ElementTree.parse(report).iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                result.failed += 1
            elif (skipped := case.find("skipped")) is not None:
                result.skip_reasons += (f"{case.get('name')}: {skipped.get('message')}",)
            else:
                result.passed += 1
    return result


def _sum_up(results, seconds):
    """Print a line for each suite, and why something was skipped; return the status."""
    width = max(len(result.name) for result in results)
    print("\nИтог:")
    for result in results:
        counts = [f"прошло {result.passed}"]
        if result.failed:
            counts.append(f"не прошло {result.failed}")
        if result.skip_reasons:
            counts.append(f"пропущено {len(result.skip_reasons)}")
        mark = "✓" if result.status == 0 else "✗"
        print(f"  {mark} {result.name:{width}}  {', '.join(counts)}  ({result.seconds:.1f} с)")
        for reason in result.skip_reasons:
            print(f"      пропущено {reason}")
        if result.status != 0 and not result.failed:
            print(f"      pytest завершился с кодом {result.status}, его вывод — выше")
    failed = [result.name for result in results if result.status != 0]
    print(
        f"Всего {seconds:.0f} с. "
        + (f"Ошибки: {', '.join(failed)}." if failed else "Всё прошло.")
    )
    return 1 if failed else 0
