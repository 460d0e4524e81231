"""Bad input: one clear Russian line, nothing of the learner's changed, no traceback."""

import os
import re
import signal
import time

import psutil
import pytest

from workshop.my_project import MOST_BYTES, read_project

from .conftest import wait_until
from .learner import after

VERBS = ("", "diff", "diff 03")
VIEWS = "feedback/views.py"


def all_say(learner, words, status=1):
    """All verbs that read the directory say these words and end with this status."""
    for verb in VERBS:
        assert words in learner.types(verb, status)


def refuse(monkeypatch, name, path):
    """Let a function of `os` refuse to open this path, as the system would refuse it others."""
    real = getattr(os, name)

    def refusing(wanted, *more, **options):
        if os.fspath(wanted) == str(path):
            raise PermissionError(13, "Permission denied", str(wanted))
        return real(wanted, *more, **options)

    monkeypatch.setattr(os, name, refusing)


@pytest.mark.parametrize("verb", ["diff", "diff --dir ~никто/проект", "diff --dir README.md/x"])
def test_no_directory_elsewhere(learner, verb):
    assert re.match(r"Каталога .* нет|.* — файл, а нужен", learner.types(verb, 1))


@pytest.mark.parametrize("verb", ["diff", "diff 03"])
def test_no_directory(learner, verb):
    answer = learner.types(verb, 1)
    assert answer.startswith("Каталога ~/my_project нет.")
    assert "python3 -m workshop start 01" in answer


def test_empty_directory(learner):
    learner.directory.mkdir()
    all_say(learner, "Каталог ~/my_project пуст.")


def test_file_instead_of_a_directory(learner):
    learner.directory.write_text("моё")
    all_say(learner, "~/my_project — файл, а нужен каталог")
    assert learner.directory.read_text() == "моё"


def test_another_project(learner):
    learner.has({"main.py": "", "венера/a": "", "README.md": "", "requirements.txt": ""})
    words = "нет проекта из уроков. В нём лежит: README.md, main.py, requirements.txt, венера."
    all_say(learner, words)


def test_project_one_directory_below(learner):
    learner.has({f"step_00_initial/{path}": text for path, text in after("00").items()})
    answer = learner.types("", status=1)
    assert "Проект лежит каталогом ниже, в ~/my_project/step_00_initial. Перен" in answer
    assert "  mv ~/my_project/step_00_initial/* ~/my_project\n" in answer


def test_directory_that_may_not_be_read(learner, monkeypatch):
    learner.has(after("03"))
    refuse(monkeypatch, "listdir", learner.directory)
    all_say(learner, "Каталог ~/my_project закрыт для чтения")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("привет\n".encode("cp1251"), "не в кодировке UTF-8"),
        ("привет\n".encode("utf-16"), "не в кодировке UTF-8"),
        (b"\0" * 100, "это не текст"),
        (b"a = 1\n" * MOST_BYTES, "слишком велик: 180 КБ"),
    ],
    ids=["cp1251", "utf16", "binary", "huge"],
)
def test_file_that_is_no_text(learner, content, words):
    learner.has(after("03"))
    (learner.directory / VIEWS).write_bytes(content)
    before = learner.snapshot()
    all_say(learner, f"{VIEWS}: {words}")
    assert learner.snapshot() == before


def test_file_that_may_not_be_read(learner, monkeypatch):
    learner.has(after("03"))
    refuse(monkeypatch, "stat", learner.directory / VIEWS)
    all_say(learner, f"{VIEWS}: закрыт для чтения")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.mkdir(), "это каталог, а нужен файл"),
        (lambda path: os.mkfifo(path), "это не обычный файл"),
        (lambda path: path.symlink_to(path.name), "не читается"),
    ],
    ids=["directory", "pipe", "loop"],
)
def test_no_file_at_all(learner, make, words):
    learner.has(after("03") | {VIEWS: None})
    make(learner.directory / VIEWS)
    all_say(learner, f"{VIEWS}: {words}")


def test_file_instead_of_an_inner_directory(learner):
    learner.has({path: text for path, text in after("03").items() if "static" not in path})
    learner.has({"feedback/static": ""})
    all_say(learner, "feedback/static: это файл, а нужен каталог")


def test_two_gigabytes_of_something_else(learner, monkeypatch):
    """Only the course's directories are entered, only its files are opened."""
    learner.has(after("03") | {"venv/lib/a.py": "", "data/x/y": "", "feedback/cache/z": ""})
    for name in ("dump.sql", "feedback/видео.mp4"):
        with open(learner.directory / name, "wb") as file:
            file.truncate(2_000_000_000)
    for number in range(2000):
        (learner.directory / f"{number}.tmp").touch()
    entered, scandir = set(), os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: entered.add(str(path)) or scandir(path))
    started = time.perf_counter()
    all_say(learner, "и ещё 199", 0)
    assert time.perf_counter() - started < 5
    assert str(learner.directory / "feedback") in entered
    assert not [path for path in entered if "venv" in path or "data" in path or "cache" in path]


def test_names_that_are_no_text(learner):
    learner.has(after("03"))
    os.close(os.open(os.fsencode(learner.directory) + b"/\xff\x1b.txt", os.O_CREAT))
    assert "\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}.txt" in learner.types("")


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("start 77", "Нет урока «77». Есть такие: 00, 01"),
        ("start taks", "Нет урока «taks». Может быть, tasks? Есть такие: 00"),
        ("start step_03_task", "Может быть, step_03_tasks?"),
        (
            "start 03_1.9",
            "В уроке 03_1 нет раздела «9». Может быть, 03_1.6? Есть такие:\n  03_1.1. Зад",
        ),
        ("start 02.x", "В уроке 02 нет раздела «x». Есть такие:\n"),
        ("start 02.", "В уроке 02 нет раздела «». Есть такие:\n"),
        ("start 03.2", "В этом шаге несколько уроков. Какой раздел: 03_1.2, 03_2.2, 03_3.2?"),
        ("start 03_7", "Нет урока «03_7». Может быть, 03_3? Есть такие: 00"),
        ("diff ../my_project", "Нет урока «my_project»"),
        ("diff 77.1", "Нет урока «77»."),
        ("diff 01 02 03", "непонятно: 03"),
        ("start", "УРОК"),
        ("strat 03", "Нет команды «strat». Может быть, start?"),
        ("dif", "Нет команды «dif». Может быть, diff?"),
    ],
)
def test_arguments_that_make_no_sense(learner, line, answer):
    assert answer in learner.types(line, 2)
    assert not learner.directory.exists()


def test_reads_only_what_it_is_asked_for(learner):
    learner.has(after("03"))
    project = read_project(learner.directory, [VIEWS])
    assert project.files == {VIEWS: after("03")[VIEWS]}
    assert "manage.py" in project.others


def writer(pipe):
    """Open a pipe for writing once somebody reads from it; None as long as nobody does."""
    try:
        return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return None


@pytest.mark.parametrize(
    ("words", "lesson"),
    [
        ([], "00_initial"),
        (["diff"], "00_initial"),
        (["start", "04.5", "--dir", "new"], "04_beat"),
    ],
    ids=["where", "diff", "start"],
)
def test_ctrl_c(workshop, workshop_copy, words, lesson):
    """A verb is stopped while it waits for the end of a lesson."""
    pipe = workshop_copy / "docs_ru" / f"{lesson}.md"
    pipe.parent.mkdir()
    os.mkfifo(pipe)
    (workshop_copy.parent / "my_project").mkdir()
    process = workshop(*words)
    end = wait_until(lambda: writer(pipe), 10, lambda: process.output)
    # Between opening and reading, Python would notice the signal only after what it reads.
    sleeps = psutil.Process(process.pid).status
    wait_until(lambda: sleeps() == psutil.STATUS_SLEEPING, 10, sleeps)
    process.send(signal.SIGINT)
    assert process.wait() == 130
    os.close(end)
    assert process.output == ""
    assert not (workshop_copy / "new").exists()
