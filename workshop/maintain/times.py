"""`times`: how long a lesson takes, counted from its text; what it types before one sees it.

A minute is 150 words of prose or 4 typed lines; a wait takes as long as the lesson shows, or as
`WAITS` says. The exercises have minutes of their own, which are not part of the lesson's.
"""

import re
from argparse import Namespace
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from markdown_it import MarkdownIt

from workshop import steps
from workshop.lesson.console import INTERRUPT, OUTPUT, Turn, read_turns
from workshop.lesson.errors import LessonError
from workshop.lesson.files import hunks, parts
from workshop.lesson.project import write_text
from workshop.lesson.reading import EXERCISE, Block, kind_of, read_blocks
from workshop.lesson.tab import CLOSE

WORDS_A_MINUTE = 150
LINES_A_MINUTE = 4
# More typed lines than this, and what was wrong with the first is long forgotten.
LONGEST_STRETCH = 25
EXERCISES = "Упражнения"

# Seconds that a command takes; the first expression that is found in it decides.
WAITS = {
    r"\bpip install\b": 30,
    r"\bworkshop check\b": 25,
    r"\bpytest\b": 15,
    # A server, until it says that it is ready.
    r"\brunserver\b|\bredis-server\b|\bvalkeylite\b|\bworker\b|\bbeat\b|\bhttp\.server\b": 5,
    r"-m venv\b": 5,
    # Django, or Celery, starts and ends.
    r"\bmanage\.py\b|\bcelery\b": 2,
}
SLEEP = re.compile(r"\bsleep (\d+)")
# To turn to the browser, to open a page or to look at it.
PAGE_SECONDS = 5
# To think about an exercise, before one looks at its solution.
EXERCISE_SECONDS = 300
# What the lesson shows of a wait: `302 → /success/ (20 с)`, `succeeded in 20.01s`.
SHOWN_SECONDS = re.compile(r" \((\d+) с\)|\bsucceeded in (\d+)")

TABLE = "| раздел | минут |"
TIME = re.compile(r"^- Время: .*?\bминут[аы]?\.", re.MULTILINE)
WORD = re.compile(r"\w")


@dataclass
class Section:
    """What a section of level 2 makes a reader do; `longest` is its longest stretch.

    A stretch is what is typed between two things that are seen. Waits are in seconds.
    """

    heading: str
    line: int
    words: int = 0
    typed: int = 0
    waits: int = 0
    longest: int = 0
    # The lines of the lesson in which stretches of this section became too long.
    too_long: list[int] = field(default_factory=list)

    @property
    def exact(self) -> float:
        """The minutes, with their fractions."""
        return self.words / WORDS_A_MINUTE + self.typed / LINES_A_MINUTE + self.waits / 60

    @property
    def minutes(self) -> int:
        """The minutes as the lesson's table names them."""
        return max(1, round(self.exact))

    @property
    def is_shown(self) -> bool:
        """Tell whether the table names it: there is something to do, or half a minute."""
        return bool(self.typed or self.waits or self.exact >= 0.5)


def main(arguments: Namespace) -> int:
    """Print what each lesson takes.

    Takes the parsed arguments: write (bring the lessons and the contents up to date), check
    (say only what is not). Returns the exit status: 0, or 1 if something has to be mended.
    """
    texts = {
        lesson.path: lesson.path.read_text(encoding="utf-8")
        for lesson in steps.all_lessons()
        if lesson.path.exists()
    }
    try:
        measured = {path: measure(path, text) for path, text in texts.items()}
    except LessonError as error:
        print(error)
        return 1
    if not arguments.check:
        for path, sections in measured.items():
            print(path.relative_to(steps.ROOT), *report(sections), "", sep="\n")
    if arguments.write:
        for path, text in updates(texts, measured).items():
            write_text(path, text)
            print(f"wrote {path.relative_to(steps.ROOT)}")
        texts = {path: path.read_text(encoding="utf-8") for path in texts}
    wrong = complaints(texts, measured)
    for complaint in wrong:
        print(complaint)
    return 1 if wrong and (arguments.check or arguments.write) else 0


def measure(path: Path, text: str) -> list[Section]:
    """Count what each section of level 2 of a lesson takes. Raises LessonError."""
    sections = list(_read_sections(text))
    stretch = 0
    for block in read_blocks(path, text):
        section = _at(sections, block.line) or Section("", 0)
        section.waits += _waits(block)
        for line, typed, is_seen in _events(block):
            before, stretch = stretch, stretch + typed
            section.typed += typed
            section.longest = max(section.longest, stretch)
            if before <= LONGEST_STRETCH < stretch:
                section.too_long.append(line)
            if is_seen:
                stretch = 0
    return sections


def total(sections: Iterable[Section]) -> int:
    """Return the minutes of a lesson without its exercises, in steps of five."""
    exact = sum(section.exact for section in sections if section.heading != EXERCISES)
    return max(5, 5 * round(exact / 5))


def report(sections: Iterable[Section]) -> list[str]:
    """Return the lines that show what was counted."""
    lines = ["  words  typed  waits, s  longest  minutes  section"]
    for one in sections:
        mark = "" if one.is_shown else "  (not in the table)"
        numbers = f"{one.words:7}{one.typed:7}{one.waits:10}{one.longest:9}{one.exact:9.1f}"
        lines.append(f"{numbers}  {one.heading}{mark}")
    return lines


def with_times(text: str, sections: list[Section]) -> str:
    """Return a lesson's text with the table and the line that follow from what was counted.

    A lesson without a table, or without the line, gets none.
    """
    lines = text.split("\n")
    if TABLE in lines:
        start = end = lines.index(TABLE)
        while end < len(lines) and lines[end].startswith("|"):
            end += 1
        rows = [f"| {one.heading} | {one.minutes} |" for one in sections if one.is_shown]
        lines[start:end] = [TABLE, "| --- | --- |", *rows]
    return TIME.sub(f"- Время: около {total(sections)} минут.", "\n".join(lines), count=1)


def with_contents(text: str, measured: dict[Path, list[Section]]) -> str:
    """Return the contents with the minutes in the last column of each lesson's row."""
    for path, sections in measured.items():
        row = re.compile(rf"^(\| .*\]\({re.escape(path.name)}\) \|.*\|) [^|]*\|$", re.MULTILINE)
        text = row.sub(rf"\g<1> {total(sections)} мин |", text)
    return text


def updates(texts: dict[Path, str], measured: dict[Path, list[Section]]) -> dict[Path, str]:
    """Return the new texts of the lessons and of the contents that change."""
    new = {path: with_times(text, measured[path]) for path, text in texts.items()}
    changed = {path: text for path, text in new.items() if text != texts[path]}
    contents = steps.ROOT / "docs_ru" / "README.md"
    if contents.exists():
        old = contents.read_text(encoding="utf-8")
        if (text := with_contents(old, measured)) != old:
            changed[contents] = text
    return changed


def complaints(texts: dict[Path, str], measured: dict[Path, list[Section]]) -> list[str]:
    """Say what does not follow from the lessons' texts, and which stretches are too long."""
    wrong = []
    for path, text in texts.items():
        name = path.relative_to(steps.ROOT)
        if TABLE not in text.split("\n"):
            wrong.append(f"{name}:1: no table «{TABLE}»")
        if not TIME.search(text):
            wrong.append(f"{name}:1: no line «- Время: около N минут.»")
        for section in measured[path]:
            for line in section.too_long:
                wrong.append(
                    f"{name}:{line}: more than {LONGEST_STRETCH} lines are typed "
                    f"before something is seen ({section.heading}: {section.longest})"
                )
    for path in updates(texts, measured):
        name = path.relative_to(steps.ROOT)
        wrong.append(f"{name}:1: other times: python3 -m workshop.maintain times --write")
    return wrong


def _read_sections(text: str) -> Iterator[Section]:
    """Yield the sections of level 2 with the words of their prose, and their exercises."""
    section, tag = None, ""
    for token in MarkdownIt().parse(text):
        if token.type == "inline" and token.map:
            if section and tag == "h3" and token.content.startswith(EXERCISE):
                section.waits += EXERCISE_SECONDS
            if tag == "h2":
                if section:
                    yield section
                section = Section(token.content, token.map[0] + 1)
            elif section:
                shown = (child.content for child in token.children or ())
                section.words += len(list(filter(WORD.search, " ".join(shown).split())))
        elif token.type == "html_block" and section:
            shown_html = re.sub(r"<[^>]*>", " ", token.content)
            section.words += len(list(filter(WORD.search, shown_html.split())))
        tag = token.tag if token.type == "heading_open" else ""
    if section:
        yield section


def _at(sections: list[Section], line: int) -> Section | None:
    """Return the section that a line of the lesson belongs to."""
    before = [section for section in sections if section.line <= line]
    return before[-1] if before else None


def _events(block: Block) -> Iterator[tuple[int, int, bool]]:
    """Yield what a block makes the reader type and see.

    That is, for each thing: its line in the lesson, how many lines are typed, and whether
    something is seen then.
    """
    kind = kind_of(block)
    if kind == "files":
        yield block.line, sum(_typed_in(block)), False
    elif kind == "console":
        for turn in read_turns(block):
            is_seen = any(line not in ("", "...") for line in turn.expected)
            yield block.line + 1 + turn.line_number, int(_is_typed(turn)), is_seen
    elif kind in ("browser", "tab", "tab_console"):
        is_seen = "background" not in block.words and block.lines != [CLOSE]
        yield block.line, 0, is_seen


def _is_typed(turn: Turn) -> bool:
    return turn.prompt not in (OUTPUT, INTERRUPT)


def _typed_in(block: Block) -> Iterator[int]:
    """Yield how many lines are typed into each file of a block."""
    for part in parts(block):
        if part.is_change:
            signs = [sign for hunk in hunks(block, part) for sign, _ in hunk.lines]
            yield signs.count("+")
        else:
            yield part.end - part.start


def _waits(block: Block) -> int:
    """Return the seconds that a block makes the reader wait."""
    kind = kind_of(block)
    shown = sum(int(one or other) for one, other in SHOWN_SECONDS.findall(block.content))
    if kind == "console":
        return shown + sum(_takes(turn.typed) for turn in read_turns(block) if _is_typed(turn))
    return shown + PAGE_SECONDS if kind in ("browser", "tab", "tab_console") else 0


def _takes(command: str) -> int:
    """Return the seconds that a command takes."""
    if found := SLEEP.search(command):
        return int(found[1])
    return next((seconds for text, seconds in WAITS.items() if re.search(text, command)), 0)
