"""Fixtures of the fault tests: a step's processes, and the figures that a test reports."""

import pytest

from .servers import Stack


def pytest_addoption(parser):
    parser.addoption("--full", action="store_true", help="run the faults at their full size")


@pytest.fixture(scope="session")
def is_full(request):
    """Whether the faults run at their full size."""
    return request.config.getoption("--full", default=False)


@pytest.fixture
def figure(record_property):
    """Report a figure of the test: `python3 -m workshop faults` collects them in a table."""
    return record_property


@pytest.fixture
def start_stack(tmp_path):
    """Start a step's Redis, to which the test adds the processes that it needs."""
    stacks = []

    def start_stack(step):
        directory = tmp_path / f"stack_{len(stacks)}"
        directory.mkdir()
        stack = Stack(step, directory)
        stacks.append(stack)
        return stack

    yield start_stack
    for stack in stacks:
        stack.close()
