"""`python3 -m workshop test`: every step's tests, then those of the workshop as a whole."""

import shutil
import signal
import sys
import time
import xml.etree.ElementTree as ElementTree
from argparse import Namespace
from dataclasses import dataclass, replace
from functools import partial

from workshop.bootstrap import PYTHON
from workshop.environment import clean_environment
from workshop.processes.guard import Guard
from workshop.processes.printer import Show, prefix_of, printer
from workshop.processes.private_redis import NoRedis, start_redis
from workshop.processes.process import Stopping
from workshop.processes.side_by_side import side_by_side
from workshop.suites import Suite, all_suites

# Most of the time a test waits for a process, so two cores are enough for four of them.
SIDE_BY_SIDE = 4
NO_TESTS_COLLECTED = 5
# Only after a Ctrl-C does pytest stop what its tests have started; they need Redis until then.
PYTEST = Stopping(1, signal.SIGINT)
REDIS = Stopping(2)
DEBUGGERS = {"--pdb", "--trace"}
# The parts that `--full` makes larger.
HAVE_FULL = ("faults", "errors")


@dataclass
class Result:
    """What came of the tests of one suite: pytest's status, and the cases of its report."""

    name: str
    status: int
    seconds: float
    cases: list[ElementTree.Element]


def main(arguments: Namespace) -> int:
    """Run the tests and sum them up.

    Takes the parsed arguments: suites (none means all), full and pytest_arguments. Returns the
    exit status: 0 if all passed, 1 if something failed.
    """
    suites = arguments.suites or all_suites()
    if arguments.full:
        suites = [
            replace(suite, paths=(*suite.paths, "--full")) if suite.name in HAVE_FULL else suite
            for suite in suites
        ]
    names = [suite.name for suite in suites]
    started = time.monotonic()
    try:
        with Guard() as guard:
            run = partial(
                _run,
                guard=guard,
                show=printer(names),
                columns=shutil.get_terminal_size().columns - len(prefix_of(names[0], names)),
                arguments=arguments.pytest_arguments,
                terminal=len(suites) == 1 and bool(DEBUGGERS & {*arguments.pytest_arguments}),
            )
            results = side_by_side(guard, run, suites, SIDE_BY_SIDE)
    except NoRedis as error:
        print(error, file=sys.stderr)
        return 1
    return _sum_up(results, time.monotonic() - started)


def _run(
    suite: Suite,
    *,
    guard: Guard,
    show: Show,
    columns: int,
    arguments: list[str],
    terminal: bool,
) -> Result:
    """Run one suite with a Redis of its own, if it needs one."""
    scratch = guard.scratch / suite.name
    scratch.mkdir()
    environment = clean_environment("REDIS_URL", "JOKES_API_URL")
    environment |= {"COLUMNS": str(columns), "TMPDIR": str(scratch)}
    start = partial(guard.start, cwd=suite.directory, env=environment)
    started = time.monotonic()
    if suite.with_redis:
        start_server = partial(start, "redis", stopping=REDIS)
        redis, environment["REDIS_URL"] = start_redis(start_server, scratch)
    report = scratch / "report.xml"
    command = [str(PYTHON), "-m", "pytest", "-v", "--no-header", f"--junit-xml={report}"]
    pytest = start(
        "pytest",
        [*command, *suite.paths, *arguments],
        stopping=PYTEST,
        show=partial(show, suite.name),
        terminal=terminal,
    )
    status = pytest.wait()
    if suite.with_redis:
        redis.stop()
    if arguments and status == NO_TESTS_COLLECTED:
        status = 0
    # There is no report if pytest could not even start.
    cases = list(ElementTree.parse(report).iter("testcase")) if report.exists() else []
    return Result(suite.name, status, time.monotonic() - started, cases)


def _sum_up(results: list[Result], seconds: float) -> int:
    """Print a line for each suite, and why something was skipped; return the status."""
    width = max(len(result.name) for result in results)
    print("\nИтог:")
    for result in results:
        failed = [case for case in result.cases if _is_failed(case)]
        reasons = [(case, case.find("skipped")) for case in result.cases]
        skipped = [(case, reason) for case, reason in reasons if reason is not None]
        counts = [f"прошло {len(result.cases) - len(failed) - len(skipped)}"]
        if failed:
            counts.append(f"не прошло {len(failed)}")
        if skipped:
            counts.append(f"пропущено {len(skipped)}")
        mark = "✓" if result.status == 0 else "✗"
        print(f"  {mark} {result.name:{width}}  {', '.join(counts)}  ({result.seconds:.1f} с)")
        for case, reason in skipped:
            print(f"      пропущено {case.get('name')}: {reason.get('message')}")
        if result.status != 0 and not failed:
            print(f"      pytest завершился с кодом {result.status}, его вывод — выше")
    wrong = [result.name for result in results if result.status != 0]
    print(
        f"Всего {seconds:.0f} с. "
        + (f"Ошибки: {', '.join(wrong)}." if wrong else "Всё прошло.")
    )
    return 1 if wrong else 0


def _is_failed(case: ElementTree.Element) -> bool:
    return case.find("failure") is not None or case.find("error") is not None
