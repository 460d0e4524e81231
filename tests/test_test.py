"""The test command: what it runs, how it sums up, and what it leaves behind."""

import os
import signal

import pytest

from .conftest import FOREIGN_VARIABLES, wait_until


@pytest.fixture
def add_test(workshop_copy):
    """Add a test to step 00 of the copy."""

    def add_test(code):
        (workshop_copy / "step_00_initial" / "tests" / "test_added.py").write_text(code)

    return add_test


def test_step_passes(workshop):
    """Шаг проходит: одна строка с числом тестов и временем, код 0."""
    run = workshop("test", "00")
    assert run.wait() == 0
    assert "✓ step_00_initial  прошло 11  (" in run.output
    assert "Всё прошло." in run.output
    assert "PASSED" in run.output, "Не видно, как идёт проверка"


def test_failure_is_named(workshop, add_test):
    """Тест не прошёл: он назван в итоге, код 1."""
    add_test("def test_wrong():\n    assert False, 'посмотрите в views.py'")
    run = workshop("test", "00", "01")
    assert run.wait() == 1
    assert "✗ step_00_initial  прошло 11, не прошло 1  (" in run.output
    assert "✓ step_01_celery" in run.output
    assert "Ошибки: step_00_initial." in run.output
    assert "посмотрите в views.py" in run.output


def test_skips_are_listed_with_reasons(workshop, add_test):
    """Пропущенный тест: в итоге есть его имя и причина."""
    add_test("import pytest\ndef test_later():\n    pytest.skip('ещё рано')")
    run = workshop("test", "00")
    assert run.wait() == 0
    assert "прошло 11, пропущено 1" in run.output
    assert "пропущено test_later: ещё рано" in run.output


def test_variables_of_another_project(workshop):
    """Переменные окружения другого проекта не мешают тестам шага."""
    run = workshop("test", "02", env=FOREIGN_VARIABLES)
    assert run.wait() == 0, run.output


def test_broken_step_is_a_failure(workshop, workshop_copy):
    """Pytest не смог начать: это тоже ошибка."""
    (workshop_copy / "step_00_initial" / "pytest.ini").write_text("сломано")
    run = workshop("test", "00")
    assert run.wait() == 1
    assert "✗ step_00_initial" in run.output


def test_arguments_reach_pytest(workshop):
    """Всё после -- получает pytest."""
    run = workshop("test", "00", "01", "--", "-k", "default_app")
    assert run.wait() == 0
    assert "✓ step_00_initial  прошло 0  (" in run.output
    assert "✓ step_01_celery   прошло 1  (" in run.output


def test_ctrl_c_leaves_nothing(workshop):
    """Ctrl-C посреди проверки: тесты остановлены вместе с воркерами и Redis."""
    run = workshop("test", "03")

    def worker_runs():
        return any("celery" in command for command in run.family().values())

    wait_until(worker_runs, 30, lambda: run.output)
    os.kill(run.popen.pid, signal.SIGINT)
    assert run.wait() == 130
    assert "Прервано" in run.output
    assert not run.family()
