"""`python3 -m workshop test`: every step's tests, then those of the workshop as a whole."""

import queue
import shutil
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

# Most of the time a test waits for a process, so two cores are enough for four of them.
SIDE_BY_SIDE = 4
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
    "runner": ("tests/test_run.py",),
    "tester": ("tests/test_test.py",),
    "faults": ("tests/faults",),
}
REST = ("tests", *(f"--ignore={path}" for paths in PARTS.values() for path in paths))
WHOLE = (
    Suite("tests", ROOT, REST),
    *(Suite(name, ROOT, paths) for name, paths in PARTS.items()),
)


@dataclass
class Result:
    """What came of the tests of one suite: pytest's status, and the cases of its report."""

    name: str
    status: int
    seconds: float
    cases: list


def main(arguments):
    """Run the tests and sum them up.

    Takes the parsed arguments: steps (paths; none means everything) and pytest_arguments.
    Returns the exit status: 0 if all passed, 1 if something failed.
    """
    steps = arguments.steps or all_steps()
    suites = [Suite(step.name, step, with_redis=uses_redis(step)) for step in steps]
    if not arguments.steps:
        # They take the longest, so they start first.
        suites = [*WHOLE, *suites]
    started = time.monotonic()
    results = run_suites(suites, arguments.pytest_arguments)
    return _sum_up(results, time.monotonic() - started)


def run_suites(suites, arguments):
    """Run suites side by side and show what they print.

    Takes a list of Suite and pytest's arguments. Returns a list of Result. Raises SystemExit if
    there is no Redis or, with 130, after a Ctrl-C. When it returns, no process is left.
    """
    processes.interrupt_once()
    names = [suite.name for suite in suites]
    scratch = tempfile.mkdtemp(prefix="workshop-")
    watcher = guard.start(scratch=scratch)
    running = []
    columns = shutil.get_terminal_size().columns - len(processes.prefix_of(names[0], names))
    run = partial(
        _run,
        arguments=arguments,
        columns=columns,
        scratch=Path(scratch),
        show=processes.printer(names),
        watcher=watcher,
        running=running,
    )
    pool = ThreadPoolExecutor(SIDE_BY_SIDE)
    try:
        return list(pool.map(run, suites))
    except redis_server.NoRedis as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        print("Прервано, останавливаю начатое.")
        sys.exit(INTERRUPTED)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in running:
            processes.stop(process)
        pool.shutdown()
        guard.dismiss(watcher)


def _run(suite, *, arguments, columns, scratch, show, watcher, running):
    """Run one suite with a Redis of its own, if it needs one."""
    scratch /= suite.name
    scratch.mkdir()
    environment = processes.clean_environment("REDIS_URL", "JOKES_API_URL")
    environment |= {"COLUMNS": str(columns), "TMPDIR": str(scratch)}
    events = queue.SimpleQueue()

    def start(kind, command, cwd=ROOT):
        process = processes.start(kind, command, events, cwd=cwd, env=environment)
        running.append(process)
        guard.watch(watcher, process)
        return process

    started = time.monotonic()
    report = scratch / "report.xml"
    if suite.with_redis:
        redis, environment["REDIS_URL"] = redis_server.start_private(
            partial(start, "redis"), scratch
        )
    command = [str(PYTHON), "-m", "pytest", "-v", "--no-header", f"--junit-xml={report}"]
    pytest = start("pytest", [*command, *suite.paths, *arguments], cwd=suite.directory)
    kind, process, line = events.get()
    while (kind, process) != ("exit", pytest):
        if process is pytest:
            show(suite.name, line)
        kind, process, line = events.get()
    if suite.with_redis:
        processes.stop(redis)
    status = pytest.popen.returncode
    if arguments and status == NO_TESTS_COLLECTED:
        status = 0
    # There is no report if pytest could not even start.
    cases = list(ElementTree.parse(report).iter("testcase")) if report.exists() else []
    return Result(suite.name, status, time.monotonic() - started, cases)


def is_failed(case):
    """Tell whether a test case of pytest's report has failed."""
    return case.find("failure") is not None or case.find("error") is not None


def _sum_up(results, seconds):
    """Print a line for each suite, and why something was skipped; return the status."""
    width = max(len(result.name) for result in results)
    print("\nИтог:")
    for result in results:
        failed = [case for case in result.cases if is_failed(case)]
        skipped = [case for case in result.cases if case.find("skipped") is not None]
        counts = [f"прошло {len(result.cases) - len(failed) - len(skipped)}"]
        if failed:
            counts.append(f"не прошло {len(failed)}")
        if skipped:
            counts.append(f"пропущено {len(skipped)}")
        mark = "✓" if result.status == 0 else "✗"
        print(f"  {mark} {result.name:{width}}  {', '.join(counts)}  ({result.seconds:.1f} с)")
        for case in skipped:
            reason = case.find("skipped").get("message")
            print(f"      пропущено {case.get('name')}: {reason}")
        if result.status != 0 and not failed:
            print(f"      pytest завершился с кодом {result.status}, его вывод — выше")
    wrong = [result.name for result in results if result.status != 0]
    print(
        f"Всего {seconds:.0f} с. "
        + (f"Ошибки: {', '.join(wrong)}." if wrong else "Всё прошло.")
    )
    return 1 if wrong else 0
