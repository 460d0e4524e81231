"""Fixtures of the fault tests: a step's processes; and a table of what survives."""

import shutil
import textwrap

import pytest

from workshop.steps import find_step

from .servers import Stack


def pytest_terminal_summary(terminalreporter):
    """Show each promise, and its figures below it."""
    reports = [
        report
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        if report.when == "call" and "promise" in dict(report.user_properties)
    ]
    if reports:
        terminalreporter.section("что сломано и что уцелело")
    columns = shutil.get_terminal_size().columns
    for report in reports:
        figures = dict(report.user_properties)
        promise = f"{'✓' if report.passed else '✗'} {figures.pop('promise')}"
        details = [f"{report.duration:.0f} с", *map(": ".join, figures.items())]
        for text, indent in ((promise, "  "), ("    " + "; ".join(details), "    ")):
            for line in textwrap.wrap(text, columns, subsequent_indent=indent):
                terminalreporter.line(line)


@pytest.fixture(scope="session")
def is_full(request):
    """Whether the faults run at their full size."""
    return request.config.getoption("--full", default=False)


@pytest.fixture
def figure(request):
    """Report a figure of the test for the table."""

    def figure(name, value):
        request.node.user_properties.append((name, str(value)))

    return figure


@pytest.fixture(autouse=True)
def promise(request, figure):
    """Report what the test promises, with the fault that it is about if it has several."""
    variant = getattr(request.node, "callspec", None)
    figure("promise", request.function.__doc__ + (f" [{variant.id}]" if variant else ""))


@pytest.fixture
def start_stack(tmp_path):
    """Start a step's Redis, to which the test adds the processes that it needs."""
    stacks = []

    def start_stack(step):
        directory = tmp_path / f"stack_{len(stacks)}"
        directory.mkdir()
        stack = Stack(find_step(step), directory)
        stacks.append(stack)
        return stack

    yield start_stack
    for stack in stacks:
        stack.close()
