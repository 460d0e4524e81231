"""The replay as a whole: what it proves, what it says of bad lessons, what it leaves behind."""

import os
import shutil
import signal
import socket
import sys
from argparse import Namespace

import pytest

from workshop.lesson.errors import LessonError
from workshop.replay import command, isolation, services, wheels
from workshop.replay.one_lesson import PORTS
from workshop.steps import ROOT, find_lessons

from .conftest import RUNNING_LEAVES, wait_until
from .replay_lessons import ENTER, SELF_CHECK, console, run_lesson, whole_file, write_files
from .test_replay_tabs import needs_chromium, tab

TEST = """\
def test_answer():
    'Ответ правильный.'
    from answer import ANSWER

    assert ANSWER == 42, "Проверьте answer.py"
"""
FIRST_STEP = {
    "answer.py": "ANSWER = 0\n",
    "requirements.txt": "",
    "pytest.ini": "[pytest]\npythonpath = .\n",
    ".gitignore": "__pycache__/\n.pytest_cache/\n",
}
SECOND_STEP = FIRST_STEP | {"answer.py": "ANSWER = 42\n", "tests/test_answer.py": TEST}
RED = """\
Терминал 8:

```console terminal=8
$ python3() { echo "✗ Ответ правильный."; }
$ python3 -m workshop check 01
✗ Ответ правильный.
```

```text red
✗ Ответ правильный.
```
"""
GOOD_LESSON = "\n".join([RED, whole_file("answer.py", "ANSWER = 42\n"), SELF_CHECK])
SERVER = console("$ python3 -m http.server 8000 --bind 127.0.0.1\nServing HTTP...\n^C\n...")
ENDLESS = console("$ sh -c 'echo начало; exec sleep 1000'\nначало\nконец")

needs_namespaces = pytest.mark.skipif(
    not isolation.is_possible(), reason="здесь нельзя создать сетевое пространство имён"
)


@pytest.fixture
def root(tmp_path):
    """A workshop of two small steps."""
    root = tmp_path / "workshop"
    shutil.copytree(ROOT / "workshop", root / "workshop", ignore=RUNNING_LEAVES)
    write_files(root / "step_00_first", FIRST_STEP | {"tests/__init__.py": ""})
    write_files(root / "step_01_next", SECOND_STEP)
    shutil.copy(ROOT / "requirements.txt", root)
    (root / ".venv").symlink_to(sys.prefix)
    (root / "tmp").mkdir()
    (root / ".workshop").mkdir()
    wheels.fill()
    (root / ".workshop" / "wheels").symlink_to(wheels.DIRECTORY)
    return root


@pytest.fixture
def run(start, root):
    """Write lesson 01 and start its replay in the small workshop."""

    def run(lesson, *arguments, **environment):
        write_files(root / "docs_ru", {"01_next.md": lesson})
        command = [str(root / ".venv" / "bin" / "python"), "-m", "workshop", "replay"]
        environment = {"TMPDIR": str(root / "tmp"), **environment}
        return start([*command, *(arguments or ["01"])], cwd=root, env=environment)

    return run


def ends(process, status, *texts):
    """Check how a replay ends, and that it has printed these texts."""
    assert process.wait() == status, process.output
    for text in texts:
        assert text in process.output


def leaves_no_process(process):
    wait_until(lambda: not process.family(), 15, lambda: f"still run: {process.family()}")


def leaves_nothing(process, root):
    """Check that no process and no scratch directory is left."""
    leaves_no_process(process)
    assert not list((root / "tmp").iterdir())


def test_a_good_lesson(run, root):
    process = run(GOOD_LESSON + "\n```mermaid\n```\n")
    counts = "✓ 01_next.md  блоков выполнено 4, не выполнено 1  ("
    ends(process, 0, counts, "строка 32: схема", "Всё сошлось.")
    leaves_nothing(process, root)


@needs_namespaces
def test_lessons_use_the_same_port_side_by_side(run, root):
    copy = console(f"{ENTER}\n$ cp -r ~/django-celery-workshop/step_00_first/. .")
    check = SELF_CHECK.replace("step_01_next", "step_00_first").replace("check 01", "check 00")
    write_files(root / "step_00_first", {"tests/test_nothing.py": "def test(): pass\n"})
    write_files(root / "docs_ru", {"00_first.md": copy + SERVER + check})
    ends(run(SERVER + GOOD_LESSON, "00", "01"), 0)


@needs_namespaces
@needs_chromium
def test_a_tab_opens_in_the_network_of_the_lesson(run, root):
    serving = console("$ python3 -m http.server 8000 --bind 127.0.0.1\nServing HTTP...")
    page = tab("http://evil.localhost:8000/", "Directory listing for /\n...")
    stop = console('...\n..."GET /...200 -\n^C\n...')
    process = run(f"{serving}{page}{stop}{GOOD_LESSON}")
    ends(process, 0, "блоков выполнено 7")
    leaves_nothing(process, root)


def test_a_wrong_lesson_opens_no_shell(run, root):
    process = run(console("$ false\nничего") + whole_file("answer.py", "ANSWER = 41\n"))
    ends(process, 1, "✗ 01_next.md\ndocs_ru/01_next.md:1: в уроке нет", "Не сошлось: 1.")
    assert "docs_ru/01_next.md:9: после урока answer.py не такой" in process.output
    assert "Traceback" not in process.output
    leaves_nothing(process, root)


def test_typed_opens_no_shell(run):
    ends(run(console("$ false\nничего") + GOOD_LESSON, "--typed", "01"), 0, "Всё сошлось.")
    process = run(GOOD_LESSON.replace("42", "41"), "--typed", "00", "01")
    ends(process, 1, "docs_ru/00_first.md:1: нет урока")
    assert "docs_ru/01_next.md:15: после урока answer.py" in process.output


def test_a_lesson_is_missing(run):
    ends(run(GOOD_LESSON, "00", "01"), 1, "✗ 00_first.md", "нет урока", "✓ 01_next.md")


def test_a_lesson_in_the_middle_begins_as_the_contents_say(run, root):
    write_files(root / "docs_ru", {"README.md": console("$ touch ~/prepared")})
    ends(run(console("$ ls ~/prepared\n.../prepared") + GOOD_LESSON), 0)


def test_an_unknown_lesson(run):
    ends(run(GOOD_LESSON, "07_magic.md"), 2, "Нет урока «07_magic.md»")


@pytest.mark.parametrize(
    ("test", "complaint"),
    [
        (
            "def test_answer(): assert False",
            "tests.test_answer.test_answer падает без русской фразы: assert F",
        ),
        (
            "def test_answer(): assert False, 'Bad'",
            "падает без русской фразы: AssertionError: Bad",
        ),
        (
            "def test_answer(): 'а' / 2",
            "tests.test_answer.test_answer падает без русской фразы: TypeError: ",
        ),
        (
            "import nothing\ndef test_answer(): pass",
            "tests.test_answer падает без русской фразы: collection failure",
        ),
    ],
)
def test_the_tests_have_to_fail_before_the_lesson(run, root, test, complaint):
    write_files(root / "step_01_next", {"tests/test_answer.py": f"{test}\n"})
    heading = "01_next.md:1: тесты step_01_next до урока падают не так, как надо:"
    ends(run(GOOD_LESSON.replace("Ответ правильный.", "test_answer")), 1, heading, complaint)


def test_a_promise_that_is_kept_before_the_lesson(run, root):
    write_files(root / "step_00_first", {"answer.py": "ANSWER = 42\n"})
    ends(run(GOOD_LESSON), 1, "до урока не красное: Ответ правильный.")


def test_a_promise_that_nobody_makes(run):
    lesson = GOOD_LESSON.replace("правильный", "верный")
    ends(run(lesson, "--typed"), 1, "01_next.md:10: step_01_next не обещает: ✗ Ответ верный.")


def test_pytest_has_to_start_before_the_lesson(run, root):
    write_files(root / "step_01_next", {"tests/conftest.py": "import nothing\n"})
    ends(run(GOOD_LESSON), 1, "pytest не начал работу:", "No module named 'nothing'")


def test_a_fixture_may_fail_before_the_lesson(run, root):
    fixture = """
import pytest

@pytest.fixture
def answer():
    from answer import ANSWER
    assert ANSWER == 42, "Проверьте answer.py"

def test_answer(answer):
    'Ответ правильный.'
"""
    write_files(root / "step_01_next", {"tests/test_answer.py": fixture})
    ends(run(GOOD_LESSON), 0)


def test_the_lesson_has_to_show_that_its_promises_are_kept(run):
    command = "$ python3 -m workshop check 01\n"
    said = "ни один терминал не показывает «python3 -m workshop check 01»"
    ends(run(GOOD_LESSON.replace(command, "", 1)), 1, f":8: до этого блока {said}")
    kept = GOOD_LESSON[::-1].replace(command[::-1], "", 1)[::-1]
    ends(run(kept), 1, f":20: {said} и «Всё как обещано.»")


def test_a_lesson_names_what_is_red(run):
    lesson = GOOD_LESSON.replace("```text red\n✗ Ответ правильный.\n```\n", "")
    ends(run(lesson), 1, "01_next.md:1: урок не называет красным ни одного обещания")


def test_what_check_shows_as_red_has_to_be_named(run, root):
    more = TEST.replace("test_answer", "test_more").replace("Ответ", "Второй ответ")
    write_files(root / "step_01_next", {"tests/test_more.py": more})
    shown = "✗ Ответ\\n  правильный.\\n✗ Второй ответ правильный.\\n✗ Иное."
    lesson = GOOD_LESSON.replace('{ echo "✗ Ответ правильный."', f"{{ printf '{shown}\\n'")
    lesson = lesson.replace("\n✗ Ответ правильный.\n", "\n✗ Ответ\n...\n", 1)
    said = "`check` показал красным, а здесь не названо: Второй ответ правильный."
    ends(run(lesson), 1, f"01_next.md:10: {said}")


def test_what_is_named_as_red_has_to_be_shown_by_check(run):
    lesson = GOOD_LESSON.replace("✗ Ответ правильный.", "Ничего.", 2)
    ends(run(lesson), 1, "01_next.md:9: `check` не показал красным: Ответ правильный.")


@pytest.mark.parametrize("port", PORTS)
def test_a_port_is_in_use(run, root, port):
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
            sock.listen()
        except OSError:
            print(f"port {port} is in use on this machine already")
        # Without the tool there are no namespaces either.
        process = run(GOOD_LESSON, PATH="")
        ends(process, 1, "уроки повторяются один за другим", "занят ещё до урока")
        assert "docs_ru/01_next.md:1: порт " in process.output


def test_the_expected_line_never_comes(tmp_path):
    text = console("$ sh -c 'echo $$ > pid; echo начало; exec sleep 1000'\nначало\nконец\n^C")
    with pytest.raises(LessonError) as error:
        run_lesson(tmp_path, text, deadline=1)
    assert str(error.value).startswith(
        "docs_ru/01_next.md:6: за 1 с не дождались; ожидалось:\n    конец\nпришло:\n    начало"
    )
    (pid_file,) = (tmp_path / "scratch").glob("**/pid")
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)


def test_the_command_never_ends(tmp_path):
    with pytest.raises(LessonError, match=r":4: за 1 с не дождались приглашения"):
        run_lesson(tmp_path, console("$ echo начало; sleep 1000\nначало"), deadline=1)


@pytest.mark.parametrize(
    ("number", "environment"),
    [
        pytest.param(signal.SIGINT, {}, marks=needs_namespaces),
        pytest.param(signal.SIGTERM, {}, marks=needs_namespaces),
        (signal.SIGTERM, {"PATH": ""}),
        (signal.SIGKILL, {"PATH": ""}),
    ],
)
def test_a_stopped_replay_leaves_no_process(run, number, environment):
    process = run(GOOD_LESSON + ENDLESS, **environment)
    wait_until(lambda: "sleep 1000" in str(process.family()), 15, lambda: process.output)
    process.send(number)
    assert process.wait() in (130, -signal.SIGKILL)
    leaves_no_process(process)


def test_lesson_with_services_says_why_it_is_not_replayed(monkeypatch, capsys):
    monkeypatch.setattr(command, "why_not", lambda is_isolated: "нет systemd")
    assert command.main(Namespace(lessons=[find_lessons("06")], typed=False)) == 0
    said = capsys.readouterr().out
    assert "– 06_production.md не повторяется: нет systemd\n" in said
    assert said.endswith("Всё сошлось. Не повторено: 1.\n")


def test_services_are_prepared_in_namespaces_of_their_own_only():
    with pytest.raises(services.NoServices, match="не своё пространство процессов"):
        services.prepare()
