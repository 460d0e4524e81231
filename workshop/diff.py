"""`python3 -m workshop diff`: what leads from the learner's files, or one place, to another."""

import difflib
import os
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from workshop.lesson.errors import with_visible_end
from workshop.lesson.project import TESTS, ignored_names, read_files
from workshop.misplaced import misnamed, put_right
from workshop.my_project import (
    Project,
    ProjectError,
    how_to_begin,
    printable,
    read_project,
    remarks_of,
    shown,
    some,
)
from workshop.places import Place, end
from workshop.progress import (
    Point,
    all_paths,
    course,
    find_stretch,
    maker,
    origin,
    point_after,
    point_before,
)
from workshop.steps import all_lessons
from workshop.wording import hidden, lines_of

BOLD, RED, GREEN, CYAN = 1, 31, 32, 36
COLOURS = {"-": RED, "+": GREEN, "@": CYAN}


class Change(NamedTuple):
    """A file that differs: its path, what to say of it, and the lines of its difference."""

    path: str
    words: str
    lines: list[str]


def main(arguments: Namespace) -> int:
    """Show what has to change: the names of the files first, then their lines.

    Takes the parsed arguments: place and other (or None), tests and dir. Returns the exit
    status: 1 if the learner's directory, or a file in it, can't be read.
    """
    points = course()
    try:
        if arguments.other:
            start, place = arguments.place, arguments.other
            project = Project(Path(), _files(points, start, arguments.tests))
            first, title = point_after(points, start), end(start)
        else:
            project, place = _learners(points, arguments)
            first = point_before(points, Place(place.lesson))
            title = f"у вас в {shown(project.directory)}"
    except ProjectError as error:
        print(error, how_to_begin(arguments.dir), file=sys.stderr)
        return 1
    last = point_after(points, place)
    order = _order(points, *sorted((first, last)))
    wanted = _files(points, place, arguments.tests)
    changes = list(_changes(points, project, wanted, order, last))
    named = [f"  {change.path}: {change.words}" for change in changes]
    named += [f"  {line}" for line in remarks_of(project)]
    if project.others:
        named.append(f"  Есть только у вас: {some(project.others)}.")
    if not named:
        print(f"Различий нет: {title} всё так же, как {end(place)}.")
        return 0
    lines = [line for change in changes for line in _coloured(change)]
    print("\n".join([f"- {title}", f"+ {end(place)}", "", *named, *lines]))
    return 1 if project.unread else 0


def _files(points: Sequence[Point], place: Place, tests: bool) -> dict[str, str]:
    """Return the files at the end of a place (path: text), with its step's tests if wanted."""
    files = dict(points[point_after(points, place)].files)
    if tests:
        step = place.lesson.step
        read = read_files(step / TESTS, ignored_names(step))
        files |= {f"{TESTS}/{path}": text for path, text in read.items()}
    return files


def _learners(points: Sequence[Point], arguments: Namespace) -> tuple[Project, Place]:
    """Return the learner's files, and with which place they are to be compared.

    That is the end of the lesson that he is in, if none is named. Raises ProjectError.
    """
    paths = all_paths(points)
    if arguments.tests:
        for lesson in all_lessons():
            paths |= _files(points, Place(lesson), tests=True).keys()
    project = read_project(arguments.dir, paths)
    put_right(points, project)
    if arguments.place:
        return project, arguments.place
    return project, Place(find_stretch(points, project.files, project.entered).lesson)


def _order(points: Sequence[Point], first: int, last: int) -> dict[str, int]:
    """Number the paths of the course in the order in which the lessons come to them.

    What is touched between the first and the last of these points is numbered by that, what
    is not, by the last time before, or else by the first time after.
    """
    order: dict[str, int] = {}
    for number, point in enumerate(points):
        for path in point.paths:
            if order.get(path, 0) <= first and (number <= last or path not in order):
                order[path] = number
    return order


def _changes(
    points: Sequence[Point],
    project: Project,
    wanted: Mapping[str, str],
    order: Mapping[str, int],
    last: int,
) -> Iterator[Change]:
    """Yield what differs from a point, in order; tests, which are in no lesson, come last."""
    paths = {*project.files, *project.unread, *wanted}
    for path in sorted(paths, key=lambda path: (order.get(path, len(points)), path)):
        have, want = project.files.get(path), wanted.get(path)
        place = f" ({origin(points[order[path]])})" if path in order else ""
        if path in project.unread:
            yield Change(path, project.unread[path], [])
        elif want is None:
            yield Change(path, f"здесь его {'ещё ' if place else ''}нет{place}", [])
        elif have is None:
            words = "новый файл" if want else "новый пустой файл"
            yield Change(path, f"{words}{place}", _difference(path, None, want))
        elif have == want and path in project.misplaced:
            yield Change(path, misnamed(project, path), [])
        elif have != want:
            lines = _difference(path, have, want)
            plus, minus = (sum(line.startswith(sign) for line in lines[2:]) for sign in "+-")
            if place:
                place = f" ({origin(points[maker(points, last, path, have)])})"
            words = "; ".join([f"+{plus} −{minus}{place}", *hidden(have, want)])
            if path in project.misplaced:
                words = f"{misnamed(project, path)}; {words}"
            yield Change(path, words, lines)


def _difference(path: str, have: str | None, want: str) -> list[str]:
    """Return the lines of the difference of two texts, as the lessons show it."""
    old = "/dev/null" if have is None else f"a/{path}"
    lines = difflib.unified_diff(
        lines_of(have or ""), lines_of(want), old, f"b/{path}", lineterm=""
    )
    return [_visible(line) for line in lines]


def _visible(line: str) -> str:
    """Show tabs and, of what changes, the spaces at the end; no control characters."""
    text = printable(line.replace("\t", "⇥   "))
    return text if text.startswith(" ") else with_visible_end(text)


def _coloured(change: Change) -> Iterator[str]:
    """Yield an empty line and the lines of a change, coloured in a terminal."""
    is_coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    for number, line in enumerate(["", *change.lines] if change.lines else []):
        colour = BOLD if number in (1, 2) else COLOURS.get(line[:1])
        yield f"\x1b[{colour}m{line}\x1b[0m" if is_coloured and colour else line
