"""Where in the course something is made: found in the typed states of the lessons."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from workshop.lesson.course import State, states_of
from workshop.lesson.project import read_files
from workshop.lesson.reading import Block
from workshop.steps import Lesson, all_lessons

NAME = re.compile(r"[A-Za-z_]\w{2,}")
# What a message is about: code in backticks, a key in quotes, a setting.
CODE = re.compile(r"""`([^`]+)`|"(\w+)"|'(\w+)'|\b([A-Z]+_[A-Z_]+)\b""")


class Change(NamedTuple):
    """What a block of a lesson does to one file: the lines that it adds."""

    block: Block
    path: str
    lines: frozenset[str]


class Missing(NamedTuple):
    """What the learner's project does not have yet, and the block that makes it."""

    sentence: str
    block: Block


def states_until(lesson: Lesson) -> list[State]:
    """Return the typed states of all lessons up to this one."""
    lessons = [each for each in all_lessons() if each.path <= lesson.path]
    return [state for each in lessons for state in states_of(each)]


def changes_of(states: Iterable[State]) -> list[Change]:
    """Return what the blocks of these states do to each file, in the course's order."""
    changes: list[Change] = []
    files: Mapping[str, str] = {}
    for state in states:
        for path in state.paths:
            new, old = (side.get(path, "").splitlines() for side in (state.files, files))
            changes.append(Change(state.block, path, frozenset(new).difference(old)))
        files = state.files
    return changes


def place_of(block: Block) -> str:
    """Say in Russian which lesson and section a block stands in: «урок 03, раздел 7»."""
    number = re.match(r"\d\d(_\d+)?(?=_|$)", block.path.stem)
    lesson = f"урок {number[0] if number else block.path.stem}"
    section = re.match(r"(\d+)\. ", block.heading)
    return f"{lesson}, раздел {section[1]}" if section else f"{lesson}, «{block.heading}»"


def find_block(message: str, changes: list[Change], path: str = "") -> Block | None:
    """Find the block that last touches what a message names.

    Takes the message, what the blocks change, and the file if it is known. A line with a name
    from the message in the file that it names counts most, then such a line anywhere, then the
    file. Returns None if the message names nothing of the course.
    """
    spans = [part for match in CODE.findall(message) for part in match if part]
    paths = {change.path for change in changes}
    named = [path] if path else [span for span in spans if span in paths]
    there = [change for change in changes if change.path in named]
    codes = [span for span in spans if span not in paths]
    names = [name for code in codes for name in (code, *NAME.findall(code))]
    for candidates in (there, changes):
        for name in names:
            whole = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
            for change in reversed(candidates):
                if any(map(whole.search, change.lines)):
                    return change.block
    return there[-1].block if there else None


def what_is_missing(
    files: Mapping[str, str], goal: Path, changes: list[Change]
) -> Iterator[Missing]:
    """Yield what the goal has and the learner's project has not, in the course's order.

    That are files, and the names in Python files that other files use: tasks, functions,
    classes, settings.
    """
    wanted = read_files(goal)
    done: set[tuple[str, str]] = set()
    for change in changes:
        path = change.path
        if path not in wanted or (path, "") in done:
            continue
        if path not in files:
            done.add((path, ""))
            yield Missing(_no_file(path, files, wanted), change.block)
            continue
        kinds, theirs = _names(path, wanted[path]), _names(path, files[path])
        added = {word for line in change.lines for word in NAME.findall(line)}
        for name, kind in kinds.items():
            is_new = name in added and (path, name) not in done and name[:2] != "__"
            if is_new and name not in theirs and _is_used(path, name, wanted):
                done.add((path, name))
                close = get_close_matches(name, theirs.keys() - kinds.keys(), 1, 0.7)
                hint = f" Похоже, вместо него написано `{close[0]}`." if close else ""
                sentence = f"В `{path}` ещё нет {kind} `{name}`.{hint}"
                yield Missing(sentence, change.block)


def _no_file(path: str, files: Mapping[str, str], wanted: Mapping[str, str]) -> str:
    name = Path(path).name
    close = [
        other
        for other in files
        if other not in wanted and (Path(other).name == name or _is_near(other, path))
    ]
    hint = (
        f" Похожий файл лежит здесь: `{close[0]}`." if close and name != "__init__.py" else ""
    )
    return f"Ещё нет файла `{path}`.{hint}"


def _is_near(other: str, path: str) -> bool:
    return Path(other).parent == Path(path).parent and bool(
        get_close_matches(Path(path).stem, [Path(other).stem], 1, 0.7)
    )


def _names(path: str, text: str) -> dict[str, str]:
    """Return the names at the top of a Python file, with what each is, in Russian."""
    if not path.endswith(".py"):
        return {}
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return {}
    names = {}
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            is_task = any("shared_task" in ast.unparse(line) for line in node.decorator_list)
            names[node.name] = "задачи" if is_task else "функции"
        elif isinstance(node, ast.ClassDef):
            names[node.name] = "класса"
        elif isinstance(node, ast.Assign):
            kind = "настройки" if path.endswith("/settings.py") else "имени"
            names |= {to.id: kind for to in node.targets if isinstance(to, ast.Name)}
        elif isinstance(node, ast.ImportFrom) and path.endswith("__init__.py"):
            names |= {alias.asname or alias.name: "имени" for alias in node.names}
    return names


def _is_used(path: str, name: str, files: Mapping[str, str]) -> bool:
    """Tell whether the name matters outside its file: Django and Celery read some files."""
    return path.endswith(("/settings.py", "/__init__.py")) or any(
        name in NAME.findall(text)
        for other, text in files.items()
        if other != path and other.endswith((".py", ".html"))
    )
