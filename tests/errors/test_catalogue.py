"""Every entry of `docs_ru/errors.md`: its cause makes its text, its cure makes it go."""

import re

import pytest

from workshop.check.known import ENTRY, ERRORS

from .catalogue import NOT_RUN, ROWS

ENTRIES = dict(ENTRY.findall(ERRORS.read_text(encoding="utf-8")))
SHOWN = re.compile(r"^```text read\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def find_entry(heading):
    """The text of the entry that is called by this heading, or by its beginning."""
    exact = [name for name in ENTRIES if name == heading]
    (name,) = exact or [name for name in ENTRIES if name.startswith(heading)]
    return ENTRIES[name]


def lines_of(heading):
    """The lines that an entry shows, but those that only stand for others."""
    blocks = SHOWN.findall(find_entry(heading))
    return [line for block in blocks for line in block.splitlines() if line.strip(" …\\")]


def is_in(line, printed):
    """Whether a line was printed; «…» stands for what varies."""
    parts = map(re.escape, line.strip().split("…"))
    return re.search(".*".join(parts), printed) is not None


def test_every_entry_has_a_row_or_a_reason():
    named = [*ROWS, *NOT_RUN]
    assert len(named) == len(set(named)) == len(ENTRIES)
    for heading in named:
        assert find_entry(heading)


def test_every_entry_says_why_and_what_to_do():
    for heading, text in ENTRIES.items():
        assert "**Причина.**" in text, heading
        assert "**Лечение.**" in text, heading


def test_a_printed_line_leads_to_its_entry():
    """To one that shows it, or at most to two: a few texts have two causes."""
    for heading in ROWS:
        longest = max(lines_of(heading), key=len)
        found = [name for name, text in ENTRIES.items() if longest in text]
        assert len(found) in (1, 2), longest


@pytest.mark.parametrize(
    "heading",
    [
        pytest.param(heading, marks=() if row.is_quick else pytest.mark.full)
        for heading, row in ROWS.items()
    ],
)
def test_cause_and_cure(heading, make_project):
    row = ROWS[heading]
    broken = make_project(row.step, "broken")
    for edit in row.edits:
        edit(broken.directory)
    printed = broken.usual(row.run(broken))
    wanted = lines_of(heading)
    assert wanted
    for line in wanted:
        assert is_in(line, printed), f"«{line}» did not come:\n{printed}"
    whole = make_project(row.step, "whole")
    printed = whole.usual((row.cured or row.run)(whole))
    assert row.works in printed, f"«{row.works}» did not come:\n{printed}"
    if row.works or row.cured or row.edits:
        decisive = max(wanted, key=len)
        assert not is_in(decisive, printed), f"«{decisive}» still comes:\n{printed}"
