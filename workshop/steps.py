"""Which steps there are, and how a learner may call them."""

import re
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
STATE_DIR = ROOT / ".workshop"
# `03_tasks.md`, or one of several lessons of a stage: `03_2_state.md`.
LESSON = re.compile(r"(\d\d(?:_\d)?)_(\w+)")


class Lesson(NamedTuple):
    """A lesson's file, the step before its stage (None before the first) and the stage's step.

    The last lesson of a stage ends with the step, the others on the way to it. A lesson beyond
    the last step starts with that step, and there is none that it ends with.
    """

    path: Path
    previous: Path | None
    step: Path

    @property
    def number(self) -> str:
        """What the lesson is called by: `02`, `03_2`."""
        named = LESSON.fullmatch(self.path.stem)
        return named[1] if named else self.path.stem

    @property
    def is_first(self) -> bool:
        """Tell whether the lesson begins with a step."""
        return self.is_beyond or self.path == _lesson_paths(self.step)[0]

    @property
    def is_last(self) -> bool:
        """Tell whether the lesson ends with the step of its stage."""
        return self.path == _lesson_paths(self.step)[-1]

    @property
    def is_beyond(self) -> bool:
        """Tell whether the lesson goes on from the last step, without tests of its own."""
        return self.step == self.previous


def all_steps() -> list[Path]:
    """Return all step directories, in the course's order."""
    return sorted(ROOT.glob("step_[0-9][0-9]_*"))


def find_step(name: str) -> Path:
    """Find a step by what a learner calls it.

    That is a number (`5`, `05`), a topic (`channels`) or a directory (`step_05_channels/`).
    Raises LookupError, with a message in Russian, for anything else.
    """
    wanted = name.rstrip("/").lower()
    names = {}
    for step in all_steps():
        _, number, topic = step.name.split("_", 2)
        called = (step.name, f"{number}_{topic}", topic, number, str(int(number)))
        names.update(dict.fromkeys(called, step))
    if wanted in names:
        return names[wanted]
    known = "\n".join(f"  {step.name}" for step in all_steps())
    close = get_close_matches(wanted, names, 1)
    perhaps = f" Может быть, {close[0]}?" if close else ""
    raise LookupError(f"Нет шага «{name}».{perhaps} Есть такие:\n{known}")


def lessons_of(step: Path) -> list[Lesson]:
    """Return the lessons of a step's stage, in order."""
    known = all_steps()
    position = known.index(step)
    previous = known[position - 1] if position else None
    return [Lesson(path, previous, step) for path in _lesson_paths(step)]


def all_lessons() -> list[Lesson]:
    """Return all lessons, in the course's order."""
    steps = all_steps()
    numbered = sorted((ROOT / "docs_ru").glob("[0-9][0-9]_*.md"))
    beyond = [path for path in numbered if path.stem[:2] > steps[-1].name.split("_")[1]]
    return [
        *(lesson for step in steps for lesson in lessons_of(step)),
        *(Lesson(path, steps[-1], steps[-1]) for path in beyond),
    ]


def find_lessons(name: str) -> list[Lesson]:
    """Find lessons by what a learner calls them: a stage's, or one.

    That is what a step is called, or a lesson's number (`03_2`), topic (`state`) or file.
    Raises LookupError, with a message in Russian, for anything else.
    """
    wanted = name.removesuffix(".md").rstrip("/").rpartition("/")[2].lower()
    for lesson in all_lessons():
        topic = lesson.path.stem.removeprefix(f"{lesson.number}_")
        if wanted in (lesson.number, lesson.number[1:], topic, lesson.path.stem):
            return [lesson]
    with suppress(LookupError):
        return lessons_of(find_step(wanted))
    numbers = [lesson.number for lesson in all_lessons()]
    steps = [name for step in all_steps() for name in (step.name, step.name.split("_", 2)[2])]
    close = get_close_matches(wanted, [*numbers, *steps], 1)
    perhaps = f" Может быть, {close[0]}?" if close else ""
    raise LookupError(f"Нет урока «{name}».{perhaps} Есть такие: {', '.join(numbers)}.")


def _lesson_paths(step: Path) -> list[Path]:
    number = step.name.split("_")[1]
    found = sorted((step.parent / "docs_ru").glob(f"{number}_*.md"))
    # There is always one, even if it has still to be written.
    return found or [step.parent / "docs_ru" / f"{step.name.removeprefix('step_')}.md"]


def uses_redis(step: Path) -> bool:
    """Tell whether a step needs a Redis server: its requirements say so."""
    requirements = (step / "requirements.txt").read_text(encoding="utf-8")
    return any(line.startswith("redis") for line in requirements.splitlines())
