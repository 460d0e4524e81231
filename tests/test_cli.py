"""The arguments: what each verb gets, and a Russian answer to what makes no sense."""

import errno
import os
import re

import pytest

from workshop import cli, my_project
from workshop.steps import find_lessons, find_step

ENGLISH = re.compile(r"\b(argument|choose|choice|error:|expected|invalid|option|usage)", re.I)
MODULES = (
    "workshop.start",
    "workshop.check.command",
    "workshop.diff",
    "workshop.where",
    "workshop.welcome",
    "workshop.run",
    "workshop.test",
    "workshop.replay.command",
    "workshop.bench.command",
)


@pytest.fixture
def arguments(monkeypatch):
    """Run the command line, but not the verb. Returns what the verb would get."""
    seen = []
    for module in MODULES:
        monkeypatch.setattr(f"{module}.main", lambda arguments: seen.append(arguments) or 7)

    def run(*words):
        assert cli.main([*words]) == 7
        return seen.pop()

    return run


def test_run(arguments):
    usual, other = arguments("run"), arguments("run", "3", "--port", "8010", "--open")
    assert (usual.step, usual.port, usual.open) == (find_step("channels"), 8000, False)
    assert (other.step, other.port, other.open) == (find_step("tasks"), 8010, True)


def test_test(arguments):
    usual = arguments("test")
    assert (usual.suites, usual.full, usual.pytest_arguments) == ([], False, [])
    other = arguments("test", "03", "faults", "--full", "--", "-k", "redis")
    assert [suite.name for suite in other.suites] == ["step_03_tasks", "faults"]
    assert (other.full, other.pytest_arguments) == (True, ["-k", "redis"])


def test_check(arguments):
    usual, other = arguments("check"), arguments("check", "3", "--verbose", "--", "-x")
    assert (usual.lesson, usual.dir, usual.verbose) == (None, my_project.DIRECTORY, False)
    assert (other.lesson, other.verbose) == (find_lessons("03")[-1], True)
    assert other.pytest_arguments == ["-x"]


def test_faults(arguments):
    faults = arguments("faults", "--full", "--", "-x")
    assert [suite.name for suite in faults.suites] == ["faults"]
    assert (faults.full, faults.pytest_arguments) == (True, ["-x"])


def test_replay(arguments):
    usual, other = arguments("replay"), arguments("replay", "02_redis.md", "3", "--typed")
    assert (usual.lessons, usual.typed) == ([], False)
    assert (other.lessons, other.typed) == ([find_lessons("02"), find_lessons("03")], True)


def test_bench(arguments, tmp_path):
    usual = arguments("bench")
    assert (usual.sections, usual.quick, usual.charts, usual.redraw) == ([], False, None, False)
    other = arguments("bench", "fanout", "mails", "--quick", "--charts", str(tmp_path))
    assert (other.sections, other.quick, other.charts) == (["fanout", "mails"], True, tmp_path)


def test_start(arguments, tmp_path):
    usual = arguments("start", "3")
    assert (usual.place, usual.dir) == ((find_lessons("03")[0], None), my_project.DIRECTORY)
    other = arguments("start", "02.5", "--dir", str(tmp_path))
    assert (other.place, other.dir) == ((find_lessons("02")[0], 5), tmp_path)


def test_diff(arguments, tmp_path):
    usual = arguments("diff")
    assert (usual.place, usual.other, usual.tests) == (None, None, False)
    other = arguments("--dir", str(tmp_path), "diff", "03", "04.1", "--tests")
    (four,) = find_lessons("04")
    assert (other.place, other.other) == ((find_lessons("03")[-1], None), (four, 1))
    assert (other.tests, other.dir) == (True, tmp_path)


def test_no_verb(arguments, tmp_path):
    where = arguments("--dir", str(tmp_path))
    assert (where.module, where.dir) == ("workshop.where", tmp_path)
    assert {"start", "diff", "run"} < where.verbs.keys()


def test_nobody_needs_an_environment_to_look_around(arguments, monkeypatch):
    monkeypatch.setattr("workshop.bootstrap.ensure_environment", lambda: 1 / 0)
    assert arguments("--dir", "нет/такого").module == "workshop.welcome"


@pytest.mark.parametrize(
    "verb",
    [[], ["start"], ["check"], ["diff"], ["run"], ["test"], ["replay"], ["faults"], ["bench"]],
)
def test_help_is_russian(capsys, verb):
    with pytest.raises(SystemExit) as end:
        cli.main([*verb, "--help"])
    assert end.value.code == 0
    assert not ENGLISH.search(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (
            "fly",
            "нет команды 'fly', есть такие: 'start', 'check', 'diff', 'run', 'lessons', "
            "'test', 'replay', 'faults', 'bench'",
        ),
        ("run 77", "Нет шага «77». Есть такие:\n  step_00_initial"),
        ("run 03 04", "непонятно: 04"),
        ("run --wrong", "непонятно: --wrong"),
        ("run --port", "--port: после этого ключа нужно значение"),
        ("run --port abc", "порт — число от 1 до 65535, а не «abc»"),
        ("run --port 0", "порт — число от 1 до 65535, а не «0»"),
        ("run --port=65536", "а не «65536»"),
        ("run --open=yes", "--open: у этого ключа нет значения, а указано 'yes'"),
        ("test 77", "step_05_channels\nИли часть мастерской: rest, lessons"),
        ("test --full=3", "у этого ключа нет значения"),
        ("replay 07_magic.md", "Нет урока «07_magic.md»"),
        ("faults 03", "непонятно: 03"),
        (
            "bench mails answr",
            "Нет измерения «answr». Может быть, answer? Есть такие:\n  answer  ответ на форму",
        ),
    ],
)
def test_what_makes_no_sense(capsys, words, answer):
    with pytest.raises(SystemExit) as end:
        cli.main(words.split())
    assert end.value.code == 2
    shown = capsys.readouterr().err
    assert answer in shown
    assert not ENGLISH.search(shown)


def test_a_known_problem_is_explained(monkeypatch):
    def fill_disk(arguments):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("workshop.run.main", fill_disk)
    with pytest.raises(SystemExit, match="На диске кончилось место"):
        cli.main(["run"])


def test_an_unknown_problem_is_shown(monkeypatch):
    def fail(arguments):
        raise OSError("что-то новое")

    monkeypatch.setattr("workshop.run.main", fail)
    with pytest.raises(OSError, match="что-то новое"):
        cli.main(["run"])
