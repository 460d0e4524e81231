"""The course as a row of points, and how far a learner's files have come along it.

Pure: of all files it reads only the lessons and the steps.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from workshop.lesson.course import starting_files, states_of
from workshop.places import Place, beginning, end, sections_of
from workshop.steps import Lesson, all_lessons
from workshop.wording import lines_of, look

Files = Mapping[str, str]


class Point(NamedTuple):
    """The files (path: text) at one point of the course, and how they came about.

    That is the block that touched `paths`, in the section with this heading of this lesson. A
    point without heading and paths is the beginning of a lesson.
    """

    lesson: Lesson
    heading: str
    paths: tuple[str, ...]
    files: Files


class Stretch(NamedTuple):
    """A section that touches files: its lesson and heading, the points before and after it.

    Without a heading it is the end of a lesson, where nothing is left to be touched.
    """

    lesson: Lesson
    heading: str
    before: int
    after: int


@cache
def course() -> list[Point]:
    """Return the points of the whole course, in order."""
    points = []
    for lesson in all_lessons():
        points.append(Point(lesson, "", (), starting_files(lesson)))
        for state in states_of(lesson):
            points.append(Point(lesson, state.block.heading, state.paths, state.files))
    return points


def point_before(points: Sequence[Point], place: Place) -> int:
    """Return the number of the point at which a lesson, or a section, begins."""
    return _last_point(points, place, 0)


def point_after(points: Sequence[Point], place: Place) -> int:
    """Return the number of the point at which a lesson, or a section, ends."""
    return _last_point(points, place, 1)


def all_paths(points: Iterable[Point]) -> set[str]:
    """Return the paths of all files that there are at any point."""
    return {path for point in points for path in point.files}


def touched(points: Sequence[Point], stretch: Stretch) -> list[str]:
    """Return the paths of the files that a stretch touches, in the lesson's order."""
    blocks = points[stretch.before + 1 : stretch.after + 1]
    return list(dict.fromkeys(path for point in blocks for path in point.paths))


def find_stretch(points: Sequence[Point], files: Files, entered: Path | None) -> Stretch:
    """Find the section that a learner is at: the first that he has not done, or has half done.

    Takes the course, the learner's files (path: text) and the step whose tests he has, if he
    has any: they tell the beginning of a lesson from the end of the one before.
    """
    lines = cache(lines_between)
    paths = all_paths(points)

    def distance(number: int) -> int:
        wanted = points[number].files
        return sum(lines(files.get(path), wanted.get(path)) for path in paths)

    def is_done(stretch: Stretch) -> bool:
        wanted = points[stretch.after].files
        return all(files.get(path) == wanted.get(path) for path in touched(points, stretch))

    def is_begun(stretch: Stretch) -> bool:
        before, after = points[stretch.before].files, points[stretch.after].files
        # Who does not have a file that goes here may not have made it yet.
        return any(
            lines(files.get(path), after[path]) < lines(before.get(path), after[path])
            for path in touched(points, stretch)
            if path in after
        )

    nearest = min(
        (
            number
            for number, point in enumerate(points)
            if point.heading
            or (
                point.lesson.is_first
                and not point.lesson.is_beyond
                and point.lesson.step in (entered, points[0].lesson.step)
            )
        ),
        key=lambda number: (distance(number), -number),
    )
    lesson = points[nearest].lesson
    left = [stretch for stretch in _stretches(points) if stretch.after >= nearest]
    if is_done(left[0]):
        del left[0]
    # Whoever has begun the next section leaves a mistake behind, not work that is half done.
    while len(left) > 1 and is_begun(left[1]):
        del left[0]
    if not left or (left[0].lesson != lesson and not is_begun(left[0])):
        last = point_after(points, Place(lesson))
        return Stretch(lesson, "", last, last)
    return left[0]


def place_of(points: Sequence[Point], stretch: Stretch) -> str:
    """Say where a stretch begins: «в начале урока 03», «в уроке 03 до раздела 5»."""
    lesson = stretch.lesson
    if not stretch.heading:
        return end(Place(lesson))
    if not points[stretch.before].heading:
        return beginning(Place(lesson))
    section = sections_of(lesson)[position(lesson, stretch.heading)]
    if section.number is None:
        return f"в уроке {lesson.number} до раздела «{section.title}»"
    return beginning(Place(lesson, section.number))


def origin(point: Point) -> str:
    """Name the section that a point is in: «урок 03, раздел 5»."""
    section = sections_of(point.lesson)[position(point.lesson, point.heading)]
    words = f"раздел {section.number}" if section.number else f"«{section.title}»"
    return f"урок {point.lesson.number}, {words}"


def maker(points: Sequence[Point], last: int, path: str, have: str) -> int:
    """Find the block that makes what a learner's text of a file lacks or has too much.

    Takes the course, the number of the point whose text is wanted, the file's path and the
    learner's text. Returns the number of the first of these blocks.
    """
    lines: list[str] = []
    makers: list[int] = []
    removers: dict[str, int] = {}
    for number, point in enumerate(points[: last + 1]):
        if path not in point.paths:
            continue
        new = lines_of(point.files.get(path) or "")
        news: list[int] = []
        for kind, old, old_end, first, after in _opcodes(lines, new):
            if kind == "equal":
                news += makers[old:old_end]
            else:
                news += [number] * (after - first)
                removers |= dict.fromkeys(lines[old:old_end], number)
        lines, makers = new, news
    found, mine = [], lines_of(have)
    for kind, extra, extra_end, first, after in _opcodes(mine, lines):
        if kind == "delete":
            near = makers[max(first - 1, 0)] if makers else last
            found += [removers.get(line, near) for line in mine[extra:extra_end]]
        elif kind != "equal":
            # An empty line, or a bracket, is of any block.
            missing = [
                makers[place] for place in range(first, after) if lines[place] not in mine
            ]
            found += missing or makers[first:after]
    return min(found, default=last)


def position(lesson: Lesson, heading: str) -> int:
    """Return the position of a section in its lesson, from 0; that of the beginning is -1."""
    return ["", *(section.heading for section in sections_of(lesson))].index(heading) - 1


def lines_between(one: str | None, other: str | None) -> int:
    """Count the lines that only one of two texts has, whatever their order.

    No file has one line less than an empty one. What the eye misses does not count.
    """
    if one == other:
        return 0
    counts = _looks(one), _looks(other)
    return ((counts[0] - counts[1]) + (counts[1] - counts[0])).total()


@cache
def _looks(text: str | None) -> Counter[str]:
    return Counter([] if text is None else map(look, text.split("\n")))


def _opcodes(old: list[str], new: list[str]) -> Iterable[tuple[str, int, int, int, int]]:
    return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()


def _stretches(points: Sequence[Point]) -> list[Stretch]:
    """Return the sections that touch files, in order."""
    blocks = [number for number, point in enumerate(points) if point.heading]
    groups = groupby(blocks, lambda number: points[number][:2])
    return [
        Stretch(lesson, heading, numbers[0] - 1, numbers[-1])
        for (lesson, heading), group in groups
        if (numbers := list(group))
    ]


def _last_point(points: Sequence[Point], place: Place, more: int) -> int:
    """Return the last point of a lesson before a section, or in it if more is 1."""
    sections = sections_of(place.lesson)
    if place.section is None:
        first = more * len(sections)
    else:
        first = [section.number for section in sections].index(place.section) + more
    return max(
        number
        for number, point in enumerate(points)
        if point.lesson == place.lesson and position(place.lesson, point.heading) < first
    )
