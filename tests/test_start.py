"""`start`: the learner's directory, ready for a lesson or a section; it touches no other."""

import os
import re

import pytest

from workshop import start
from workshop.lesson.course import starting_files, states_of
from workshop.lesson.project import read_files
from workshop.lesson.reading import read_blocks
from workshop.places import find_place, sections_of
from workshop.progress import course, point_before
from workshop.steps import all_lessons, find_lessons, find_step, lessons_of

from .learner import after
from .replay_lessons import write_lesson


def own_tests(directory):
    return read_files(directory / "tests", ["__pycache__", ".pytest_cache"])


@pytest.mark.parametrize("lesson", all_lessons()[1:], ids=lambda lesson: lesson.number)
def test_lesson_begins_where_the_one_before_ended_with_its_own_tests(learner, lesson):
    learner.types(f"start {lesson.number}")
    assert read_files(learner.directory) == starting_files(lesson)
    assert own_tests(learner.directory) == own_tests(lesson.step)
    assert os.access(learner.directory / "manage.py", os.X_OK)


def test_a_lesson_without_tests_has_those_of_the_last_step(learner):
    assert "и тесты последнего шага.\n" in learner.types("start 06")


def test_lesson_00_begins_with_the_copy_that_its_first_section_makes(learner):
    answer = learner.types("start 00")
    assert read_files(learner.directory) == read_files(find_step("00"))
    assert "docs_ru/00_initial.md, раздел 2\n" in answer
    assert "не проходит" not in answer
    (lesson,) = find_lessons("00")
    headings = {state.block.heading for state in states_of(lesson)}
    assert headings == {sections_of(lesson)[1].heading}


def test_section_begins_with_what_was_typed_before_it(learner):
    answer = learner.types("start 03_1.5")
    assert read_files(learner.directory) == after("03_1.4") == after("03_1.2")
    assert "в уроке 03_1 до раздела 5" in answer
    assert "docs_ru/03_1_task.md, раздел 5\n" in answer


def test_a_step_with_several_lessons_begins_with_the_first(learner):
    assert "docs_ru/03_1_task.md\n" in learner.types("start 03")


def test_what_stands_before_the_first_section_is_done_in_section_one():
    """Lesson 04 changes requirements.txt in «Что понадобится»."""
    points = course()
    first, later = find_place("04"), find_place("04.1")
    assert "requests" not in points[point_before(points, first)].files["requirements.txt"]
    assert "requests" in points[point_before(points, later)].files["requirements.txt"]


def test_names_the_lesson_and_the_first_commands(learner):
    answer = learner.types("start 01")
    assert "Урок 01. Celery без брокера\n  docs_ru/01_celery.md\n" in answer
    assert "  cd ~/my_project\n  python3 -m venv venv\n  source venv/bin/activate\n" in answer
    assert "Часть из них не проходит" in answer


def test_what_running_a_step_leaves_is_not_copied(learner, request):
    left = find_step("01") / "tests" / "__pycache__" / "left.pyc"
    left.parent.mkdir(exist_ok=True)
    left.touch()
    request.addfinalizer(left.unlink)
    learner.types("start 01")
    assert not (learner.directory / "tests" / "__pycache__").exists()


@pytest.mark.parametrize("lesson", all_lessons(), ids=lambda lesson: lesson.number)
def test_sections_are_those_that_the_blocks_know(lesson):
    headings = [section.heading for section in sections_of(lesson)]
    blocks = [block for block in read_blocks(lesson.path) if not block.is_exercise]
    known = [block.heading for block in blocks]
    assert [heading for heading in headings if heading in known] == list(dict.fromkeys(known))
    numbers = [section.number for section in sections_of(lesson) if section.number]
    assert numbers == list(range(1, len(numbers) + 1))


def test_what_a_block_shows_is_no_section(tmp_path):
    text = "# Урок\n\n## 1. Раз\n\n```text read\n## 2. Нет\n```\n"
    assert sections_of(write_lesson(tmp_path, text, {}, {})) == [(1, "Раз")]


@pytest.mark.parametrize("name", ["2", "02", "redis", "step_02_redis/", "docs_ru/02_redis.md"])
def test_a_lesson_has_many_names(name):
    (lesson,) = lessons_of(find_step("02"))
    assert find_place(name) == (lesson, None)
    if not name.endswith(".md"):
        assert find_place(f"{name.removesuffix('/')}.5") == (lesson, 5)


def test_an_existing_directory_is_not_touched(learner):
    learner.has({**after("03_2.4"), "notes.txt": "моё\n"})
    before = learner.snapshot()
    answer = learner.types("start 04", 1)
    assert learner.snapshot() == before
    assert "примерно такой, как в уроке 03_2 до раздела 5" in answer
    assert "  mv ~/my_project ~/my_project_old\n  python3 -m workshop start 04\n" in answer
    assert "  python3 -m workshop start 04 --dir ~/my_project_new\n" in answer


def test_a_name_that_is_taken_is_not_proposed(learner):
    learner.has(after("00"))
    (learner.directory.parent / "my_project_old").mkdir()
    assert "mv ~/my_project ~/my_project_old2\n" in learner.types("start 04", 1)


@pytest.mark.parametrize(
    ("make", "answer"),
    [
        (lambda path: path.mkdir(), "Каталог ~/my_project пуст."),
        (lambda path: path.write_text("моё"), "~/my_project — файл"),
        (lambda path: path.symlink_to("nowhere"), "Каталога ~/my_project нет."),
    ],
    ids=["empty", "file", "broken_link"],
)
def test_says_what_is_there(learner, make, answer):
    make(learner.directory)
    assert answer in learner.types("start 01", 1)


def test_another_directory(learner, tmp_path):
    answer = learner.types(f"start 01 --dir {tmp_path}/мой-проект")
    assert (tmp_path / "мой-проект" / "manage.py").exists()
    assert not learner.directory.exists()
    assert "python3 -m workshop --dir ~/мой-проект" in answer
    assert "~/мой-проект" in learner.types("--dir ~/мой-проект")


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("нет/такого", "нет каталога"),
        ("файл/проект", "— файл, а не каталог"),
    ],
)
def test_says_why_nothing_can_be_made(learner, tmp_path, place, why):
    (tmp_path / "файл").touch()
    answer = learner.types(f"start 01 --dir {tmp_path}/{place}", 1)
    assert answer.startswith("Не удалось создать")
    assert why in answer


@pytest.mark.parametrize(
    "error", [PermissionError(13, "?"), OSError(28, "?"), KeyboardInterrupt()]
)
def test_all_or_nothing(learner, monkeypatch, tmp_path, error):
    """Whatever happens in the middle, nothing half done is left."""
    written = []

    def write(path, text):
        if len(written) == 5:
            raise error
        written.append(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    monkeypatch.setattr(start, "write_text", write)
    if isinstance(error, KeyboardInterrupt):
        with pytest.raises(KeyboardInterrupt):
            learner.types("start 01")
    else:
        assert re.search("нет права писать|кончилось место", learner.types("start 01", 1))
    assert written
    assert not list(tmp_path.iterdir())
