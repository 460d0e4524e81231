"""No verb: where in the course the learner's files are, and how each file of the section is."""

import re
import socket

import pytest

from workshop.places import find_place, sections_of
from workshop.progress import course, find_stretch, place_of, point_after, touched
from workshop.steps import find_step
from workshop.where import MOST_FILES

from .learner import after

POINTS = course()
TASKS, FORMS, VIEWS = "feedback/tasks.py", "feedback/forms.py", "feedback/views.py"
SETTINGS = "django_celery/settings.py"


def place(files, entered=None):
    return place_of(POINTS, find_stretch(POINTS, files, entered and find_step(entered)))


# The files alone do not tell the end of a lesson from the beginning of the next of its stage,
# nor from that of a lesson without tests of its own.
RECOGNISED = [
    number
    for number, point in enumerate(POINTS)
    if number and (point.heading or (point.lesson.is_first and not point.lesson.is_beyond))
]


def stretches():
    """The sections that touch files."""
    return list(
        dict.fromkeys((point.lesson, point.heading) for point in POINTS if point.heading)
    )


def test_the_end_of_a_lesson_is_not_yet_the_next_of_its_stage():
    assert place(after("03_1"), "03") == "в конце урока 03_1"
    assert place(after("03_2"), "03") == "в конце урока 03_2"


@pytest.mark.parametrize("number", RECOGNISED)
def test_every_point_of_the_course_is_recognised(number):
    """After each block: the section at hand is the block's own, unless that was its last."""
    point, following = POINTS[number], POINTS[number + 1 :]
    stretch = find_stretch(POINTS, point.files, point.lesson.step)
    assert stretch.lesson == point.lesson
    rest = [later.heading for later in following if later.lesson == point.lesson]
    expected = rest[0] if rest else ""
    assert stretch.heading == expected


@pytest.mark.parametrize("number", range(1, len(POINTS)))
def test_one_mistake_in_any_file_moves_nobody_back(number):
    """A line that is wrong in the file typed last: never before the section of its block."""
    point = POINTS[number]
    for path in point.paths:
        files = dict(point.files)
        lines = files.get(path, "").splitlines(keepends=True)
        if not point.heading or len(lines) < 3:
            continue
        lines[len(lines) // 2] = "опечатка\n"
        stretch = find_stretch(POINTS, {**files, path: "".join(lines)}, point.lesson.step)
        assert stretch.lesson == point.lesson
        assert not stretch.heading or POINTS.index(point) <= stretch.after


def test_the_end_of_a_lesson_and_the_beginning_of_the_next_are_told_by_the_tests():
    assert place(after("02")) == "в конце урока 02"
    assert place(after("02"), "02") == "в конце урока 02"
    assert place(after("02"), "03") == "в начале урока 03_1"


def test_the_next_lesson_is_begun_without_its_tests():
    begun = after("02") | {TASKS: "from time import sleep\n"}
    assert place(begun, "02") == "в начале урока 03_1"


def test_a_file_that_is_half_typed_is_in_its_section():
    lines = after("03_2.3")["feedback/static/feedback/mail_state.js"].splitlines(keepends=True)
    for number in (1, 5, 12):
        half = "".join(lines[:number])
        files = after("03_2.3") | {"feedback/static/feedback/mail_state.js": half}
        assert place(files) == "в уроке 03_2 до раздела 3"


def test_what_was_left_out_long_ago_moves_nobody_back():
    assert place(after("04.2") | {"Procfile": after("00")["Procfile"]}) == (
        "в уроке 04 до раздела 3"
    )


def test_a_section_that_was_skipped_for_the_next():
    files = after("03_3.2") | {TASKS: after("03_3.4")[TASKS]}
    assert place(files) == "в уроке 03_3 до раздела 4"


def test_without_a_directory_it_says_how_to_begin(learner):
    answer = learner.types("")
    assert "~/my_project, пока нет" in answer
    assert "python3 -m workshop start 00\n" in answer
    assert "python3 -m workshop start 01\n" in answer
    assert re.search(r"^  diff +показать", answer, re.MULTILINE)
    assert "start 01 --dir ~/другой\n" in learner.types("--dir ~/другой")


def test_at_the_beginning_of_a_section(learner):
    learner.has(after("01.2"))
    answer = learner.types("")
    assert answer.startswith("Урок 01. Celery без брокера\ndocs_ru/01_celery.md\n")
    assert "В ~/my_project всё как в уроке 01 до раздела 5.\n" in answer
    assert (
        "\nРаздел 5. Приложение Celery\n  · django_celery/celery.py: ещё не создан\n" in answer
    )
    assert "Разделы 3 и 4 файлов не меняют" in answer
    assert "  python3 -m workshop diff 01.5\n" in answer
    assert "Дальше — раздел 6. Чтобы о приложении знал и Django." in answer
    assert re.search(r"^  start +завести", answer, re.MULTILINE)


def test_a_section_without_a_number(learner):
    learner.types("start 04")
    answer = learner.types("")
    assert "\nЧто понадобится\n  · requirements.txt: ещё не изменён\n" in answer
    assert "  python3 -m workshop diff 04.1\n" in answer
    assert "Дальше — раздел 1. Свой источник шуток." in answer


def test_one_section_that_touches_nothing(learner):
    learner.has(after("01.2"))
    assert "Разделы 3 и 4 файлов не меняют: сделаны ли они, по" in learner.types("")
    learner.has(after("05"))
    assert re.search("Раздел[ы 0-9и,]+ файлов не меня", learner.types(""))


def test_file_by_file(learner):
    done = after("04.3")
    learner.has(after("04.2"))
    learner.has(
        {
            ".gitignore": done[".gitignore"],
            SETTINGS: done[SETTINGS].replace('"schedule": 15.0', '"schedule": 51.0'),
        }
    )
    number = done[SETTINGS].splitlines().index('        "schedule": 15.0,') + 1
    answer = learner.types("")
    assert "всё как в уроке 04 до раздела 3.\n" in answer
    assert "  ✓ .gitignore: готово\n" in answer
    assert f"  ✗ {SETTINGS}: другая строка {number}\n" in answer
    assert "  · Procfile: ещё не изменён\n" in answer
    assert "файлов не меняют" not in answer
    assert "  python3 -m workshop diff 04.3\n" in answer


def test_a_file_that_is_half_typed_is_named(learner):
    script = "feedback/static/feedback/mail_state.js"
    done = after("03_2.3")
    learner.has(after("03_2.2") | {"feedback/urls.py": done["feedback/urls.py"]})
    learner.has({script: "".join(done[script].splitlines(keepends=True)[:5])})
    answer = learner.types("")
    assert re.search(r"  … feedback/static/\S+: в конце не хватает \d+ строк\n", answer)
    assert "  · feedback/templates/feedback/success.html: ещё не изменён\n" in answer


def test_what_is_wrong_before_the_section_names_its_own(learner):
    learner.has(after("03_1"))
    settings = after("03_1")[SETTINGS].replace("CELERY_BROKER_URL =", "CELERY_BROKER =")
    learner.has(
        {
            "Procfile": after("00")["Procfile"],
            SETTINGS: settings,
            "feedback/apps.py": None,
            "feedback/tasks.py": after("03_3")[TASKS],
            "jokes/tasks.py": "# потом\n",
        }
    )
    answer = learner.types("")
    assert "кроме этого:\n" in answer
    assert "  ✗ Procfile: ещё не изменён (урок 01, раздел 7)\n" in answer
    assert re.search(r"✗ \S+settings.py: другая строка \d+ \(урок 02, раздел 5\)\n", answer)
    assert "  ✗ feedback/apps.py: нет файла (урок 00, раздел 1)\n" in answer
    assert "  … jokes/tasks.py: понадобится позже (урок 04, раздел 2)\n" in answer


def test_what_came_too_early_is_no_mistake(learner):
    learner.has(after("05.2") | {"jokes/tasks.py": after("05.7")["jokes/tasks.py"]})
    answer = learner.types("")
    assert "  … jokes/tasks.py: уже такой, каким станет позже (урок 05, раздел 7)" in answer
    assert "\nДальше — раздел" in answer


def test_a_mistake_before_the_section_that_is_begun(learner):
    package, celery = "django_celery/__init__.py", "django_celery/celery.py"
    learner.has(after("01.6"))
    learner.has({celery: after("01.6")[celery].replace("namespace", "namespase")})
    learner.has({package: 'from .сelery import app as celery_app\n\n__all__ = ("app")\n'})
    answer = learner.types("")
    assert "до раздела 6, кроме этого:\n" in answer
    assert f"  ✗ {celery}: другая строка 8 (урок 01, раздел 5)\n" in answer
    assert f"  ✗ {package}: русская «с» вместо латинской (строка 1); " in answer


def test_a_mistake_in_what_comes_later(learner):
    tasks = after("05")["jokes/tasks.py"].replace("group_send", "group_sent")
    learner.has(after("05.2") | {"jokes/tasks.py": tasks})
    words = r"✗ jokes/tasks.py: другая строка \d+ \(урок 05, раздел 7\)\n"
    assert re.search(words, learner.types(""))


def test_the_end_of_a_lesson(learner):
    learner.has(after("02"))
    answer = learner.types("")
    assert "В ~/my_project всё как в конце урока 02.\n" in answer
    assert "Разделы 6, 7 и 8 файлов не меняют" in answer
    assert "  python3 -m workshop check 02\n" in answer
    assert "Потом — Урок 03_1. Задача вместо ожидания\n  docs_ru/03_1_task.md\n" in answer


def test_the_end_of_the_steps_leads_to_the_lesson_beyond(learner):
    learner.has(after("05"))
    answer = learner.types("")
    assert "всё как в конце урока 05.\n" in answer
    assert "Потом — Урок 06. Рабочий сайт\n  docs_ru/06_production.md\n" in answer


def test_the_end_of_the_course(learner):
    learner.has(after("06"))
    answer = learner.types("")
    assert "всё как в конце урока 06.\n" in answer
    assert "Потом" not in answer
    assert "workshop check" not in answer


def test_the_end_of_a_lesson_with_a_mistake_leads_to_diff(learner):
    learner.has(after("02") | {"manage.py": "print()\n"})
    answer = learner.types("--dir ~/my_project/../my_project")
    assert "  ✗ manage.py: " in answer
    assert "покажет команда\n  python3 -m workshop diff\n" in answer


def test_ends_of_lines_are_said_in_words(learner):
    learner.has({path: text.replace("\n", "\r\n") for path, text in after("01.2").items()})
    before = learner.snapshot()
    answer = " ".join(learner.types("").split())
    assert "всё как в уроке 01 до раздела 5." in answer
    assert re.search(r"Концы строк как в Windows \(CRLF\): .gitignore, .* и ещё \d+\.", answer)
    assert learner.snapshot() == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("\n", "\r\n"), "Концы строк как в Windows (CRLF)"),
        (lambda text: text.rstrip("\n"), "В конце нет перевода строки"),
        (lambda text: f"\N{BYTE ORDER MARK}{text}", "Невидимая метка BOM в начале"),
        (lambda text: text.replace("os", "оs", 1), "русская «о» вместо латинской (строка 1)"),
    ],
)
def test_what_the_eye_misses(learner, change, words):
    text = after("01.5")["django_celery/celery.py"]
    learner.has(after("01.5") | {"django_celery/celery.py": change(text)})
    answer = " ".join(learner.types("").split())
    assert words in answer
    assert not re.search("другая строка|лишняя строка", answer)


def test_what_the_lessons_do_not_have(learner):
    learner.has(after("01.2") | {"feedback/celery.py": "# мой\n" * 9, "заметки/1": ""})
    learner.has({"venv/pyvenv.cfg": "", "окружение/pyvenv.cfg": ""})
    answer = learner.types("")
    assert "В уроках этого нет: feedback/celery.py, заметки/.\n" in answer
    assert "до раздела 5.\n" in answer


def test_a_wrong_name_is_said_and_hides_nothing(learner):
    files = after("04.3")
    text = files.pop("jokes/tasks.py")
    learner.has(files | {"jokes/task.py": text, "feedback/forms.py": None})
    learner.has({"feedback/form.py": ""})
    answer = learner.types("")
    assert "всё как в уроке 04 до раздела 4, кроме этого:\n" in answer
    assert "  ✗ jokes/tasks.py: у вас это jokes/task.py: переименуйте\n" in answer
    assert "  ✗ feedback/forms.py: у вас это feedback/form.py: переименуйте\n" in answer
    assert "позже" not in answer
    assert "В уроках этого нет" not in answer


def test_a_file_of_another_directory(learner):
    files = after("03_1.1")
    learner.has(files | {"tasks.py": files.pop(TASKS)})
    answer = learner.types("")
    assert "в уроке 03_1 до раздела 2, кроме этого:\n" in answer
    assert f"  ✗ {TASKS}: у вас это tasks.py: переименуйте\n" in answer


@pytest.mark.parametrize(
    ("at", "path", "line", "section"),
    [
        ("03_3.5", SETTINGS, "CELERY_BROKER_URL = REDIS_URL", "урок 02, раздел 5"),
        ("04.8", "jokes/tasks.py", "def get_random_joke():", "урок 04, раздел 2"),
        ("04.8", SETTINGS, '        "schedule": 15.0,', "урок 04, раздел 3"),
    ],
)
def test_a_spoilt_line_is_named_by_the_section_that_adds_it(learner, at, path, line, section):
    files = after(at)
    assert files[path].count(f"{line}\n") == 1
    learner.has(files | {path: files[path].replace(f"{line}\n", f"{line}  # :)\n")})
    assert f"({section})\n" in learner.types("")
    assert re.search(rf"  {path}: \+\d+ −\d+ \({section}\)", learner.types(f"diff {at}"))


def test_a_superfluous_line_is_named_by_the_section_that_removes_it(learner):
    files = after("04")
    kept = "from time import sleep\n"
    assert kept in after("03_1.1")[FORMS] and kept not in files[FORMS]
    learner.has(files | {FORMS: kept + files[FORMS]})
    answer = learner.types("")
    assert f"  ✗ {FORMS}: лишняя строка 1 (урок 03_1, раздел 2)\n" in answer


def test_what_python_can_not_read(learner):
    package = "django_celery/__init__.py"
    learner.has(after("01") | {package: after("01")[package].replace('",)', '",')})
    answer = " ".join(learner.types("").split())
    assert f"Python не понимает `{package}`, строка 3: ошибка в записи (не закрыта" in answer
    assert "Потом — «Проверьте себя»" in answer


def test_a_redis_that_is_not_there(learner, monkeypatch, free_port):
    silent = f"Redis сейчас не отвечает (127.0.0.1:{free_port})"
    monkeypatch.setenv("REDIS_URL", f"redis://:secret@127.0.0.1:{free_port}/0")
    learner.has(after("02.2"))
    assert silent not in learner.types("")
    learner.has(after("03_2.2"))
    answer = learner.types("")
    assert silent in answer and "secret" not in answer
    # Beyond the steps it is a service, at another address.
    learner.has(after("06.3"))
    assert "не отвечает" not in learner.types("")
    learner.has(after("03_2.2"))
    with socket.create_server(("127.0.0.1", free_port)):
        assert "не отвечает" not in learner.types("")


def test_no_name_is_broken_at_the_end_of_a_line(learner):
    name = "это-мои-заметки-к-урокам-" * 4
    learner.has(after("03") | {name: ""})
    assert name in learner.types("")


def test_few_files_are_named(learner):
    learner.has({path: f"# {text}" for path, text in after("05").items()})
    answer = " ".join(learner.types("").split())
    assert "~/my_project больше всего похож на проект в уроке 05" in answer
    assert answer.partition("… и ещё файлов: ")[0].count("✗") == MOST_FILES


def test_fits_into_80_columns(learner):
    learner.has({path: f"# {text}" for path, text in after("05.3").items()})
    assert max(map(len, learner.types("").splitlines())) <= 80


def test_every_section_that_touches_files_is_named_as_its_lesson_does():
    for lesson, heading in stretches():
        assert heading in [section.heading for section in sections_of(lesson)]


def test_touched_files_are_in_the_lessons_order():
    stretch = find_stretch(POINTS, after("03_2.1"), None)
    assert touched(POINTS, stretch)[:2] == ["feedback/urls.py", VIEWS]
    assert stretch.after == point_after(POINTS, find_place("03_2.2"))
    assert POINTS[point_after(POINTS, find_place("03"))].files == after("03_3")
