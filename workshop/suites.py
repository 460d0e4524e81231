"""Which tests there are: those of each step, and the parts of those of the whole."""

from dataclasses import dataclass
from pathlib import Path

from workshop.steps import ROOT, all_steps, find_step, uses_redis


@dataclass(frozen=True)
class Suite:
    """The tests that one pytest runs: where, with which paths, and with a Redis or without."""

    name: str
    directory: Path
    paths: tuple[str, ...] = ()
    with_redis: bool = False


# Parts that may run side by side. They take the longest, so they start before the steps'.
PARTS = {
    "lessons": ("tests/test_lessons.py",),
    "runner": ("tests/test_run.py",),
    "tester": ("tests/test_test.py",),
    "faults": ("tests/faults",),
    "errors": ("tests/errors",),
    "browser": (
        "tests/browser/test_steps.py",
        "tests/browser/test_pages.py",
        "tests/browser/test_pictures.py",
    ),
    "site": ("tests/browser/test_lessons_site.py",),
    "first-run": ("tests/test_bootstrap.py",),
}
REST = ("tests", *(f"--ignore={path}" for paths in PARTS.values() for path in paths))
WHOLE = {name: Suite(name, ROOT, paths) for name, paths in {"rest": REST, **PARTS}.items()}


def all_suites() -> list[Suite]:
    """Return the suites of the whole, then those of the steps."""
    return [*WHOLE.values(), *map(_of_step, all_steps())]


def find_suite(name: str) -> Suite:
    """Find a suite by the name of its part, or by what a learner calls its step.

    Raises LookupError, with a message in Russian, for anything else.
    """
    if name in WHOLE:
        return WHOLE[name]
    try:
        return _of_step(find_step(name))
    except LookupError as error:
        raise LookupError(f"{error}\nИли часть мастерской: {', '.join(WHOLE)}") from None


def _of_step(step: Path) -> Suite:
    return Suite(step.name, step, with_redis=uses_redis(step))
