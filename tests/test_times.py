"""`maintain times`: what is counted in a lesson, and what is written into it."""

import pytest

from workshop import steps
from workshop.maintain import times
from workshop.maintain.__main__ import main

from .replay_lessons import console, whole_file, write_files

LESSON = """\
# Урок 01. Следующий

Введение не считается.

- Время: 20–30 минут. Удобно прерваться после раздела 1.
- Начинаем с кода из `step_00_previous`.

| раздел | минут |
| --- | --- |
| Старый | 99 |

## Что понадобится

Немного.

{sections}
## Упражнения

### Упражнение 1. Сами

{exercise}
"""
CONTENTS = """\
| урок | что увидите | время |
| --- | --- | --- |
| [00. Первый](00_first.md) | форма | 1 мин |
| [01. Следующий](01_next.md) | страница | 20–30 мин |
"""


def measure(tmp_path, text, heading="1. Раздел"):
    """Return what was counted in a section with this text."""
    lesson = f"# Урок\n\nВведение\n\n## {heading}\n\n{text}\n\n## Итог\n\nВсё.\n"
    return times.measure(tmp_path / "01_next.md", lesson)[0]


def lines(count, sign=""):
    return "".join(f"{sign}x{number} = 0\n" for number in range(count))


def change(count):
    return f"```diff\n--- a/a.py\n+++ b/a.py\n@@ -1 +1,{count} @@\n-x\n{lines(count, '+')}```\n"


def test_counts_words_without_signs_and_addresses(tmp_path):
    text = (
        "Два слова — и [ссылка](http://example.com/a b.md), `код` тоже.\n\n"
        "- Пункт\n\n| в | таблице |\n| --- | --- |\n\n### Подраздел\n\n"
        "<details>\n<summary>Ответ внутри</summary>\n\nДа.\n\n</details>\n\n"
        "```python read\nэто не проза\n```\n"
    )
    assert measure(tmp_path, text.replace("a b.md", "a.md")).words == 6 + 1 + 2 + 1 + 2 + 1


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        (whole_file("a.py", lines(7)), 7),
        (change(3), 3),
        ("```diff\n--- a/a.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n```\n", 0),
        (console("$ cd a\n$ python3 -q\n>>> 1 + 1\n2\n>>> exit()\n$ cat\n^C"), 5),
        ("```python read\nx\n```\n```console os=macos\n$ brew install redis\n```\n", 0),
        ("Вкладка 1:\n\n```text tab=1\nhttp://localhost/\n\nа\n```\n", 0),
    ],
)
def test_counts_typed_lines(tmp_path, text, typed):
    assert measure(tmp_path, text).typed == typed


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (console("$ pip install -r requirements.txt\n...\nSuccessfully installed\n..."), 30),
        (console("$ python manage.py runserver\n...\nQuit\n^C\n..."), 5),
        (console("$ python manage.py migrate\n...\n$ cd a"), 2),
        (console("$ sleep 7"), 7),
        (console("...\n... Task feedback... succeeded in 20.0...s: None"), 20),
        ("```http\nGET http://localhost:8000/\n\n302 → / (20 с)\n200 OK (1 с)\n```\n", 26),
        ("Вкладка 1:\n\n```text tab=1\nhttp://localhost/\n\nа\n```\n", 5),
        ("Пришло `succeeded in 20`\n\n```text tree\na/\n```\n", 0),
    ],
)
def test_counts_waits(tmp_path, text, seconds):
    assert measure(tmp_path, text).waits == seconds


@pytest.mark.parametrize(
    ("text", "longest"),
    [
        (whole_file("a.py", lines(5)) + change(4) + console("$ cat a.py\nx0 = 0"), 10),
        # Nothing is seen in what may be anything.
        (whole_file("a.py", lines(5)) + console("$ cd\n$ ls\n...") + change(4), 11),
        (change(5) + console("$ ls\na.py\n$ cd") + change(4), 6),
        (change(5) + "```http background\nGET http://localhost/\n```\n" + change(4), 9),
        (change(5) + "```http\nGET http://localhost/\n\n200 OK\n```\n" + change(4), 5),
        (change(5) + "Вкладка 1:\n\n```text tab=1\n(закрыть)\n```\n" + change(4), 9),
        (change(5) + "Вкладка 1:\n\n```text tab=1\n(обновить)\n\nа\n```\n" + change(4), 5),
        (change(5) + "Консоль вкладки 1:\n\n```text console=1\nа\n```\n" + change(4), 5),
        (change(5) + "```text tree\na/\n```\n" + change(4), 9),
    ],
)
def test_a_stretch_ends_when_something_is_seen(tmp_path, text, longest):
    assert measure(tmp_path, text).longest == longest


def test_an_exercise_wants_to_be_thought_about(tmp_path):
    text = "### Упражнение 1. Раз\n\nа\n\n### Упражнение 2. Два\n\nб"
    assert measure(tmp_path, text, "Упражнения").waits == 600


def test_a_stretch_goes_on_in_the_next_section(tmp_path):
    text = f"{change(20)}\n## 2. Дальше\n\n{change(6)}\n{change(1)}"
    first, second, _ = times.measure(tmp_path / "a.md", f"## 1. Раздел\n\n{text}\n## Итог\n")
    assert (first.longest, first.too_long) == (20, [])
    # Where it has become too long, once.
    assert (second.longest, second.too_long) == (27, [32])


def test_minutes():
    section = times.Section("1. Раздел", 1, words=300, typed=8, waits=60)
    assert (section.exact, section.minutes) == (5, 5)
    assert times.Section("Итог", 1, words=74).is_shown is False
    assert times.Section("Итог", 1, words=75).is_shown is True
    one = times.Section("2. Раздел", 1, typed=1)
    assert (one.is_shown, one.minutes) == (True, 1)
    exercises = times.Section("Упражнения", 1, words=3000)
    assert times.total([section, one, exercises]) == 5
    assert times.total([section, section, one, exercises]) == 10


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A workshop of one lesson with a table, one without, and the contents."""
    monkeypatch.setattr(steps, "ROOT", tmp_path)
    for name in ("step_00_first", "step_01_next"):
        write_files(tmp_path / name, {"a.py": "x\n"})
    sections = f"## 1. Раздел\n\n{change(20)}\n" + console("$ sleep 1200\n...\nвсё")
    lesson = LESSON.format(sections=sections, exercise=change(12) + console("$ cat a.py\nx"))
    write_files(
        tmp_path / "docs_ru",
        {
            "00_first.md": "# Урок 00\n\n- Время: около 5 минут.\n\n## 1. Раздел\n\nТекст.\n",
            "01_next.md": lesson,
            "README.md": CONTENTS,
        },
    )
    return tmp_path


def test_says_what_is_not_so(root, capsys):
    before = {path: path.read_text() for path in (root / "docs_ru").iterdir()}
    assert main(["times", "--check"]) == 1
    again = "python3 -m workshop.maintain times --write"
    assert capsys.readouterr().out.splitlines() == [
        "docs_ru/00_first.md:1: no table «| раздел | минут |»",
        f"docs_ru/01_next.md:1: other times: {again}",
        f"docs_ru/README.md:1: other times: {again}",
    ]
    assert before == {path: path.read_text() for path in (root / "docs_ru").iterdir()}


def test_writes_the_times(root, capsys):
    assert main(["times", "--write"]) == 1
    lesson = (root / "docs_ru" / "01_next.md").read_text()
    table = "| --- | --- |\n| 1. Раздел | 25 |\n| Упражнения | 8 |\n\n## Что понадобится\n"
    assert table in lesson and "Старый" not in lesson
    # What else that line says is left alone.
    assert "\n- Время: около 25 минут. Удобно прерваться после раздела 1.\n" in lesson
    contents = (root / "docs_ru" / "README.md").read_text()
    assert "| форма | 5 мин |\n" in contents and "| страница | 25 мин |\n" in contents
    capsys.readouterr()
    # A table is written by hand first: only its author knows where.
    assert main(["times", "--check"]) == 1
    assert capsys.readouterr().out == "docs_ru/00_first.md:1: no table «| раздел | минут |»\n"
    table = "| раздел | минут |\n| --- | --- |\n"
    first = f"- Время: около 5 минут.\n\n{table}\n## Итог\n"
    write_files(root / "docs_ru", {"00_first.md": first})
    assert main(["times", "--check"]) == 0


def test_names_a_stretch_that_is_too_long(root, capsys):
    path = root / "docs_ru" / "01_next.md"
    path.write_text(path.read_text().replace("всё", "...") + change(6))
    assert main(["times", "--check"]) == 1
    said = "57: more than 25 lines are typed before something is seen (Упражнения: 34)\n"
    assert said in capsys.readouterr().out


def test_a_lesson_that_can_not_be_read(root, capsys):
    write_files(root / "docs_ru", {"00_first.md": "```x\n```\n"})
    assert main(["times"]) == 1
    assert capsys.readouterr().out == "docs_ru/00_first.md:1: неизвестный вид блока: x\n"


def test_prints_what_was_counted(root, capsys):
    assert main(["times"]) == 0
    out = capsys.readouterr().out
    assert "docs_ru/01_next.md\n  words  typed  waits, s  longest  minutes  section\n" in out
    assert "\n      2     21      1200       21     25.3  1. Раздел\n" in out
    assert "      0.0  Что понадобится  (not in the table)\n" in out
