"""The lessons of the course, and the files that each of them types: the typed states."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from workshop import steps
from workshop.lesson.console import files_after
from workshop.lesson.errors import LessonError
from workshop.lesson.files import apply, parts
from workshop.lesson.project import differences, read_files
from workshop.lesson.promises import named_promises
from workshop.lesson.reading import Block, kind_of, read_blocks
from workshop.lesson.tab import check_label, read_visit

SELF_CHECK = re.compile(r"^## Проверьте себя$(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


class Lesson(NamedTuple):
    """A lesson's file, the step that it starts with (None before the first) and ends with."""

    path: Path
    previous: Path | None
    step: Path


@dataclass(frozen=True)
class State:
    """A project's files (path: text, nothing can change it) after a block that touches some.

    `block` knows its lesson (`path`), `heading` and `line`; `paths` are the files it touches.
    """

    block: Block
    paths: tuple[str, ...]
    files: Mapping[str, str]


def lesson_of(step: Path) -> Lesson:
    """Return the lesson that ends with a step."""
    known = steps.all_steps()
    position = known.index(step)
    previous = known[position - 1] if position else None
    return Lesson(steps.lesson_path(step), previous, step)


def starting_files(lesson: Lesson) -> dict[str, str]:
    """Return the files (path: text) that a lesson starts with, without tests."""
    return read_files(lesson.previous) if lesson.previous else {}


def typed_states(
    blocks: Iterable[Block],
    files: Mapping[str, str],
    workshop: Path,
    errors: list[LessonError] | None = None,
) -> list[State]:
    """Type what the blocks of a lesson say, without running anything.

    Takes the blocks, the files before them (path: text), the directory that holds the steps and
    a list to which errors are added; a file with an error stays as it was. Returns a State for
    each block that touches files, in order. Raises LessonError if there is no list of errors.
    """
    states, typed = [], dict(files)
    directories: dict[str, str] = {}
    for block in blocks:
        try:
            kind = kind_of(block)
            if kind == "files":
                paths = _type(block, typed, errors)
            elif kind == "console":
                before, typed = typed, files_after(block, typed, directories, workshop)
                paths = [path for path, _ in before.items() ^ typed.items()]
            else:
                if kind == "tab":
                    read_visit(block)
                elif kind == "tab_console":
                    check_label(block)
                continue
        except LessonError as error:
            _note(error, errors)
            continue
        if paths:
            touched = tuple(sorted(set(paths)))
            states.append(State(block, touched, MappingProxyType(dict(typed))))
    return states


def states_of(lesson: Lesson) -> list[State]:
    """Return the typed states of a lesson. Raises LessonError if a block can't be typed."""
    blocks = read_blocks(lesson.path)
    return typed_states(blocks, starting_files(lesson), lesson.step.parent)


def complaints(lesson: Lesson, text: str | None = None) -> list[LessonError]:
    """Say all that is wrong with a lesson as far as nothing has to run.

    Takes the lesson, and its text if that is not to be read. What is wrong: blocks that can't
    be read or typed, files that are not those of the step in the end (unless their block has an
    error already), no «Проверьте себя».
    """
    if not lesson.path.exists():
        return [LessonError(lesson.path, 1, "нет урока")]
    text = lesson.path.read_text(encoding="utf-8") if text is None else text
    try:
        blocks = read_blocks(lesson.path, text)
    except LessonError as error:
        return [error]
    errors: list[LessonError] = []
    start = starting_files(lesson)
    states = typed_states(blocks, start, lesson.step.parent, errors)
    lines = {path: state.block.line for state in states for path in state.paths}
    made = states[-1].files if states else start
    try:
        named_promises(blocks, lesson.step)
    except LessonError as error:
        errors.append(error)
    known = {path for error in errors for path in error.paths}
    for path, message in differences(made, read_files(lesson.step), lesson.step.name):
        if path not in known:
            errors.append(LessonError(lesson.path, lines.get(path, 1), message, (path,)))
    return sorted([*errors, *_self_check(lesson, text)], key=lambda error: error.line)


def _type(block: Block, files: dict[str, str], errors: list[LessonError] | None) -> list[str]:
    """Change the files as a block says. Returns the paths of those that it touches."""
    typed = parts(block)
    for part in typed:
        try:
            text = apply(block, part, files.get(part.path))
        except LessonError as error:
            error.paths = (part.path,)
            _note(error, errors)
            continue
        if text is None:
            del files[part.path]
        else:
            files[part.path] = text
    return [part.path for part in typed]


def _note(error: LessonError, errors: list[LessonError] | None) -> None:
    if errors is None:
        raise error
    errors.append(error)


def _self_check(lesson: Lesson, text: str) -> Iterator[LessonError]:
    """Yield what is missing in the lesson's advice on how to check one's work."""
    heading = SELF_CHECK.search(text)
    if not heading:
        yield LessonError(lesson.path, 1, "в уроке нет раздела «Проверьте себя»")
        return
    line = text.count("\n", 0, heading.start()) + 1
    for word in (lesson.step.name, "pytest"):
        if word not in heading[1]:
            message = f"раздел «Проверьте себя» не называет {word}"
            yield LessonError(lesson.path, line, message)
