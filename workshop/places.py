"""Places of the course as a learner calls them: lessons and their sections.

Uses the standard library alone, since arguments are read before there is an environment.
"""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from workshop.steps import find_step, lesson_path

HEADING = re.compile(r"^## (?:(\d+)\. )?(.+)$", re.MULTILINE)
FENCED = re.compile(r"^(```+|~~~+).*?^\1[ `~]*$", re.MULTILINE | re.DOTALL)


class Place(NamedTuple):
    """A lesson (the one that ends with this step), or the section of it with this number.

    A stage has one lesson. Once it has several, `03_2` is read in `find_place`, and a place
    says which of them it means.
    """

    step: Path
    section: int | None = None

    @property
    def name(self) -> str:
        """What a learner types for it: `03` or `03.5`."""
        lesson = number_of(self.step)
        return lesson if self.section is None else f"{lesson}.{self.section}"


class Section(NamedTuple):
    """A section of a lesson; those before and after the numbered ones have no number."""

    number: int | None
    title: str

    @property
    def heading(self) -> str:
        """The section's heading as the lesson has it, which its blocks know, too."""
        return self.title if self.number is None else f"{self.number}. {self.title}"


def find_place(name: str) -> Place:
    """Find a place by what a learner calls it.

    That is a step or a lesson's file, and perhaps a section: `3`, `tasks`, `step_03_tasks/`,
    `docs_ru/03_tasks.md`, `03.5`. Raises LookupError, with a message in Russian, for anything
    else.
    """
    called = name.removesuffix(".md").rstrip("/").rpartition("/")[2]
    lesson, dot, number = called.rpartition(".")
    if not dot:
        return Place(find_step(called))
    step = find_step(lesson)
    known = [section for section in sections_of(step) if section.number is not None]
    for section in known:
        if number.isdecimal() and int(number) == section.number:
            return Place(step, section.number)
    lines = "\n".join(f"  {number_of(step)}.{section.heading}" for section in known)
    perhaps = ""
    if number.isdecimal() and known:
        nearest = min(known, key=lambda section: abs(int(number) - (section.number or 0)))
        perhaps = f" Может быть, {number_of(step)}.{nearest.number}?"
    raise LookupError(
        f"В уроке {number_of(step)} нет раздела «{number}».{perhaps} Есть такие:\n{lines}"
    )


def beginning(place: Place) -> str:
    """Say where a place begins: «в начале урока 03», «в уроке 03 до раздела 5»."""
    if place.section is None:
        return f"в начале урока {place.name}"
    return f"в уроке {number_of(place.step)} до раздела {place.section}"


def end(place: Place) -> str:
    """Say where a place ends: «в конце урока 03», «в уроке 03 после раздела 5»."""
    if place.section is None:
        return f"в конце урока {place.name}"
    return f"в уроке {number_of(place.step)} после раздела {place.section}"


def number_of(step: Path) -> str:
    """Return the number of a step and its lesson, as in their names: `03`."""
    return step.name.split("_")[1]


def title_of(step: Path) -> str:
    """Return the title of a step's lesson: «Урок 03. Задача вместо ожидания»."""
    return _text(step).partition("\n")[0].removeprefix("# ")


@cache
def sections_of(step: Path) -> list[Section]:
    """Return the sections of a step's lesson, in order."""
    found = HEADING.findall(FENCED.sub("", _text(step)))
    return [Section(int(number) if number else None, title) for number, title in found]


@cache
def _text(step: Path) -> str:
    return lesson_path(step).read_text(encoding="utf-8")
