"""The check of a learner's project: what it says, and that it leaves everything as it was."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from codecs import BOM_UTF8
from pathlib import Path

import psutil
import pytest

from workshop import cli
from workshop.check import command, known, learner, project_round, promises
from workshop.check.inside.chromium import HOW_TO_INSTALL, find_browser
from workshop.lesson.project import copy_step
from workshop.processes.private_redis import NoRedis
from workshop.steps import ROOT, find_step

from .conftest import FOREIGN_VARIABLES, leftovers, wait_until

# Another run of these tests has other processes.
SLEEP = f"import time; time.sleep(1000)  # {os.getpid()}"
HANGS = f"""
import signal, subprocess, sys, time

def FeedbackFormView(request):
    subprocess.Popen([sys.executable, "-c", "{SLEEP}"], start_new_session=True)
    time.sleep(1000)

SuccessView = FeedbackFormView
"""


@pytest.fixture(autouse=True)
def undisturbed(monkeypatch):
    """The verb must not take over the signals of pytest."""
    monkeypatch.setattr(command, "interrupt_once", lambda: None)


@pytest.fixture
def project(tmp_path):
    """Make a copy of a step as a learner has it: without the step's tests."""

    def project(name):
        directory = tmp_path / "my_project"
        copy_step(find_step(name), directory, tests=False)
        return directory

    return project


@pytest.fixture
def check(capsys, tmp_path):
    """Check my_project. Returns the exit status and what was printed."""

    def check(*words):
        status = cli.main(["check", "--dir", str(tmp_path / "my_project"), *words])
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return check


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def make_hanging(directory):
    """Let every page of a project start a process and then hang."""
    (directory / "feedback" / "views.py").write_text(HANGS)
    for view in ("FeedbackFormView", "SuccessView"):
        change(
            directory / "feedback" / "urls.py",
            f"views.{view}.as_view()",
            "views.FeedbackFormView",
        )


def sleepers():
    """Return the processes that the hanging page has started."""
    processes = psutil.process_iter(["cmdline"])
    return [one.pid for one in processes if SLEEP in (one.info["cmdline"] or ())]


def times(directory):
    """Return the time and the size of everything in a directory."""
    found = {path: path.lstat() for path in directory.rglob("*")}
    return {path: (stat.st_mtime_ns, stat.st_size) for path, stat in found.items()}


def test_the_tests_of_a_lesson_tell_that_it_has_begun(project, check):
    """As `start 01` leaves it."""
    tests = find_step("01") / "tests"
    shutil.copytree(tests, project("00") / "tests")
    status, printed = check("--", "-k", "default_app")
    assert status == 1
    assert "как обещает урок 01." in " ".join(printed.split())


def test_promises_are_kept_and_shown(project, check):
    project("00")
    status, printed = check("00")
    assert status == 0
    assert "DEFAULT_FROM_EMAIL, в нём — проверенный текст\n  отзыва.\n✓" in printed
    assert printed.count("✓") == 15 and "✗" not in printed
    assert printed.endswith("\nСделано 15 из 15. Всё как обещано.\n")
    # The path of the project is not broken, and may be long.
    assert max(len(line) for line in printed.splitlines() if "/" not in line) <= 80


def test_first_failure_is_explained(project, check):
    change(project("00") / "feedback/forms.py", "sleep(settings", "print(settings")
    status, printed = check("00")
    assert status == 1
    assert "Traceback" not in printed and "assert" not in printed
    explained = printed.partition("✗ Ответ приходит только после того")[2]
    assert "send_email() не ждёт EMAIL_DELAY_SECONDS.\n    Урок 00" in explained
    end = printed.partition("Сделано 14 из 15. Начните с первого ✗:\n")[2]
    assert end.startswith("  Ответ приходит только после того")
    assert "send_email() не ждёт EMAIL_DELAY_SECONDS. Урок 00" in end


def test_verbose_shows_the_trace(project, check):
    change(project("00") / "feedback/views.py", "form.send_email()", "form.send()")
    _, printed = check("00", "--verbose")
    assert "    feedback/views.py:" in printed
    assert "`feedback/views.py`, строка 13: AttributeError: 'FeedbackForm'" in printed.replace(
        "\n    ", " "
    )


def test_what_is_not_there_yet(project, check):
    project("02")
    _, printed = check("03", "--", "-k", "option")
    said = " ".join(printed.split())
    assert (
        "Ещё нет файла `feedback/tasks.py`. И ещё 10 того же рода. Урок 03_1, раздел 1." in said
    )
    assert "✗ Пределы повторов и времени задачи" in printed
    assert "Error" not in printed


def test_syntax_error_has_its_place_and_stops_the_check(project, check, monkeypatch):
    change(
        project("01") / "feedback/views.py", "super().form_valid(form)", "super().form_valid("
    )
    monkeypatch.setattr("workshop.check.command.start_promises", None)
    status, printed = check("01")
    assert status == 1
    said = " ".join(printed.split())
    assert "`feedback/views.py`, строка 14: ошибка в записи (не закрыта скобка `(`)." in said
    assert said.endswith("Остальное проверится, когда это будет исправлено.")
    assert printed.count("✓") == 0


def test_nothing_of_the_learner_is_changed_or_gets_in(project, check, monkeypatch):
    directory = project("00")
    for name in ("tests/test_own.py", "conftest.py", "venv/lib/bad.py", "env/bad.py"):
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\xff")
    (directory / "conftest.py").write_text("raise RuntimeError")
    (directory / "manage.py").write_bytes(BOM_UTF8 + (directory / "manage.py").read_bytes())
    (directory / "env" / "pyvenv.cfg").touch()
    (directory / "db.sqlite3").write_text("mine")
    (directory / "loop").symlink_to(directory)
    os.mkfifo(directory / "pipe")
    with open(directory / "film.mkv", "wb") as file:
        file.truncate(2_000_000_000)
    for name, value in FOREIGN_VARIABLES.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTEST_ADDOPTS", "--wrong")
    before = times(directory)
    status, printed = check("00")
    assert status == 0, printed
    assert times(directory) == before


@pytest.mark.parametrize(
    ("deadline", "grace", "answer"),
    [
        (3, 20, "`feedback/views.py`, строка 6: проверка не кончилась за 3 с."),
        (1000, -994, "зависла, дальше не идём."),
    ],
    ids=["test", "pytest"],
)
def test_hanging_project_is_ended(project, check, monkeypatch, deadline, grace, answer):
    make_hanging(project("00"))
    monkeypatch.setattr(promises, "DEADLINE", deadline)
    monkeypatch.setattr(promises, "GRACE", grace)
    status, printed = check("00", "--", "-x")
    assert status == 1
    assert answer in printed
    assert not sleepers()


def test_hanging_settings_are_named(project, check, monkeypatch):
    settings = project("00") / "django_celery" / "settings.py"
    settings.write_text(f"import time\ntime.sleep(1000)\n{settings.read_text()}")
    monkeypatch.setattr(project_round, "SECONDS", 3)
    status, printed = check("00")
    assert status == 1
    assert "`django_celery/settings.py`, строка 2: " in printed
    assert "за 3 с не кончилось" in printed


def make_nothing(directory):
    pass


def make_file(directory):
    directory.write_text("")


def make_empty(directory):
    directory.mkdir()


def make_other(directory):
    directory.mkdir()
    (directory / "notes.txt").touch()


def make_cp1251(directory):
    copy_step(find_step("00"), directory, tests=False)
    (directory / "feedback/views.py").write_bytes("# one\n# два".encode("cp1251"))


def make_heap(directory):
    copy_step(find_step("00"), directory, tests=False)
    for number in range(learner.MOST_FILES):
        (directory / f"{number}.txt").touch()


@pytest.mark.parametrize(
    ("make", "answer"),
    [
        (make_nothing, "my_project нет. Завести проект: "),
        (make_file, "my_project — файл, а нужен каталог"),
        (make_empty, "my_project пуст"),
        (make_other, "нет проекта из уроков. В нём лежит: notes.txt."),
        (make_cp1251, "`feedback/views.py` не в кодировке UTF-8 (строка 2)"),
        (make_heap, "больше 2000 файлов"),
    ],
)
def test_no_project(tmp_path, check, make, answer):
    make(tmp_path / "my_project")
    status, printed = check("00")
    assert status == 1
    assert answer in printed
    assert len(printed.splitlines()) == 1


def test_unreadable_file(project, check, monkeypatch):
    path = project("00") / "own.py"
    path.touch()
    read = Path.read_bytes

    def refuse(wanted):
        if wanted == path:
            raise PermissionError(13, "Permission denied", str(path))
        return read(wanted)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    status, printed = check("00")
    assert status == 1
    assert printed == f"Не удаётся прочесть {path}: нет прав.\n"


@pytest.mark.skipif(find_browser() is None, reason=HOW_TO_INSTALL)
def test_pages_are_opened_in_a_browser(project, check):
    change(project("05") / "jokes/static/jokes/jokes.js", "\nconnect();", "\nconnect(;")
    _, printed = check("05", "--", "-k", "test_pages_jokes")
    said = " ".join(printed.split())
    assert "Браузер не выполняет `jokes/static/jokes/jokes.js`, строка 63: Uncaught" in said
    assert said.count("✗ В браузере: ") == 3


@pytest.mark.skipif(find_browser() is None, reason=HOW_TO_INSTALL)
def test_google_chrome_is_enough(project, check, monkeypatch, tmp_path):
    chrome = tmp_path / "google-chrome"
    chrome.write_text(f'#!/bin/sh\nPATH={os.environ["PATH"]} exec {find_browser()} "$@"\n')
    chrome.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    project("05")
    status, printed = check("05", "--", "-k", "test_pages_jokes and come")
    assert (status, printed.count("✓ В браузере: ")) == (0, 1)


def test_no_test_is_wanted(project, check):
    project("00")
    status, printed = check("00", "--", "-k", "nothing")
    assert (status, "Всё как обещано" in printed) == (1, False)
    assert printed.endswith("Под ваши аргументы pytest не подходит ни один тест.\n")


def test_without_a_browser_one_line_says_so(project, check, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    project("03")
    status, printed = check("03", "--", "-k", "test_pages")
    assert status == 0
    end = "\n· Страницы в браузере не проверены: нет ни chromium, ни google-chrome"
    assert printed.count(end) == 1 and "В браузере:" not in printed


def test_no_redis(project, check, monkeypatch):
    project("02")

    def fail(*arguments):
        raise NoRedis("Сервера нет.")

    monkeypatch.setattr(command, "start_redis", fail)
    status, printed = check("02")
    assert status == 1
    assert printed.endswith("\nСервера нет.\n")


def test_interrupt_leaves_nothing(project, workshop, workshop_copy):
    directory = project("00")
    make_hanging(directory)
    before = times(directory)
    shutil.copytree(ROOT / "docs_ru", workshop_copy / "docs_ru")
    run = workshop("check", "00", "--dir", str(directory))
    wait_until(sleepers, 20, lambda: run.output)
    run.send(signal.SIGINT)
    assert run.wait() == 130
    assert run.output.endswith("Прервано. Ваш проект не изменён.\n")
    assert not sleepers()
    assert not leftovers(run)
    assert times(directory) == before


def test_lesson_beyond_the_steps_has_no_promises(project, check):
    project("05")
    status, printed = check("06")
    assert status == 1
    assert printed.startswith("Своих тестов у урока 06 нет")
    assert "  python3 -m workshop diff 06 --dir " in printed


def test_known_error_is_explained(project, check):
    settings = project("05") / "django_celery" / "settings.py"
    change(settings, '    "daphne",\n', "")
    change(settings, 'JokesApiConfig",\n', 'JokesApiConfig",\n    "daphne",\n')
    _, printed = check("05")
    said = " ".join(printed.split())
    assert "Об этом — `docs_ru/errors.md`, «daphne.E001». У `staticfiles` тоже" in said
    assert "Урок 05, раздел 2. Остальное проверится" in said
    assert known.known_error("всё хорошо") is None


def test_what_pip_does_not_understand(project, check):
    change(project("01") / "requirements.txt", "celery~=", "celery=")
    _, printed = check("01", "--", "-k", "form_page")
    assert "✗ В `requirements.txt` названы все пакеты.\n" in printed
    said = " ".join(printed.split())
    assert re.search(r"есть строка `celery=[\d.]+`, и `pip` её не поймёт. Урок 01, р", said)


def test_key_of_a_schedule_leads_to_its_section(project, check):
    change(project("04") / "django_celery/settings.py", '"schedule": 15.0', '"shedule": 15.0')
    _, printed = check("04", "--", "-k", "test_schedule")
    assert "Ошибка: KeyError: 'schedule'. Урок 04, раздел 3." in " ".join(printed.split())


SLOW = """
import pytest

@pytest.fixture
def start():
    pass

@pytest.mark.parametrize("wrong", [0, 1, 1])
def test_one(start, wrong):
    "Первое."
    assert not wrong

def test_two(start):
    "Второе."

def test_quick():
    "Быстрое."
"""


def test_shares_are_all_and_a_broken_promise_is_looked_at_once(tmp_path):
    (tmp_path / "test_slow.py").write_text(SLOW, encoding="utf-8")
    plugin = ("-p", "promises_plugin", "-p", "no:cacheprovider", "-rs")
    titles = []
    for share in ("0", "1", "2"):
        command = [sys.executable, "-m", "pytest", *plugin, "--share", share, "2", "."]
        environment = os.environ | {"PYTHONPATH": str(promises.INSIDE)}
        came = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        lines = [line[1:] for line in came.stdout.split("\n") if line[:1] == "\x1e"]
        events = [json.loads(line) for line in lines]
        titles.append(sorted({event["title"] for event in events if "begins" in event}))
        if share == "1":
            assert "1 failed, 1 passed, 1 skipped" in came.stdout
            assert sum("fails" in event for event in events) == 1
            assert not any("skips" in event for event in events)
    assert titles == [["Быстрое."], ["Первое."], ["Второе."]]
