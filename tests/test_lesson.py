"""What a lesson types, without running it: reading, applying, comparing, the typed states."""

import re
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from workshop.lesson import course
from workshop.lesson.errors import LessonError
from workshop.lesson.files import parts
from workshop.lesson.project import differences, read_files
from workshop.lesson.reading import kind_of, read_blocks, why_unexecuted
from workshop.lesson.tree import compare
from workshop.steps import ROOT, all_lessons

from .replay_lessons import ENTER, SELF_CHECK, console, whole_file, write_files, write_lesson

THREE_LINES = "a = 1\nb = 2\nc = 3\n"


def states(root, text, previous=None):
    """Return the typed states of a small lesson."""
    return course.states_of(write_lesson(root, text, previous or {}, {}))


def typed(root, text, previous=None):
    """Return the files that a small lesson ends with."""
    return states(root, text, previous)[-1].files


def fails(root, text, message, previous=None):
    """Type a lesson that must fail; the message is a regular expression."""
    with pytest.raises(LessonError, match=message):
        states(root, text, previous)


def change(hunks, path="a.py"):
    return f"```diff\n--- a/{path}\n+++ b/{path}\n{hunks}\n```\n"


def test_starts_nothing_and_imports_nothing_of_the_runner():
    code = "import sys, workshop.lesson.course as c; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = set(loaded.stdout.split())
    own = {name for name in names if name.startswith("workshop.")}
    assert all(name == "workshop.steps" or "workshop.lesson" in name for name in own), own
    assert not names & {"subprocess", "pexpect", "requests"}


def test_the_real_lessons_type_their_steps():
    started = time.perf_counter()
    complaints = [str(error) for lesson in all_lessons() for error in course.complaints(lesson)]
    assert not complaints, "\n".join(complaints)
    assert time.perf_counter() - started < 2


def test_states_follow_each_block(tmp_path):
    text = (
        "# Урок\n\n"
        + whole_file("new/file.py", "x = 1\n")
        + "\n## 2. Меняем `x`\n\n```console terminal=1\n$ true\n```\n"
        + change("@@ -1 +1 @@\n-x = 1\n+x = 2", "new/file.py")
    )
    first, second = states(tmp_path, text, {"old.py": "y\n"})
    assert (first.block.heading, first.block.line, first.paths) == ("Урок", 5, ("new/file.py",))
    assert first.files == {"old.py": "y\n", "new/file.py": "x = 1\n"}
    assert (second.block.heading, second.block.line) == ("2. Меняем `x`", 14)
    assert second.block.path.name == "01_next.md"
    assert second.files == {"old.py": "y\n", "new/file.py": "x = 2\n"}
    with pytest.raises(TypeError):
        second.files["old.py"] = ""


@pytest.mark.parametrize(
    ("commands", "files"),
    [
        (
            "$ mkdir a b\n$ touch a/__init__.py b/__init__.py",
            {"a/__init__.py", "b/__init__.py"},
        ),
        ("$ cp -r ~/django-celery-workshop/step_01_next/. .", {"c.py", "d/e.py", ".gitignore"}),
        ("$ cp -r ../django-celery-workshop/step_01_next/d ~/my_project", {"d/e.py"}),
        ("$ cp ~/django-celery-workshop/step_01_next/c.py new.py", {"new.py"}),
        (
            "$ cd ~/django-celery-workshop/step_01_next\n$ cp c.py d/e.py ~/my_project/x/",
            {"x/c.py", "x/e.py"},
        ),
        ("$ rm old.py", {"-old.py"}),
        ("$ rm -rf dir", {"-dir/a.py"}),
        ("$ touch old.py dir/a.py", set()),
        ("$ cd\n$ touch a.py", set()),
        ("$ rm -rf tests\n$ cp -r ~/django-celery-workshop/step_01_next/tests .", set()),
        ("$ python3\n>>> rm old.py\n$ echo touch x\nrm old.py", set()),
    ],
)
def test_knows_the_commands_that_make_files(tmp_path, commands, files):
    previous = {"old.py": "old\n", "dir/a.py": ""}
    step = {
        "c.py": "c\n",
        "d/e.py": "",
        ".gitignore": "venv/\n",
        "tests/test.py": "",
        "venv/x": "",
    }
    text = console(f"{ENTER}\n{commands}")
    lesson = write_lesson(tmp_path, text, previous, step)
    made = course.states_of(lesson)
    after = made[-1].files if made else previous
    deleted = {f"-{path}" for path in previous.keys() - after.keys()}
    assert deleted | after.keys() - previous.keys() == files


def test_what_git_ignores_does_not_count(tmp_path):
    previous = {".gitignore": "venv/\n*.log\n", "venv/x": "", "tests/x": ""}
    assert states(tmp_path, console(f"{ENTER}\n$ touch venv/y a.log tests/y"), previous) == []


def test_the_last_path_in_the_paragraph_is_the_file(tmp_path):
    text = "Рядом с `a.py` создайте `b.py`:\n\n```python file\n```\n"
    assert typed(tmp_path, text) == {"b.py": ""}


@pytest.mark.parametrize("introduction", ["Создайте файл:", "Создайте `a.py`.", ""])
def test_demands_the_path_of_a_file(tmp_path, introduction):
    fails(tmp_path, f"{introduction}\n\n```python file\n```\n", r"01_next.md:3: .*путём")


@pytest.mark.parametrize("path", ["../a.py", "/tmp/a.py", "a/../../b.py", "."])
def test_refuses_files_outside_the_project(tmp_path, path):
    fails(tmp_path, whole_file(path, ""), r"docs_ru/01_next.md:3: .*за пределы проекта")
    changed = change("@@ -1 +1 @@\n-a\n+b", path)
    fails(tmp_path / "2", changed, r"docs_ru/01_next.md:2: .*за пределы проекта")


def test_changes_files(tmp_path):
    hunks = "@@ -1,2 +1,3 @@\n a = 1\n+\n b = 2\n@@ -3 +4 @@ def f():\n-c = 3\n+c = 4"
    files = {"a.py": THREE_LINES, "b.py": "x\n", "c.py": "y\n"}
    text = (
        change(f"{hunks}\n--- a/b.py\n+++ b/b.py\n@@ -0,0 +1 @@\n+w")
        + "```diff\n--- a/c.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-y\n```\n"
    )
    assert typed(tmp_path, text, files) == {"a.py": "a = 1\n\nb = 2\nc = 4\n", "b.py": "w\nx\n"}


@pytest.mark.parametrize(
    ("hunks", "message"),
    [
        (
            "@@ -1,2 +1,2 @@\n a = 1\n-b = 9\n+b = 4",
            r":6: .*строке 2(.*\n)+ +b = 9\n.*\n +b = 2",
        ),
        ("@@ -2,2 +2,2 @@\n a = 1\n-b = 2\n+b = 4", r":5: .*не подходит к строке 2"),
        ("@@ -1,2 +2,2 @@\n a = 1\n-b = 2\n+b = 4", r":4: номера строк"),
        ("@@ -1,3 +1,3 @@\n a = 1\n-b = 2\n+b = 4", r":4: строк не столько"),
        ("@@ -1 +1,2 @@\n a = 1\n b = 2", r":4: строк не столько"),
        ("@@ -3,2 +3 @@\n c = 3\n-d", r"конец файла"),
        ("@@ -1 +1 @@\n-a = 1 \n+a = 2", r":5: .*не подходит"),
    ],
)
def test_applies_changes_strictly(tmp_path, hunks, message):
    fails(tmp_path, change(hunks), message, previous={"a.py": THREE_LINES})


def test_a_change_needs_its_file(tmp_path):
    fails(tmp_path, change("@@ -1 +1 @@\n-a\n+b"), r":2: нет файла a.py")
    fails(tmp_path / "2", "```diff\n-a\n+b\n```\n", r":1: .*--- a/")


TREE_FILES = {"a/b.py": "", "a/c.py": "", "d.py": "", ".gitignore": "venv/\n", "venv/x": ""}


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ("├── .gitignore\n├── a/\n│   ├── b.py  # зачем\n│   └── c.py\n└── d.py   он", None),
        ("├── a/\n│   ├── ...\n│   └── c.py\n└── ...", None),
        ("├── a/\n├── .gitignore\n└── d.py", None),
        ("├── a/\n└── d.py", r":1: в дереве нет .gitignore"),
        ("├── a/\n│   └── e.py\n└── ...", r":4: в проекте нет a/e.py"),
        ("├── d.py/\n└── ...", r":3: в проекте нет d.py"),
        ("├── a/\n│   └── b.py\n└── ...", r":1: в дереве нет a/c.py"),
        ("a/\nb.py", r":3: непонятная строка"),
        (None, r":2: дерево начинается строкой my_project/"),
    ],
)
def test_compares_the_tree(tmp_path, entries, message):
    lines = f"my_project/\n{entries}" if entries else "project/"
    text = f"```text tree\n{lines}\n```\n"
    lesson = write_lesson(tmp_path, text, {}, {})
    (block,) = read_blocks(lesson.path)
    project = write_files(tmp_path / "my_project", TREE_FILES)
    with pytest.raises(LessonError, match=message) if message else nullcontext():
        compare(block, project)


def test_counts_what_is_not_executed(tmp_path):
    text = "```mermaid\n```\n```python read\n```\n```console os=macos\n$ brew\n```\n"
    blocks = read_blocks(write_lesson(tmp_path, text, {}, {}).path)
    assert [kind_of(block) for block in blocks] == ["unexecuted"] * 3
    reasons = ["схема", "только для чтения", "для другой системы: macos"]
    assert [why_unexecuted(block) for block in blocks] == reasons


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n```python run\n```\n", r"docs_ru/01_next.md:2: неизвестный вид блока: python run"),
        ("```\n```\n", r":1: неизвестный вид блока: \(без вида\)"),
        ("```console\n$ ls\n```\n", r":1: неизвестный вид блока: console"),
        ("Текст:\n\n    код\n", r":3: код с отступом"),
        ("<details>\n```python read\n```\n</details>\n", r":1: блок внутри HTML"),
        ("<!--\n```console terminal=1\n$ ls\n```\n-->\n", r":1: блок внутри HTML"),
    ],
)
def test_knows_no_other_blocks(tmp_path, text, message):
    fails(tmp_path, text, message)


def test_blocks_in_lists_and_details_are_read(tmp_path):
    text = (
        "1. Файл `a.py`:\n\n   ```python file\n   x = 1\n   ```\n\n"
        "<details>\n<summary>Ещё</summary>\n\n" + whole_file("b.py", "") + "\n</details>\n"
    )
    assert typed(tmp_path, text) == {"a.py": "x = 1\n", "b.py": ""}


@pytest.mark.parametrize(
    ("following", "messages"),
    [
        (
            {"a.py": "x = 2\n"},
            [r":3: после урока a.py не такой, как в step_01_next:\n(.*\n)*\+x"],
        ),
        ({"a.py": "x = 1"}, [r":3: после урока a.py не такой"]),
        ({"a.py": "x = 1\n", "b.py": ""}, [r":1: после урока нет файла b.py"]),
        ({}, [r":3: после урока есть лишний файл a.py"]),
        ({"a.py": "", "b.py": ""}, [r":1: .*нет файла b.py", r":3: .*a.py не такой"]),
        (
            {"a.py": "x = 1\n", "tests/b.py": "", ".gitignore": "c\n", "c": ""},
            [":1: .*gitignore"],
        ),
    ],
)
def test_the_files_have_to_be_those_of_the_next_step(tmp_path, following, messages):
    complain(tmp_path, whole_file("a.py", "x = 1\n"), messages, following=following)


def complain(root, text, messages, previous=None, following=None):
    """Compare the complaints about a lesson with regular expressions, all of them."""
    lesson = write_lesson(root, text + SELF_CHECK, previous or {}, following or {})
    errors = [str(error) for error in course.complaints(lesson)]
    assert len(errors) == len(messages), errors
    for message, error in zip(messages, errors, strict=True):
        assert re.search(message, error), error


def test_a_link_that_leads_nowhere_is_a_wrong_file(tmp_path):
    (tmp_path / "a.py").symlink_to("nowhere")
    found = differences(read_files(tmp_path), {"a.py": "a = 1\n"}, "step_01_next")
    assert [path for path, _ in found] == ["a.py"]


def test_names_every_file_that_is_wrong_once(tmp_path):
    text = (
        "```python run\n```\n"
        + change("@@ -1 +1 @@\n-nothing\n+x\n--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n-b\n+bb")
        + change("@@ -1 +1 @@\n-nothing\n+x", "c.py")
    )
    previous = {"a.py": "a\n", "b.py": "b\n"}
    following = {"a.py": "x\n", "b.py": "bbb\n"}
    messages = [
        ":1: неизвестный",
        ":3: .*b.py не такой",
        ":7: изменение не",
        ":16: нет файла c.py",
    ]
    complain(tmp_path, text, messages, previous, following)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n    код\n", ":2: код с отступом"),
        ("", ":1: в уроке нет раздела «Проверьте себя»"),
        (SELF_CHECK.replace("step_01_next", ""), ":2: .*не называет step_01_next"),
        (SELF_CHECK.replace("pytest", ""), ":2: .*не называет pytest"),
        (
            SELF_CHECK.replace("обещано.\n```", "обещает.\n```"),
            ":2: ни один .* check 01» и «Всё",
        ),
    ],
)
def test_complains_about_the_lesson_itself(tmp_path, text, message):
    (error,) = course.complaints(write_lesson(tmp_path, text, {}, {}))
    assert re.search(message, str(error)), str(error)


def test_a_lesson_is_missing(tmp_path):
    lesson = write_lesson(tmp_path, "", {}, {})
    lesson.path.unlink()
    (error,) = course.complaints(lesson)
    assert str(error) == "docs_ru/01_next.md:1: нет урока"


def test_each_kind_of_block_has_an_example():
    readme = (ROOT / "workshop" / "lesson" / "README.md").read_text()
    examples = re.findall(r"^````markdown\n(.*?)^````$", readme, re.MULTILINE | re.DOTALL)
    blocks = [block for example in examples for block in read_blocks(Path("a/b.md"), example)]
    kinds = {"files", "console", "browser", "tab", "tab_console", "tree", "promises"}
    assert {kind_of(block) for block in blocks} == kinds
    assert [part.path for block in blocks if kind_of(block) == "files" for part in parts(block)]
