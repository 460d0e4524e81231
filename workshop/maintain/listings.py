"""`listings`: brings the listings of the lessons up to the steps where there is one way to."""

import difflib
import re
from argparse import Namespace
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from workshop import steps
from workshop.lesson.course import complaints, starting_files
from workshop.lesson.errors import LessonError
from workshop.lesson.files import Part, apply, hunks, parts
from workshop.lesson.project import read_files, write_text
from workshop.lesson.reading import Block, kind_of, read_blocks
from workshop.maintain.transfer import Unclear, transfer

# How many lines of context at each end of a hunk may have changed.
FUZZ = 2
NO_LONGER = "this listing no longer gives the step"

Listing = tuple[Block, Part]
# A part, its block and the new lines.
Update = tuple[Part, Block, list[str]]


def main(arguments: Namespace) -> int:
    """Update all lessons; name each listing that changes and each that needs a hand.

    Takes the parsed arguments: check (write nothing). Returns the exit status: 0, or 1 if a
    listing does not give the step, or would not without a change.
    """
    status = 0
    verb = "not up to date" if arguments.check else "updated"
    for stage in map(steps.lessons_of, steps.all_steps()):
        updates = _updates_of(stage)
        texts = _texts_with(updates)
        for lesson in stage:
            name = lesson.path.relative_to(steps.ROOT)
            updated = sorted(
                (block.line, part.path)
                for part, block, _ in updates
                if block.path == lesson.path
            )
            for line, path in updated:
                print(f"{name}:{line}: {verb}: {path}")
            left = complaints(lesson, texts)
            for error in left:
                what = "no listing gives" if error.line == 1 else NO_LONGER
                paths = ", ".join(error.paths)
                print(f"{name}:{error.line}: {what}: {paths}" if paths else error)
            if left or (updated and arguments.check):
                status = 1
            if updated and not arguments.check:
                write_text(lesson.path, texts[lesson.path])
    return status


def _updates_of(stage: list[steps.Lesson]) -> list[Update]:
    """Bring the listings of a stage's lessons up to its step, where that is unambiguous."""
    listings: dict[str, list[Listing]] = {}
    try:
        blocks = [block for lesson in stage for block in read_blocks(lesson.path)]
        for block in blocks:
            if kind_of(block) == "files" and not block.is_exercise:
                for part in parts(block):
                    listings.setdefault(part.path, []).append((block, part))
    except (LessonError, FileNotFoundError):
        # What can't be read stays; `complaints` says so.
        return []
    updates, start, wanted = [], starting_files(stage[0]), read_files(stage[0].step)
    for path, shown in listings.items():
        # What is unclear stays; the comparison of the typed files names it.
        with suppress(Unclear, LessonError):
            updates += _updates(shown, start.get(path), wanted.get(path))
    return updates


def _texts_with(updates: list[Update]) -> dict[Path, str]:
    """Return the new texts of the lessons that change."""
    lines = {
        block.path: block.path.read_text(encoding="utf-8").split("\n")
        for _, block, _ in updates
    }
    for part, block, new in sorted(updates, reverse=True, key=_place):
        # The two lines with the names of a changed file stay.
        first = block.line + part.start + 2 * part.is_change
        lines[block.path][first : block.line + part.end] = new
    return {path: "\n".join(text) for path, text in lines.items()}


def _place(update: Update) -> tuple[int, int]:
    part, block, _ = update
    return block.line, part.start


def _updates(listings: list[Listing], start: str | None, wanted: str | None) -> list[Update]:
    """Return which of the listings of a file change.

    Takes the listings, in order, and the file's text before the lesson and in the step (None:
    no file). Raises Unclear, or LessonError if a listing does not fit.
    """
    updates, before = [], start
    for (block, part), after in zip(listings, _texts(listings, start, wanted), strict=True):
        if not _gives(block, part, before, after):
            updates.append((part, block, _render(block, part, before, after)))
        before = after
    return updates


def _gives(block: Block, part: Part, before: str | None, after: str | None) -> bool:
    try:
        return apply(block, part, before) == after
    except LessonError:
        return False


def _texts(listings: list[Listing], start: str | None, wanted: str | None) -> list[str | None]:
    """Return the texts that a file should have after each of its listings."""
    whole = [number for number, (_, part) in enumerate(listings) if not part.is_change]
    first = whole[-1] if whole else 0
    # What a whole file replaces later stays as it is.
    texts = [start]
    for block, part in listings[:first]:
        texts.append(apply(block, part, texts[-1]))
    old = texts[-1:]
    if len(listings) - first > 1:
        for block, part in listings[first:]:
            old.append(_apply_loosely(block, part, old[-1]))
    new = [wanted]
    for earlier, later in reversed(list(pairwise(old[1:]))):
        new.insert(0, transfer(later, new[0], earlier, skip=True))
    if not whole and len(new) > 1 and transfer(old[1], new[0], old[0], skip=True) != start:
        # Something is new in lines that no listing touches: which one should?
        raise Unclear
    return texts[1:] + new


def _apply_loosely(block: Block, part: Part, old: str | None) -> str:
    """Apply a change wherever it fits, if that is one place, or the one which it names."""
    if not part.is_change:
        return block.content
    if old is None or part.deletes:
        raise Unclear
    present, new, done = old.splitlines(keepends=True), [], 0
    for hunk in hunks(block, part):
        for fuzz in range(FUZZ + 1):
            lines = _without_ends(hunk.lines, fuzz)
            removed = [text for sign, text in lines if sign != "+"]
            starts = range(done, len(present) - len(removed) + 1)
            places = [n for n in starts if removed and present[n : n + len(removed)] == removed]
            if places:
                break
        if len(places) > 1:
            places = [n for n in places if n == hunk.old_start - 1 + fuzz]
        if not places:
            raise Unclear
        new += present[done : places[0]] + [text for sign, text in lines if sign != "-"]
        done = places[0] + len(removed)
    return "".join(new + present[done:])


def _without_ends(
    lines: tuple[tuple[str, str], ...], count: int
) -> tuple[tuple[str, str], ...]:
    """Leave out so many lines of context at each end of a hunk, or as many as there are."""
    signs = "".join(sign for sign, _ in lines)
    first = min(count, len(signs) - len(signs.lstrip(" ")))
    last = min(count, len(signs) - len(signs.rstrip(" ")))
    return lines[first : len(lines) - last]


def _render(block: Block, part: Part, before: str | None, after: str | None) -> list[str]:
    """Return the lines of the lesson that show a file, or its change, behind their margin."""
    old, new = before or "", after or ""
    has_ends = all(text.endswith("\n") or not text for text in (old, new))
    if (after is None) != part.deletes or not has_ends or "```" in new or "~~~" in new:
        raise Unclear
    lines = new.splitlines()
    if part.is_change:
        changes = difflib.unified_diff(old.splitlines(), lines, lineterm="")
        # Editors strip the only space of an empty line.
        lines = ["" if line == " " else line for line in changes][2:]
        if before is None or not lines:
            raise Unclear
    fence = block.path.read_text(encoding="utf-8").split("\n")[block.line - 1]
    margin = re.sub(r"[^\s>]", " ", re.split("[`~]", fence)[0])
    return [f"{margin}{line}" if line else margin.rstrip() for line in lines]
