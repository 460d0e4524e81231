"""Every entry of `docs_ru/errors.md`: its cause makes its text, its cure makes it go."""

import re

import pytest

from workshop.check.known import ENTRY, ERRORS

from .catalogue import NOT_RUN, ROWS, Row

TEXT = ERRORS.read_text(encoding="utf-8")
ENTRIES = dict(ENTRY.findall(TEXT))
SECTION = re.compile(r"^## ([^\n]+)\n(.*?)(?=^## |^---|\Z)", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((#[^)]+)\)")
SHOWN = re.compile(r"^```text read\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# A piece of a line that is shorter leads anywhere.
SEARCHED = 12
# Every row, with a name: the entry's, and a number if it has several causes.
CAUSES = {
    heading + (f" {number}" if number else ""): (heading, row)
    for heading, rows in ROWS.items()
    for number, row in enumerate([rows] if isinstance(rows, Row) else rows)
}


def find_entry(heading):
    """The name of the entry that begins so."""
    exact = [name for name in ENTRIES if name == heading]
    (name,) = exact or [name for name in ENTRIES if name.startswith(heading)]
    return name


def lines_of(heading):
    """The lines that an entry shows, but those that only stand for others."""
    blocks = SHOWN.findall(ENTRIES[find_entry(heading)])
    return [line for block in blocks for line in block.splitlines() if line.strip(" …\\")]


def is_in(line, printed):
    """Whether a line was printed; «…» stands for what varies."""
    parts = map(re.escape, line.strip().split("…"))
    return re.search(".*".join(parts), printed) is not None


def anchor(heading):
    """The name that GitHub gives to a heading."""
    return "#" + re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_entry_has_a_row_or_a_reason():
    named = [find_entry(heading) for heading in [*ROWS, *NOT_RUN]]
    assert sorted(named) == sorted(ENTRIES)


def test_what_is_not_run_says_so():
    for heading, text in ENTRIES.items():
        is_run = heading in map(find_entry, ROWS)
        assert is_run != ("Тесты мастерской этого не воспроизводят" in text), heading


def test_rows_stand_as_the_entries_do():
    places = list(ENTRIES)
    headings = [places.index(find_entry(heading)) for heading in ROWS]
    assert headings == sorted(headings)


def test_every_row_says_what_shows_that_it_works():
    assert not [name for name, (_, row) in CAUSES.items() if not row.works]


def test_every_entry_says_why_and_what_to_do():
    for heading, text in ENTRIES.items():
        assert "**Причина.**" in text, heading
        assert "**Лечение.**" in text, heading
    assert len(set(map(anchor, ENTRIES))) == len(re.findall("^### ", TEXT, re.MULTILINE))


def test_each_section_lists_its_entries():
    for title, text in SECTION.findall(TEXT):
        headings = [heading for heading, _ in ENTRY.findall(text)]
        listed = LINK.findall(text.partition("\n### ")[0])
        assert listed == list(map(anchor, headings)), title


@pytest.mark.parametrize("heading", ENTRIES)
def test_any_printed_line_leads_to_its_entry(heading):
    """To it and at most two others; one of its lines to it alone."""
    counts = {}
    for line in lines_of(heading):
        piece = max(line.split("…"), key=len).strip()
        if len(piece) >= SEARCHED:
            counts[piece] = sum(piece in "\n".join(lines_of(name)) for name in ENTRIES)
    assert not lines_of(heading) or 1 in counts.values() and max(counts.values()) <= 3, counts


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if row.is_quick else pytest.mark.full)
        for name, (_, row) in CAUSES.items()
    ],
)
def test_cause_and_cure(name, make_project):
    heading, row = CAUSES[name]
    broken = make_project(row.step, "broken")
    for edit in row.edits:
        edit(broken.directory)
    printed = broken.usual(row.run(broken))
    wanted = row.lines or lines_of(heading)
    for line in wanted:
        assert is_in(line, printed), f"«{line}» did not come:\n{printed}"
    if row.is_harmless:
        assert row.works in printed, f"«{row.works}» did not come:\n{printed}"
        return
    if not wanted:
        assert row.works not in printed, f"«{row.works}» came:\n{printed}"
    whole = make_project(row.cured_step or row.step, "whole")
    printed = whole.usual((row.cured or row.run)(whole))
    assert row.works in printed, f"«{row.works}» did not come:\n{printed}"
    for line in sorted(wanted, key=len)[-1:]:
        assert not is_in(line, printed), f"«{line}» still comes:\n{printed}"
