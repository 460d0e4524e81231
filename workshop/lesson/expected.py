"""Compares what a lesson shows with what came. `...` stands for what varies."""

import re
from collections.abc import Iterable, Sequence

from workshop.lesson.errors import LessonError, quote
from workshop.lesson.reading import Block

SHOWN_LINES = 30
ANY_LINES = r"(?:[^\n]*\n)*?"


def pattern(lines: Iterable[str]) -> re.Pattern[str]:
    """Make the regular expression of output that begins with these lines.

    A line `...` stands for any number of lines, `...` inside a line for any characters of it.
    """
    first, *others = _segments(lines)
    # As in a shell's glob, the leftmost match of each part is as good as any later one: so the
    # groups are atomic, and no output can make the search slow.
    return re.compile(
        r"\A" + first + "".join(f"(?>{ANY_LINES}{segment})" for segment in others)
    )


def matches(lines: Iterable[str], text: str) -> bool:
    """Tell whether the text, as a whole, is what these lines show."""
    *others, last = _segments(lines)
    if others:
        first, *middle = others
        groups = "".join(f"(?>{ANY_LINES}{segment})" for segment in middle)
        return re.fullmatch(first + groups + ANY_LINES + last, text) is not None
    return re.fullmatch(last, text) is not None


def explain(
    block: Block, number: int, lines: Sequence[str], text: str, circumstances: str = ""
) -> LessonError:
    """Make the error that says which of the expected lines did not come.

    Takes the block, the number of the first expected line inside it, the expected lines, the
    text that came and what else the message should begin with.
    """
    found = len(lines)
    while found and not pattern(lines[:found]).match(text):
        found -= 1
    came = text.splitlines()
    if len(came) > SHOWN_LINES:
        came = [f"… (ещё строк: {len(came) - SHOWN_LINES})", *came[-SHOWN_LINES:]]
    wanted = lines[found:] if found < len(lines) else ["(больше ничего)"]
    message = [
        quote(f"{circumstances}ожидалось:", wanted[:5]),
        quote("пришло:", came or ["(ничего)"]),
    ]
    return block.error("\n".join(message), number + min(found, len(lines) - 1))


def _segments(lines: Iterable[str]) -> list[str]:
    """The patterns of what stands between the `...` lines."""
    segments = [""]
    for line in lines:
        if line == "...":
            segments.append("")
        else:
            parts = (re.escape(part) for part in line.split("..."))
            segments[-1] += r"[^\n]*?".join(parts) + r"\n"
    return segments
