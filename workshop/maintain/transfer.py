"""Makes in one text the change that leads from a second to a third, line by line."""

import difflib
from collections.abc import Iterator


class Unclear(Exception):
    """There is no place for a change, or more than one."""


def transfer(old: str | None, new: str | None, other: str | None, *, skip: bool = False) -> str:
    """Make the change from an old text to a new one in another text.

    The other text has to have each changed line: as it is or, if only that line has it, with
    another indentation. `skip` leaves out a change whose lines the other text does not have.
    Returns the other text, changed. Raises Unclear for anything else, and for a None.
    """
    if old is None or new is None or other is None:
        raise Unclear
    old_lines, new_lines, lines = (text.splitlines(keepends=True) for text in (old, new, other))
    return "".join(_transfer(old_lines, new_lines, lines, skip))


def _transfer(old: list[str], new: list[str], other: list[str], skip: bool) -> list[str]:
    matcher = difflib.SequenceMatcher(None, old, other, autojunk=False)
    common = {
        in_old + n: in_other + n
        for in_old, in_other, size in matcher.get_matching_blocks()
        for n in range(size)
    }
    result, done = [], 0
    for first, last, lines in _changes(old, new):
        # An insertion belongs to the lines around it.
        around = range(first, last) or range(max(first - 1, 0), min(first + 1, len(old)))
        places = [common[n] for n in around if n in common]
        if not places:
            texts = {line.strip() for line in old[first:last]} - {""}
            places = [n for n, line in enumerate(other) if line.strip() in texts]
            if skip and not places:
                continue
            if len(places) != 1 or len(lines) != last - first:
                raise Unclear
            lines = [_margin(other[places[0]]) + lines[0].lstrip()]
        elif places != list(range(places[0], places[0] + len(around))):
            raise Unclear
        place = places[0] + (last == first and first > 0)
        if place < done:
            raise Unclear
        result += other[done:place] + lines
        done = place + last - first
    return result + other[done:]


def _margin(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _changes(old: list[str], new: list[str]) -> Iterator[tuple[int, int, list[str]]]:
    """Yield the changes: the first old line, the one after the last, and the new lines.

    As many lines instead of as many are a change for each line.
    """
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, i, last, j, end in matcher.get_opcodes():
        if tag == "replace" and last - i == end - j:
            yield from ((i + n, i + n + 1, [new[j + n]]) for n in range(last - i))
        elif tag != "equal":
            yield i, last, new[j:end]
