"""The maintainers' tools, in a small workshop of their own: three steps and two lessons."""

import subprocess
import sys

import pytest

from workshop import steps
from workshop.maintain.__main__ import main

from .replay_lessons import ENTER, SELF_CHECK, console, whole_file, write_files

LINES = "".join(f"line {number}\n" for number in range(1, 21))
FIRST, SECOND, THIRD = "step_00_first", "step_01_next", "step_02_last"


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A repository with three steps; each changes a line of `a.py` and has files of its own."""
    monkeypatch.setattr(steps, "ROOT", tmp_path)
    monkeypatch.setattr(steps, "STATE_DIR", tmp_path / ".workshop")
    texts = [LINES, LINES.replace("line 5\n", "line five\n")]
    texts.append(texts[1].replace("line 15\n", "line 15\nlast\n"))
    for number, (name, text) in enumerate(zip((FIRST, SECOND, THIRD), texts, strict=True)):
        files = {"a.py": text, "b.py": f"{number}\n", "tests/test_a.py": "t\n"}
        write_files(tmp_path / name, files)
    write_files(tmp_path, {".gitignore": "*.log\n.workshop/\n", f"{FIRST}/gone.py": "x\n"})
    write_files(tmp_path, {f"{SECOND}/gone.py": "x\n", f"{SECOND}/c.py": "c\n"})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "Steps")
    return tmp_path


def git(root, *arguments):
    author = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", *author, *arguments], cwd=root, check=True)


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def everything(root):
    """The content of all files of the steps."""
    return {path: path.read_bytes() for path in root.glob("step_*/**/*") if path.is_file()}


def test_carries_a_change_through_all_later_steps(root, capsys):
    edit(root / FIRST / "a.py", "line 10\n", "line ten\n")
    edit(root / FIRST / "tests" / "test_a.py", "t\n", "tt\n")
    edit(root / FIRST / "gone.py", "x\n", "y\n")
    write_files(root / FIRST, {"new/n.py": "n\n", "x.log": "log\n"})
    assert main(["carry", "step_00"]) == 0
    written = [
        f"wrote {step}/{name}"
        for name in ("a.py", "gone.py", "new/n.py", "tests/test_a.py")
        for step in (SECOND, THIRD)
    ]
    written.remove(f"wrote {THIRD}/gone.py")
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"left out {THIRD}/gone.py: this step does not have it", *written]
    for step in (SECOND, THIRD):
        text = (root / step / "a.py").read_text()
        assert "line five\n" in text and "line ten\n" in text
        assert (root / step / "tests" / "test_a.py").read_text() == "tt\n"
        assert (root / step / "new" / "n.py").read_text() == "n\n"
        assert not (root / step / "x.log").exists()
    assert "last\n" in (root / THIRD / "a.py").read_text()


def test_may_be_repeated_and_changed_in_between(root, capsys):
    file = root / FIRST / "a.py"
    edit(file, "line 10\n", "line ten\n")
    main(["carry", "first"])
    before = everything(root)
    assert main(["carry", "00"]) == 0
    assert everything(root) == before
    assert "Nothing was written" in capsys.readouterr().out
    edit(file, "line ten\n", "line TEN\nmore\n")
    assert main(["carry", "00"]) == 0
    assert "line TEN\nmore\n" in (root / THIRD / "a.py").read_text()
    edit(file, "line TEN\nmore\n", "line 10\n")
    assert main(["carry", "00"]) == 0
    edit(root / THIRD / "a.py", "last\n", "")
    assert (root / SECOND / "a.py").read_text() == (root / THIRD / "a.py").read_text()


def test_carries_a_change_next_to_one_of_the_stage(root):
    edit(root / FIRST / "a.py", "line 4\n", "line four\n")
    edit(root / FIRST / "a.py", "line 15\n", "line fifteen\n")
    assert main(["carry", "00"]) == 0
    text = (root / THIRD / "a.py").read_text()
    assert "line four\nline five\n" in text and "line fifteen\nlast\nline 16\n" in text


def test_carries_anew_what_was_taken_back(root):
    edit(root / FIRST / "a.py", "line 10\n", "line ten\n")
    main(["carry", "00"])
    edit(root / THIRD / "a.py", "line ten\n", "line 10\n")
    assert main(["carry", "00"]) == 0
    assert "line ten\n" in (root / THIRD / "a.py").read_text()


def test_carries_what_was_deleted(root, capsys):
    (root / FIRST / "gone.py").unlink()
    (root / FIRST / "b.py").unlink()
    assert main(["carry", "00"]) == 1
    assert f"CONFLICT in {SECOND}/b.py" in capsys.readouterr().out
    assert (root / SECOND / "gone.py").exists()
    (root / FIRST / "b.py").write_text("0\n")
    assert main(["carry", "00"]) == 0
    assert not (root / SECOND / "gone.py").exists()


def test_carries_what_changed_since_a_commit(root):
    edit(root / FIRST / "a.py", "line 10\n", "line ten\n")
    git(root, "commit", "-qam", "Change")
    before = everything(root)
    assert main(["carry", "00"]) == 0
    assert everything(root) == before
    assert main(["carry", "--since", "HEAD~1", "00"]) == 0
    assert "line ten\n" in (root / THIRD / "a.py").read_text()
    assert main(["carry", "--since", "nothing", "00"]) == 1


def test_writes_nothing_if_there_are_conflicts(root, capsys):
    edit(root / FIRST / "a.py", "line 10\n", "line ten\n")
    edit(root / FIRST / "b.py", "0\n", "zero\n")
    write_files(root / FIRST, {"c.py": "other\n"})
    before = everything(root)
    assert main(["carry", "00"]) == 1
    assert everything(root) == before
    shown = capsys.readouterr().out
    conflict = f"line 1:\n<<<<<<< {SECOND}/b.py\n1\n=======\nzero\n>>>>>>> {FIRST}/b.py\n"
    assert f"CONFLICT in {SECOND}/b.py\n{conflict}" in shown
    assert f"CONFLICT in {SECOND}/c.py" in shown
    assert "Nothing was written." in shown


def test_writes_conflicts_if_wanted(root, capsys):
    edit(root / FIRST / "a.py", "line 10\n", "line ten\n")
    edit(root / FIRST / "b.py", "0\n", "zero\n")
    assert main(["carry", "--write-conflicts", "00"]) == 1
    shown = capsys.readouterr().out
    assert f"wrote {SECOND}/a.py\n" in shown
    assert f"wrote {SECOND}/b.py WITH CONFLICT MARKERS\n" in shown
    mended = {f"{SECOND}/b.py": "zero 1\n", f"{THIRD}/b.py": "zero 2\n"}
    write_files(root, mended)
    assert main(["carry", "00"]) == 0
    assert [(root / path).read_text() for path in mended] == list(mended.values())


def test_does_not_merge_what_is_no_text(root, capsys):
    for step, content in ((FIRST, b"\0new"), (SECOND, b"\0old"), (THIRD, b"\0new")):
        (root / step / "picture").write_bytes(content)
    assert main(["carry", "--write-conflicts", "00"]) == 1
    assert "Cannot merge binary files" in capsys.readouterr().out
    assert (root / SECOND / "picture").read_bytes() == b"\0old"


def test_an_unknown_step(root, capsys):
    with pytest.raises(SystemExit):
        main(["carry", "magic"])
    assert "magic" in capsys.readouterr().err


def change(*hunks, path="a.py"):
    return f"Измените:\n\n```diff\n--- a/{path}\n+++ b/{path}\n{''.join(hunks)}```\n"


PROSE = "# Урок\n\nТекст  с пробелами \n\n"
HUNK = "@@ -2,7 +2,7 @@\n line 2\n line 3\n line 4\n-line 5\n+line five\n"
HUNK += " line 6\n line 7\n line 8\n"


@pytest.fixture
def lesson(root):
    """Write the lesson of step 01, whose only file is `a.py`, and right lessons around it."""
    for step in (FIRST, THIRD):
        for path in (root / step).glob("**/*.py"):
            path.unlink()
    write_files(root / FIRST, {"a.py": LINES})
    for name in ("b.py", "c.py", "gone.py"):
        (root / SECOND / name).unlink()
    copy = f"{ENTER}\n$ cp -r ~/django-celery-workshop/{FIRST}/. ."
    for name, commands in (("00_first", copy), ("02_last", f"{ENTER}\n$ rm a.py b.py")):
        number = name.partition("_")[0]
        check = SELF_CHECK.replace(SECOND, f"step_{name}").replace(
            "check 01", f"check {number}"
        )
        write_files(root / "docs_ru", {f"{name}.md": console(commands) + check})

    def lesson(text):
        path = root / "docs_ru" / "01_next.md"
        path.write_text(PROSE + text + SELF_CHECK)
        return path

    return lesson


def set_files(root, first, second):
    write_files(root / FIRST, {"a.py": first})
    write_files(root / SECOND, {"a.py": second})


def test_leaves_a_right_lesson_alone(lesson, capsys):
    # Fewer lines of context than `diff` shows are right, too.
    path = lesson(change("@@ -4,3 +4,3 @@\n line 4\n-line 5\n+line five\n line 6\n"))
    text = path.read_text()
    assert main(["listings"]) == 0
    assert path.read_text() == text
    assert capsys.readouterr().out == ""


def test_renews_the_only_change_of_a_file(root, lesson, capsys):
    path = lesson(change(HUNK) + "\nДальше.\n")
    text = path.read_text()
    set_files(root, "\nnew\n" + LINES, "\nnew\n" + LINES.replace("line 5\nline 6", "five\nsix"))
    assert main(["listings", "--check"]) == 1
    assert path.read_text() == text
    assert capsys.readouterr().out == "docs_ru/01_next.md:7: not up to date: a.py\n"
    assert main(["listings"]) == 0
    new = "@@ -4,8 +4,8 @@\n line 2\n line 3\n line 4\n-line 5\n-line 6\n+five\n+six\n"
    new += " line 7\n line 8\n line 9\n"
    assert path.read_text() == text.replace(HUNK, new)
    assert capsys.readouterr().out == "docs_ru/01_next.md:7: updated: a.py\n"
    assert main(["listings", "--check"]) == 0


def test_writes_empty_context_without_its_space(root, lesson):
    path = lesson(change(HUNK))
    set_files(root, "a\n\nb\n", "a\n\nc\n")
    assert main(["listings"]) == 0
    assert "@@ -1,3 +1,3 @@\n a\n\n-b\n+c\n```\n" in path.read_text()


def test_renews_the_last_whole_file(root, lesson):
    listing = whole_file("a.py", "new = 1\n")
    path = lesson(f"{listing}\n- Список:\n\n  {listing.replace(chr(10), chr(10) + '  ')}\n")
    text = path.read_text()
    set_files(root, LINES, "new = 2\n\nmore = 3\n")
    assert main(["listings"]) == 0
    head, _, tail = text.rpartition("  new = 1\n")
    assert path.read_text() == f"{head}  new = 2\n\n  more = 3\n{tail}"


TWO = (
    "@@ -2,3 +2,3 @@\n line 2\n-line 3\n+line three\n line 4\n",
    "@@ -14,3 +14,4 @@\n line 14\n line 15\n+more\n line 16\n",
)
AFTER_TWO = LINES.replace("line 3\n", "line three\n").replace("line 15\n", "line 15\nmore\n")


def test_moves_several_changes_of_a_file(root, lesson):
    path = lesson(change(TWO[0]) + change(TWO[1]))
    text = path.read_text()
    # A line above, and one that is context.
    moved = [each.replace("line 14\n", "line 14a\n") for each in (LINES, AFTER_TWO)]
    set_files(root, *(f"new\n{each}" for each in moved))
    assert main(["listings"]) == 0
    first, second = path.read_text().split("Измените:")[1:]
    assert "@@ -1,7 +1,7 @@\n new\n line 1\n line 2\n-line 3\n+line three\n" in first
    assert "@@ -14,6 +14,7 @@\n line 13\n line 14a\n line 15\n+more\n line 16\n" in second
    assert path.read_text().startswith(text.partition("```")[0])


def test_a_change_of_a_listed_line_belongs_to_its_listing(root, lesson):
    path = lesson(change(TWO[0]) + change(TWO[1]))
    after = AFTER_TWO.replace("three", "THREE")
    set_files(root, LINES, after.replace("more\n", "more\nmuch more\n"))
    assert main(["listings"]) == 1
    set_files(root, LINES, after.replace("more\n", "MORE\n"))
    assert main(["listings"]) == 0
    first, second = path.read_text().split("Измените:")[1:]
    assert "+line THREE\n" in first and "MORE" not in first
    assert "+MORE\n" in second and "THREE" not in second


def test_a_whole_file_takes_the_change_of_its_lines(root, lesson):
    before = "def f(a):\n    first(a)\n    send(a)\n"
    after = "import x\n\n\ndef f(a):\n    first(a)\n    try:\n        send(a)\n    except x:\n"
    after += "        pass\n"
    hunk = "@@ -1,3 +1,9 @@\n+import x\n+\n+\n def f(a):\n     first(a)\n-    send(a)\n"
    hunk += "+    try:\n+        send(a)\n+    except x:\n+        pass\n"
    path = lesson(whole_file("a.py", before) + change(hunk))
    set_files(root, LINES, after)
    text = path.read_text()
    assert main(["listings"]) == 0
    assert path.read_text() == text
    # A line of both, one that the change indents, and one that it brings.
    for old, new in (("f(a)", "f(a, b)"), ("send(a)", "send(a, b)"), ("pass", "raise")):
        after, text = after.replace(old, new), text.replace(old, new)
    set_files(root, LINES, after)
    assert main(["listings"]) == 0
    assert path.read_text() == text


@pytest.mark.parametrize(
    "after",
    [
        # New in lines that no listing touches: which one should?
        AFTER_TWO.replace("line 9\n", "line nine\n"),
        LINES.replace("line 3\n", "line three\n").rstrip("\n"),
        LINES,
    ],
)
def test_names_what_is_not_clear(root, lesson, capsys, after):
    path = lesson(change(TWO[0]) + change(TWO[1]))
    text = path.read_text()
    set_files(root, LINES, after)
    write_files(root / SECOND, {"b.py": "b\n"})
    assert main(["listings"]) == 1
    assert path.read_text() == text
    shown = capsys.readouterr().out.splitlines()
    assert shown == [
        "docs_ru/01_next.md:1: no listing gives: b.py",
        "docs_ru/01_next.md:18: this listing no longer gives the step: a.py",
    ]


def test_mends_the_numbers_of_what_was_edited_by_hand(root, lesson):
    edited = TWO[0].replace("+line three\n", "+line three\n+by hand\n")
    path = lesson(change(edited) + change(TWO[1]))
    set_files(root, LINES, AFTER_TWO.replace("line three\n", "line three\nby hand\n"))
    assert main(["listings"]) == 0
    mended = "@@ -1,6 +1,7 @@\n line 1\n line 2\n-line 3\n+line three\n+by hand\n"
    assert mended in path.read_text()


def test_a_lesson_that_can_not_be_read_stays(root, lesson, capsys):
    path = lesson("```what\n```\n" + change(HUNK))
    text = path.read_text()
    assert main(["listings"]) == 1
    assert path.read_text() == text
    assert "docs_ru/01_next.md:5: неизвестный вид блока: what" in capsys.readouterr().out


def test_the_real_listings_are_up_to_date(capsys):
    assert main(["listings", "--check"]) == 0, capsys.readouterr().out


def test_runs_as_a_module():
    command = [sys.executable, "-m", "workshop.maintain", "--help"]
    result = subprocess.run(command, cwd=steps.ROOT, capture_output=True, text=True)
    assert result.returncode == 0 and "carry" in result.stdout
