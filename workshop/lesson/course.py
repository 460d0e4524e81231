"""The lessons of the course, and the files that each of them types: the typed states."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from workshop.lesson.console import CHECK, files_after, read_turns
from workshop.lesson.errors import LessonError
from workshop.lesson.files import apply, parts
from workshop.lesson.project import differences, read_files
from workshop.lesson.promises import named_promises
from workshop.lesson.reading import Block, kind_of, read_blocks
from workshop.lesson.tab import check_label, read_visit
from workshop.steps import Lesson, lessons_of

SELF_CHECK = re.compile(r"^## Проверьте себя$(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


# Texts of lessons that are not (or not yet) what their files say.
Texts = Mapping[Path, str]
NO_TEXTS: Texts = MappingProxyType({})

# How the output of `check` ends when all promises are kept: the replay waits for it.
KEPT = "Всё как обещано."


@dataclass(frozen=True)
class State:
    """A project's files (path: text, nothing can change it) after a block that touches some.

    `block` knows its lesson (`path`), `heading` and `line`; `paths` are the files it touches.
    """

    block: Block
    paths: tuple[str, ...]
    files: Mapping[str, str]


def starting_files(lesson: Lesson, texts: Texts = NO_TEXTS) -> dict[str, str]:
    """Return the files (path: text) that a lesson starts with, without tests.

    Raises LessonError if an earlier lesson of the stage can't be typed.
    """
    if lesson.is_first:
        return read_files(lesson.previous) if lesson.previous else {}
    stage = lessons_of(lesson.step)
    earlier = stage[stage.index(lesson) - 1]
    files = starting_files(earlier, texts)
    blocks = read_blocks(earlier.path, texts.get(earlier.path))
    states = typed_states(blocks, files, lesson.step.parent)
    return dict(states[-1].files) if states else files


def files_of(lesson: Lesson) -> dict[str, str]:
    """Return the files (path: text) that a lesson ends with, without tests.

    Raises LessonError if it, or an earlier one of the stage, can't be typed.
    """
    if lesson.is_last:
        return read_files(lesson.step)
    states = states_of(lesson)
    return dict(states[-1].files) if states else starting_files(lesson)


def typed_states(
    blocks: Iterable[Block],
    files: Mapping[str, str],
    workshop: Path,
    errors: list[LessonError] | None = None,
) -> list[State]:
    """Type what the blocks of a lesson say, without running anything.

    Takes the blocks, the files before them (path: text), the directory that holds the steps and
    a list to which errors are added; a file with an error stays as it was. Returns a State for
    each block that touches files, in order. Exercises are done in a copy and don't count.
    Raises LessonError if there is no list of errors.
    """
    states, typed = [], dict(files)
    directories: dict[str, str] = {}
    for block in blocks:
        if block.is_exercise:
            continue
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


def exercise_states(
    blocks: Iterable[Block],
    files: Mapping[str, str],
    workshop: Path,
    errors: list[LessonError] | None = None,
) -> list[State]:
    """Type the solutions of a lesson's exercises, in the copy of what the lesson ends with.

    Takes and returns what `typed_states` does.
    """
    own = [replace(block, heading="") for block in blocks if block.is_exercise]
    return typed_states(own, files, workshop, errors)


def complaints(lesson: Lesson, texts: Texts = NO_TEXTS) -> list[LessonError]:
    """Say all that is wrong with a lesson as far as nothing has to run.

    Takes the lesson, and the texts of lessons that are not to be read. What is wrong: blocks
    that can't be read or typed, in the last lesson of a stage files that are not those of the
    step (unless their block has an error already), no «Проверьте себя».
    """
    if not lesson.path.exists():
        return [LessonError(lesson.path, 1, "нет урока")]
    text = texts.get(lesson.path) or lesson.path.read_text(encoding="utf-8")
    try:
        blocks = read_blocks(lesson.path, text)
        start = starting_files(lesson, texts)
    except LessonError as error:
        return [error]
    errors: list[LessonError] = []
    states = typed_states(blocks, start, lesson.step.parent, errors)
    lines = {path: state.block.line for state in states for path in state.paths}
    made = states[-1].files if states else start
    exercise_states(blocks, made, lesson.step.parent, errors)
    try:
        named_promises(blocks, lesson.step)
    except LessonError as error:
        errors.append(error)
    known = {path for error in errors for path in error.paths}
    wanted = read_files(lesson.step) if lesson.is_last else made
    for path, message in differences(made, wanted, lesson.step.name):
        if path not in known:
            errors.append(LessonError(lesson.path, lines.get(path, 1), message, (path,)))
    errors += _red_first(lesson, blocks)
    errors += _self_check(lesson, text, blocks)
    return sorted(errors, key=lambda error: error.line)


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


def _red_first(lesson: Lesson, blocks: list[Block]) -> Iterator[LessonError]:
    """Yield what is missing where a lesson shows the promises that it will keep.

    The first lesson of a stage lets `check` show them; those of another are what is left.
    """
    red = [block for block in blocks if block.words == ["red"]]
    if red and lesson.is_first:
        before = blocks[: blocks.index(red[0])]
        command = f"{CHECK}{lesson.number}"
        if not any(_shows(block, command) for block in before):
            yield red[0].error(f"до этого блока ни один терминал не показывает «{command}»")


def _self_check(lesson: Lesson, text: str, blocks: Iterable[Block]) -> Iterator[LessonError]:
    """Yield what is missing in the lesson's advice on how to check one's work."""
    heading = SELF_CHECK.search(text)
    if not heading:
        yield LessonError(lesson.path, 1, "в уроке нет раздела «Проверьте себя»")
        return
    line = text.count("\n", 0, heading.start()) + 1
    for word in () if lesson.is_beyond else (lesson.step.name, "pytest"):
        if word not in heading[1]:
            message = f"раздел «Проверьте себя» не называет {word}"
            yield LessonError(lesson.path, line, message)
    command = f"{CHECK}{lesson.number}"
    if not lesson.is_beyond and not any(_shows(block, command, KEPT) for block in blocks):
        message = f"ни один терминал не показывает «{command}» и «{KEPT}»"
        yield LessonError(lesson.path, line, message)


def _shows(block: Block, command: str, end: str = "") -> bool:
    """Tell whether a command is typed in a terminal, and its last line ends so."""
    is_console = block.language == "console" and block.words != ["read"]
    return is_console and any(
        turn.typed == command and turn.expected and turn.expected[-1].endswith(end)
        for turn in read_turns(block)
    )
