"""Places of the course as a learner calls them: lessons and their sections.

Uses the standard library alone, since arguments are read before there is an environment.
"""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from workshop.steps import Lesson, find_lessons

HEADING = re.compile(r"^## (?:(\d+)\. )?(.+)$", re.MULTILINE)
FENCED = re.compile(r"^(```+|~~~+).*?^\1[ `~]*$", re.MULTILINE | re.DOTALL)


class Place(NamedTuple):
    """A lesson, or the section of it with this number."""

    lesson: Lesson
    section: int | None = None

    @property
    def name(self) -> str:
        """What a learner types for it: `03_2` or `03_2.5`."""
        number = self.lesson.number
        return number if self.section is None else f"{number}.{self.section}"


class Section(NamedTuple):
    """A section of a lesson; those before and after the numbered ones have no number."""

    number: int | None
    title: str

    @property
    def heading(self) -> str:
        """The section's heading as the lesson has it, which its blocks know, too."""
        return self.title if self.number is None else f"{self.number}. {self.title}"


def find_place(name: str, *, first: bool = False) -> Place:
    """Find a place by what a learner calls it.

    That is a step, a lesson or its file, and perhaps a section: `3`, `tasks`, `step_03_tasks/`,
    `03_2`, `docs_ru/03_2_state.md`, `03_2.5`. A step means the last lesson of its stage, or the
    first. Raises LookupError, with a message in Russian, for anything else.
    """
    called = name.removesuffix(".md").rstrip("/").rpartition("/")[2]
    stage, dot, number = called.rpartition(".")
    lessons = find_lessons(stage if dot else called)
    lesson = lessons[0 if first else -1]
    if not dot:
        return Place(lesson)
    if len(lessons) > 1:
        names = ", ".join(f"{each.number}.{number}" for each in lessons)
        raise LookupError(f"В этом шаге несколько уроков. Какой раздел: {names}?")
    known = [section for section in sections_of(lesson) if section.number is not None]
    for section in known:
        if number.isdecimal() and int(number) == section.number:
            return Place(lesson, section.number)
    lines = "\n".join(f"  {lesson.number}.{section.heading}" for section in known)
    perhaps = ""
    if number.isdecimal() and known:
        nearest = min(known, key=lambda section: abs(int(number) - (section.number or 0)))
        perhaps = f" Может быть, {lesson.number}.{nearest.number}?"
    raise LookupError(
        f"В уроке {lesson.number} нет раздела «{number}».{perhaps} Есть такие:\n{lines}"
    )


def beginning(place: Place) -> str:
    """Say where a place begins: «в начале урока 03», «в уроке 03 до раздела 5»."""
    if place.section is None:
        return f"в начале урока {place.name}"
    return f"в уроке {place.lesson.number} до раздела {place.section}"


def end(place: Place) -> str:
    """Say where a place ends: «в конце урока 03», «в уроке 03 после раздела 5»."""
    if place.section is None:
        return f"в конце урока {place.name}"
    return f"в уроке {place.lesson.number} после раздела {place.section}"


def title_of(lesson: Lesson) -> str:
    """Return the title of a lesson: «Урок 03_1. Задача вместо ожидания»."""
    return _text(lesson.path).partition("\n")[0].removeprefix("# ")


@cache
def sections_of(lesson: Lesson) -> list[Section]:
    """Return the sections of a lesson, in order."""
    found = HEADING.findall(FENCED.sub("", _text(lesson.path)))
    return [Section(int(number) if number else None, title) for number, title in found]


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
