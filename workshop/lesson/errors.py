"""What is said when a lesson is wrong."""

from collections.abc import Iterable
from pathlib import Path


class LessonError(Exception):
    """Something that a lesson promises did not happen; the message, in Russian, says where.

    `line` is the line of the lesson, `paths` are the project's files that it is about.
    """

    def __init__(
        self, path: Path, line: int, message: str, paths: tuple[str, ...] = ()
    ) -> None:
        super().__init__(f"{path.parent.name}/{path.name}:{line}: {message}")
        self.line = line
        self.paths = paths


def quote(title: str, lines: Iterable[str]) -> str:
    """Return a title and, indented, lines with the spaces at their ends made visible."""
    return "\n".join([title, *(f"    {with_visible_end(line)}" for line in lines)])


def with_visible_end(line: str) -> str:
    """Return a line with the number of the spaces at its end, if there are any."""
    text = line.rstrip()
    return text if text == line else f"{text}␠×{len(line) - len(text)}"
