"""The test command: what it runs, how it sums up, and what it leaves behind."""

import re
import signal

import pytest

from .conftest import FOREIGN_VARIABLES, leftovers, wait_until

SLOW_TEST = """
import pytest, subprocess

@pytest.mark.parametrize("number", range(9))
def test_slow(number):
    if number:
        with subprocess.Popen(["sleep", "1000"]) as process:
            process.wait()
"""


@pytest.fixture
def add_test(workshop_copy):
    """Add a test to step 00 of the copy."""

    def add_test(code):
        (workshop_copy / "step_00_initial" / "tests" / "test_added.py").write_text(code)

    return add_test


@pytest.fixture
def slow_tests(workshop_copy):
    """Add tests that take forever to steps 00 and 01 and to the faults."""
    for directory in ("step_00_initial/tests", "step_01_celery/tests", "tests/faults"):
        path = workshop_copy / directory / "test_0_slow.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SLOW_TEST)


def test_step_passes(workshop):
    run = workshop("test", "00")
    assert run.wait() == 0
    assert re.search(r"✓ step_00_initial  прошло [1-9]\d*  \(", run.output)
    assert "Всё прошло." in run.output
    assert "PASSED" in run.output, "The progress is not shown"


def test_failure_is_named(workshop, add_test):
    add_test("def test_wrong():\n    assert False, 'посмотрите в views.py'")
    run = workshop("test", "00", "01", "--", "-k", "wrong or feedback")
    assert run.wait() == 1
    assert re.search(r"✗ step_00_initial  прошло [1-9]\d*, не прошло 1  \(", run.output)
    assert "✓ step_01_celery" in run.output
    assert "Ошибки: step_00_initial." in run.output
    assert "посмотрите в views.py" in run.output


def test_skips_are_listed_with_reasons(workshop, add_test):
    add_test("import pytest\ndef test_later():\n    pytest.skip('ещё рано')")
    run = workshop("test", "00")
    assert run.wait() == 0
    assert re.search(r"прошло [1-9]\d*, пропущено 1  \(", run.output)
    assert "пропущено test_later: ещё рано" in run.output


def test_variables_of_another_project(workshop):
    run = workshop("test", "02", "--", "-k", "runs_task or backend", env=FOREIGN_VARIABLES)
    assert run.wait() == 0, run.output


def test_broken_step_is_a_failure(workshop, workshop_copy):
    (workshop_copy / "step_00_initial" / "pytest.ini").write_text("broken")
    run = workshop("test", "00")
    assert run.wait() == 1
    assert "✗ step_00_initial" in run.output


def test_arguments_reach_pytest(workshop):
    run = workshop("test", "00", "01", "--", "-k", "default_app")
    assert run.wait() == 0
    assert "✓ step_00_initial  прошло 0  (" in run.output
    assert "✓ step_01_celery   прошло 1  (" in run.output


def test_debugger_has_the_terminal(start, workshop_copy, add_test):
    add_test("def test_added():\n    answer = 41\n    assert answer == 42")
    options = "-- -k test_added --pdb"
    command = f"echo p answer + 1 | .venv/bin/python -m workshop test 00 {options}"
    run = start(["/bin/sh", "-c", command], cwd=workshop_copy)
    assert run.wait() == 1
    assert "(Pdb) 42" in run.output


def test_ctrl_c_leaves_nothing(workshop):
    run = workshop("test", "03")
    wait_until(lambda: "celery" in str(run.family()), 30, lambda: run.output)
    run.send(signal.SIGINT)
    assert run.wait() == 130
    assert "Прервано" in run.output
    assert not run.family()
    assert not leftovers(run)


@pytest.mark.usefixtures("slow_tests")
def test_killed_runner_leaves_nothing(workshop):
    run = workshop("test", "00")
    run.wait_for("test_slow")
    run.send(signal.SIGKILL)
    wait_until(lambda: not run.family(), 30, lambda: f"still run: {run.family()}")
    assert not leftovers(run)


@pytest.mark.usefixtures("slow_tests")
def test_second_ctrl_c_does_not_disturb(workshop):
    """The stopping that the first one has begun goes on."""
    run = workshop("test", "00", "01")
    run.wait_for("test_slow")
    run.send(signal.SIGINT)
    run.wait_for("Прервано")
    run.send(signal.SIGINT)
    assert run.wait() == 130
    assert not run.family()


@pytest.mark.usefixtures("slow_tests")
@pytest.mark.parametrize("arguments", ["test 00 01", "faults"])
def test_nobody_reads_on(start, workshop_copy, arguments):
    command = f".venv/bin/python -m workshop {arguments} | head -n 3"
    run = start(["/bin/sh", "-c", command], cwd=workshop_copy)
    run.wait(60)
    assert run.output.count("\n") == 3, run.output
    assert not run.family()
    assert not leftovers(run)


def test_nobody_reads_the_sum_up(start, workshop_copy):
    command = ".venv/bin/python -m workshop test 00 | sed '/ passed in /q'"
    run = start(["/bin/sh", "-c", command], cwd=workshop_copy)
    assert run.wait() == 0
    assert "Traceback" not in run.output


@pytest.mark.parametrize("steps", [["00"], ["00", "01"]])
def test_lines_fit_into_the_terminal(workshop, steps):
    """With the step's name in front, if there is more than one step."""
    run = workshop("test", *steps, "--", "-k", "default_app", env={"COLUMNS": "80"})
    assert run.wait() == 0
    titles = [line for line in run.output.splitlines() if "test session starts" in line]
    assert [len(title) for title in titles] == [80 for step in steps]
    assert all(("│" in title) == (len(steps) > 1) for title in titles)
