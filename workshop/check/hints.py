"""The third round: what means something else than in the lesson, though all promises hold."""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from workshop.check.sections import Change
from workshop.lesson.project import read_files
from workshop.lesson.reading import Block

COMMENT = re.compile(r"\s*(//|/\*|\*|#(?!\w)|<!--|\{#)")


class Hint(NamedTuple):
    """A line that only one of two projects has, and the block of the lesson that makes it."""

    sentence: str
    block: Block | None


def hints(files: Mapping[str, str], goal: Path, changes: list[Change]) -> Iterator[Hint]:
    """Yield the first difference of each file of a project as the lesson makes it.

    Takes the learner's files, that project and what the lessons change. Comments, docstrings,
    quotes and order are no difference.
    """
    for path, wanted in read_files(goal).items():
        theirs = files.get(path, "")
        if theirs == wanted:
            continue
        if line := _only_in(path, wanted, theirs):
            yield Hint(f"`{path}`: нет `{line.rstrip(',')}`", _block(path, line, changes))
        elif line := _only_in(path, theirs, wanted):
            yield Hint(f"`{path}`: лишнее `{line.rstrip(',')}`", _block(path, "", changes))


def _only_in(path: str, one: str, other: str) -> str:
    """Return the first line of a text that says what the other text does not, or ""."""
    read = _python_lines if path.endswith(".py") else _lines
    said = Counter(piece for piece, _ in read(other))
    for piece, line in read(one):
        if said[piece] == 0:
            return line
        said[piece] -= 1
    return ""


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if line.strip() and not COMMENT.match(line):
            yield "".join(line.split()), line.strip()


def _python_lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield each piece of a Python text, the smallest first where one holds another."""
    lines = text.splitlines()
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            node.keywords.sort(key=ast.unparse)
        elif isinstance(body := getattr(node, "body", None), list):
            body[:] = [part for part in body if not _is_text(part)]
    yield from _pieces(tree, lines)


def _pieces(node: ast.AST, lines: list[str]) -> Iterator[tuple[str, str]]:
    for child in ast.iter_child_nodes(node):
        yield from _pieces(child, lines)
    number = getattr(node, "lineno", 0)
    if number and not isinstance(node, ast.ClassDef):
        yield ast.unparse(node), lines[number - 1].strip()


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _block(path: str, line: str, changes: list[Change]) -> Block | None:
    for change in reversed(changes):
        if change.path == path and (not line or line in map(str.strip, change.lines)):
            return change.block
    return None
