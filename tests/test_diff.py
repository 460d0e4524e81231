"""`diff`: the names first, then the changes, in the lesson's order."""

import re
import sys

import pytest

from workshop.lesson.project import copy_step, read_files
from workshop.places import find_place
from workshop.progress import course, point_after
from workshop.steps import find_step

from .learner import after

TASKS, FORMS = "feedback/tasks.py", "feedback/forms.py"
LESSON_3 = [
    TASKS,
    FORMS,
    "feedback/urls.py",
    "feedback/views.py",
    "feedback/templates/feedback/success.html",
    "feedback/static/feedback/mail_state.js",
    "django_celery/settings.py",
    "django_celery/celery.py",
]


def names(answer):
    """The paths in the list of names, and those of the differences."""
    return (
        re.findall(r"^  ([\w./]+): ", answer, re.MULTILINE),
        re.findall(r"^\+\+\+ b/(.+)$", answer, re.MULTILINE),
    )


def test_two_steps(learner):
    answer = learner.types("diff 02 step_03_tasks")
    assert answer.startswith("- в конце урока 02\n+ в конце урока 03_3\n\n")
    assert names(answer) == (LESSON_3, LESSON_3)
    assert "  feedback/tasks.py: новый файл (урок 03_1, раздел 1)\n" in answer
    assert re.search(r"  feedback/forms.py: \+5 −11 \(урок 03_1, раздел 2\)\n", answer)


def test_a_section_is_not_named_for_an_empty_line(learner):
    """Lesson 06 moves one that the settings have since lesson 02."""
    answer = learner.types("diff 05 06")
    assert re.search(r"  django_celery/settings.py: \+\d+ −\d+ \(урок 06, раздел 1\)", answer)


def test_minus_is_the_first_and_plus_the_second(learner):
    line = "CELERY_BROKER_URL = REDIS_URL\n"
    assert f"\n+{line}" in learner.types("diff 01 02")
    assert f"\n-{line}" in learner.types("diff 02 01")


def test_a_new_file_is_shown_in_full(learner):
    answer = learner.types("diff 02 03_1.1")
    text = after("03_1.1")[TASKS]
    assert answer.endswith("".join(f"+{line}" for line in text.splitlines(keepends=True)))
    assert f"--- /dev/null\n+++ b/{TASKS}\n@@ -0,0 +1,{text.count(chr(10))} @@\n" in answer


def test_a_new_empty_file_is_named(learner):
    answer = learner.types("diff 03 04.2")
    assert "  jokes/__init__.py: новый пустой файл (урок 04, раздел 2)\n" in answer
    assert "b/jokes/__init__.py" not in answer


def test_a_file_that_goes_is_named(learner):
    answer = learner.types("diff 03 02")
    assert f"  {TASKS}: здесь его ещё нет (урок 03_1, раздел 1)\n" in answer
    assert "\n\n\n" not in answer


@pytest.mark.parametrize("number", ["01", "02", "03_1", "03_2", "03_3", "04", "05"])
def test_what_it_shows_leads_to_the_lesson(learner, number):
    """Applied as the lessons' own changes are, the changes make the files of the step."""
    learner.types(f"start {number}")
    answer = learner.types(f"diff {number}")
    lines, path, hunk = dict(read_files(learner.directory)), "", 0
    files = {name: text.splitlines(keepends=True) for name, text in lines.items()}
    for line in answer.partition("\n--- ")[2].splitlines(keepends=True):
        if match := re.fullmatch(r"\+\+\+ b/(.+)\n", line):
            path, moved = match[1], 0
            files.setdefault(path, [])
        elif match := re.match(r"@@ -(\d+)(,\d+)?", line):
            hunk = max(int(match[1]) - 1, 0) + moved
        elif line[0] == "+":
            files[path].insert(hunk, line[1:])
            hunk, moved = hunk + 1, moved + 1
        elif line[0] == "-" and not line.startswith("--- "):
            assert files[path].pop(hunk) == line[1:]
            moved -= 1
        elif line[0] == " ":
            assert files[path][hunk] == line[1:]
            hunk += 1
    made = {name: "".join(content) for name, content in files.items()}
    empty = dict.fromkeys(re.findall(r"^  (\S+): новый пустой файл", answer, re.MULTILINE), "")
    assert made | empty == after(number)


def test_the_learner_is_compared_with_the_end_of_his_lesson(learner):
    learner.has(after("03_1.1"))
    answer = learner.types("diff")
    assert answer.startswith("- у вас в ~/my_project\n+ в конце урока 03_1\n\n")
    assert names(answer)[0] == [FORMS]


def test_a_section_is_compared_with_its_end(learner):
    learner.has(after("03_1.1"))
    answer = learner.types("diff 03_1.2")
    assert "+ в уроке 03_1 после раздела 2\n" in answer
    assert names(answer) == ([FORMS], [FORMS])


def test_what_is_wrong_from_earlier_comes_first(learner):
    learner.has(after("02") | {"manage.py": "print()\n", "Procfile": after("00")["Procfile"]})
    answer = learner.types("diff 03_1")
    assert names(answer)[0] == ["manage.py", "Procfile", TASKS, FORMS]


def test_no_difference(learner):
    learner.has(after("02"))
    assert learner.types("diff") == (
        "Различий нет: у вас в ~/my_project всё так же, как в конце урока 02.\n"
    )


def test_tests_only_if_wanted(learner):
    learner.types("start 02")
    learner.has({"tests/test_redis.py": None, "tests/test_celery.py": "# моё\n"})
    assert "tests/" not in learner.types("diff 02")
    answer = learner.types("diff 02 --tests")
    assert "  tests/test_redis.py: новый файл\n" in answer
    assert "-# моё\n" in answer
    assert names(answer)[1][-2:] == ["tests/test_celery.py", "tests/test_redis.py"]


def test_tests_of_two_steps(learner):
    answer = learner.types("diff 02 03 --tests")
    assert "  tests/test_redis.py: здесь его нет\n" in answer
    assert "+++ b/tests/test_tasks.py\n" in answer


def test_what_running_leaves_is_never_shown(learner):
    copy_step(find_step("02"), learner.directory, tests=True)
    learner.has(
        {
            "db.sqlite3": "x",
            "dump.rdb": "x",
            "celerybeat-schedule.db": "x",
            "venv/bin/python": "x",
            "feedback/__pycache__/views.pyc": "x",
            ".git/HEAD": "x",
            ".gitignore": after("02")[".gitignore"] + "мусор/\n",
            "мусор/1": "x",
        }
    )
    assert names(learner.types("diff")) == ([".gitignore"], [".gitignore"])
    assert "Есть только у вас" not in learner.types("diff --tests")


def test_own_files_are_named_but_not_shown(learner):
    learner.has(after("02") | {"заметки.txt": "моё\n"})
    answer = learner.types("diff")
    assert "  Есть только у вас: заметки.txt.\n" in answer
    assert "моё" not in answer


def test_a_wrong_name_is_said_and_the_text_compared(learner):
    files = after("04.2")
    text = files.pop("jokes/tasks.py")
    learner.has(files | {"jokes/task.py": text})
    answer = learner.types("diff 04.2")
    assert "  jokes/tasks.py: у вас это jokes/task.py: переименуйте\n" in answer
    assert "Есть только у вас" not in answer and "+++" not in answer
    learner.has({"jokes/task.py": text.replace("get_random_joke", "get_joke")})
    answer = learner.types("diff 04.2")
    assert "jokes/tasks.py: у вас это jokes/task.py: переименуйте; +1 −1 (" in answer


def test_ends_of_lines_are_no_difference(learner):
    learner.has({path: text.replace("\n", "\r\n") for path, text in after("02").items()})
    learner.has({"Procfile": after("02")["Procfile"].rstrip("\n")})
    before = learner.snapshot()
    answer = learner.types("diff")
    assert names(answer) == ([], [])
    assert "  Концы строк как в Windows (CRLF): .gitignore, " in answer
    assert "  В конце нет перевода строки (Enter): Procfile.\n" in answer
    assert learner.snapshot() == before


def test_what_the_eye_misses_is_said_and_shown(learner):
    text = after("02")["django_celery/celery.py"]
    wrong = text.replace("import os", "import os  ").replace(
        "app = Celery", "аpp\N{NO-BREAK SPACE}=\tCelery"
    )
    learner.has(after("02") | {"django_celery/celery.py": wrong})
    answer = learner.types("diff")
    assert (
        "лишние пробелы в конце (строка 1); русская «а» вместо латинской (строка 7)" in answer
    )
    assert "-import os␠×2\n" in answer
    assert "-аpp\N{REPLACEMENT CHARACTER}=⇥   Celery(" in answer


def test_nothing_of_a_file_reaches_the_terminal_as_a_command(learner):
    learner.has(after("02") | {"Procfile": "\x1b[31mweb\r\n\x07\n", "a\x1b[31mb": ""})
    assert "\x1b" not in learner.types("diff") + learner.types("")


@pytest.mark.parametrize(
    ("is_terminal", "no_color"), [(True, False), (True, True), (False, False)]
)
def test_colours_only_in_a_terminal(learner, monkeypatch, is_terminal, no_color):
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal)
    answer = learner.types("diff 01 02")
    coloured = "\x1b[32m+CELERY_BROKER_URL = REDIS_URL\x1b[0m\n"
    assert (coloured in answer) == ("\x1b" in answer) == (is_terminal and not no_color)


def test_the_end_of_each_lesson_is_its_step():
    points = course()
    for number in ("00", "03", "05"):
        files = points[point_after(points, find_place(number))].files
        assert files == read_files(find_step(number))
