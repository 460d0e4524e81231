"""`python3 -m workshop faults`: break the real servers, and show what survives, as a table."""

from workshop.steps import ROOT
from workshop.test import Suite, is_failed, run_suites


def main(arguments):
    """Run the fault tests and print their figures.

    Takes the parsed arguments: full and pytest_arguments. Returns the exit status: 0 if
    everything survived, 1 if something did not.
    """
    size = ("--full",) if arguments.full else ()
    suite = Suite("faults", ROOT, ("tests/faults", *size))
    (result,) = run_suites([suite], arguments.pytest_arguments)
    if result.cases:
        print("\n".join(["", *table(result.cases)]))
    return 1 if result.status else 0


def table(cases):
    """Return the lines of a Markdown table of the faults.

    Takes the test cases of pytest's report: the properties of a test are its promise, under the
    name "promise", and its figures.
    """
    lines = ["| Что случилось и что уцелело | Цифры | Секунд |", "| --- | --- | --- |"]
    for case in cases:
        figures = {item.get("name"): item.get("value") for item in case.iter("property")}
        promise = figures.pop("promise", case.get("name"))
        words = "; ".join(f"{name}: {value}" for name, value in figures.items())
        cells = [
            f"**НЕТ.** {promise}" if is_failed(case) else promise,
            words,
            f"{float(case.get('time')):.0f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines
