"""`python3 -m workshop faults`: break the real servers, and show what survives, as a table."""

import queue
import signal
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from workshop import guard, processes
from workshop.bootstrap import PYTHON
from workshop.steps import ROOT

INTERRUPTED = 130


def main(arguments):
    """Run the fault tests and print their figures.

    Takes the parsed arguments: full and pytest_arguments. Returns the exit status: 0 if
    everything survived, 1 if something did not, 130 after a Ctrl-C.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="workshop-") as scratch:
        report = Path(scratch) / "report.xml"
        size = ["--full"] if arguments.full else []
        command = [str(PYTHON), "-m", "pytest", "-v", "--no-header", f"--junit-xml={report}"]
        try:
            status = _run([*command, "tests/faults", *size, *arguments.pytest_arguments])
        except KeyboardInterrupt:
            print("Прервано, останавливаю начатое.")
            return INTERRUPTED
        if report.exists():
            print("\n".join(["", *table(ElementTree.parse(report))]))
    return 1 if status else 0


def table(report):
    """Return the lines of a Markdown table of the faults.

    Takes pytest's report, a parsed tree: the properties of a test are its promise, under the
    name "promise", and its figures.
    """
    lines = ["| Что случилось и что уцелело | Цифры | Секунд |", "| --- | --- | --- |"]
    for case in report.iter("testcase"):
        figures = {item.get("name"): item.get("value") for item in case.iter("property")}
        promise = figures.pop("promise", case.get("name"))
        failed = case.find("failure") is not None or case.find("error") is not None
        words = "; ".join(f"{name}: {value}" for name, value in figures.items())
        cells = [
            f"**НЕТ.** {promise}" if failed else promise,
            words,
            f"{float(case.get('time')):.0f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _run(command):
    """Run pytest and show its lines as they come. Returns its exit status."""
    events = queue.SimpleQueue()
    watcher = guard.start()
    pytest = processes.start("pytest", command, events, cwd=ROOT)
    guard.watch(watcher, pytest)
    try:
        kind, _, line = events.get()
        while kind == "line":
            print(line, flush=True)
            kind, _, line = events.get()
    finally:
        processes.stop(pytest)
        guard.dismiss(watcher)
    return pytest.popen.returncode
