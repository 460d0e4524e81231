"""What `check` knows about the course: sections, differences, explained errors."""

import re

import pytest

from workshop.check import known, sections
from workshop.check.hints import hints
from workshop.lesson.project import read_files
from workshop.steps import find_lessons, find_step


def changes_until(step):
    return sections.changes_of(sections.states_until(find_lessons(step)[-1]))


@pytest.mark.parametrize(
    ("message", "path", "place"),
    [
        ("Проверьте `retry_backoff_max=60` в `feedback/tasks.py`", "", "урок 03_2, раздел 7"),
        (
            "Проверьте `CELERY_BROKER_URL` в `django_celery/settings.py`",
            "",
            "урок 02, раздел 5",
        ),
        ('Проверьте "visibility_timeout" в настройках', "", "урок 03_3, раздел 5"),
        ("Проверьте `send_mail(…)` в `feedback/tasks.py`", "", "урок 03_3, раздел 5"),
        ("Проверьте `jokes/routing.py`", "", "урок 05, раздел 3"),
        ("NameError", "django_celery/__init__.py", "урок 01, раздел 6"),
        ("Ответ 200", "", None),
    ],
)
def test_section_of_a_message(message, path, place):
    changes = changes_until("05")
    block = sections.find_block(message, changes, path)
    assert (sections.place_of(block) if block else None) == place


def test_section_without_a_number():
    changes = changes_until("04")
    block = sections.find_block("В `requirements.txt` нет `requests`", changes)
    assert sections.place_of(block) == "урок 04, «Что понадобится»"


def test_hints_are_about_the_meaning():
    step, changes = find_step("03"), changes_until("03")
    files = read_files(step)
    tasks, script = "feedback/tasks.py", "feedback/static/feedback/mail_state.js"
    for path, old, new in [
        ("feedback/urls.py", '"', "'"),
        (tasks, "    # Письмо остаётся", "    # Оно остаётся"),
        (
            tasks,
            "    retry_backoff=True,\n    retry_backoff_max=60,",
            "    retry_backoff_max=60, retry_backoff=True,",
        ),
        (script, "// Спрашивает", "// Узнаёт"),
    ]:
        assert old in files[path]
        files[path] = files[path].replace(old, new)
    assert not list(hints(files, step, changes))
    files[tasks] = files[tasks].replace("    acks_late=True,\n", "")
    files[script] = files[script].replace("follow(1000)", "follow(10)")
    (script_hint, task_hint) = sorted(hints(files, step, changes))
    assert script_hint.sentence == f"`{script}`: нет `follow(1000);`"
    assert task_hint.sentence == f"`{tasks}`: нет `acks_late=True`"
    assert sections.place_of(task_hint.block) == "урок 03_3, раздел 4"


@pytest.mark.parametrize("row", known.TABLE, ids=lambda row: row.entry)
def test_known_error_has_an_entry_and_a_section(row):
    entries = known.ENTRY.findall(known.ERRORS.read_text(encoding="utf-8"))
    ((heading, text),) = [entry for entry in entries if entry[0].startswith(row.entry)]
    assert re.search(row.pattern, f"{heading}\n{text}")
    assert heading in known.explanation(row)
    assert sections.find_block(row.place, changes_until("05"))
