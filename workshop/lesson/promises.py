"""```text red: the promises of a step that a lesson turns green.

A promise is the docstring of a test; a parametrized test makes one promise.
"""

import ast
from collections.abc import Iterable
from pathlib import Path

from workshop.lesson.project import TESTS
from workshop.lesson.reading import Block, read_blocks
from workshop.steps import Lesson, lessons_of

MARK = "✗ "


def promises_of(step: Path) -> dict[str, str]:
    """Return the promises of a step under the names that pytest's report gives their tests."""
    return {
        f"{TESTS}.{path.stem}.{node.name}": ast.get_docstring(node) or node.name
        for path in sorted((step / TESTS).glob("test_*.py"))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def node_id(name: str) -> str:
    """Return what pytest's command line calls the test that its report gives this name."""
    module, _, test = name.rpartition(".")
    return f"{module.replace('.', '/')}.py::{test}"


def named_promises(blocks: Iterable[Block], step: Path) -> set[str]:
    """Return the promises that a lesson's blocks name as red.

    Raises LessonError for a line that is no promise of the step.
    """
    promises, named = set(promises_of(step).values()), set()
    for block in blocks:
        if block.language == "text" and block.words == ["red"]:
            for number, line in enumerate(block.lines):
                promise = line.removeprefix(MARK)
                if promise == line or promise not in promises:
                    raise block.error(f"{step.name} не обещает: {line}", number)
                named.add(promise)
    return named


def later_promises(lesson: Lesson) -> set[str]:
    """Return the promises that later lessons of the stage turn green. Raises LessonError."""
    stage = lessons_of(lesson.step) if not lesson.is_last else []
    later = [other for other in stage if other.path > lesson.path]
    named = (named_promises(read_blocks(other.path), lesson.step) for other in later)
    return set().union(*named)
