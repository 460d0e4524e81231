"""Each process on a machine of its own: what has to change, and what a lost cable costs."""

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import suppress

import psutil
import pytest

from workshop.lesson.reading import read_blocks
from workshop.steps import ROOT, find_lessons

from ..conftest import wait_until
from .machines import NAME, REDIS_PORT, WEB_PORT, Machines, Pages
from .network import ADDRESSES, Network, why_not
from .servers import addresses, wait_for_mails

# Seconds between two jokes; after three times as many a silent page connects anew.
SCHEDULE, QUICK_SCHEDULE = 15, 2
QUICK_SETTINGS = [
    f'CELERY_BEAT_SCHEDULE["get_random_joke"]["schedule"] = {QUICK_SCHEDULE}',
    f'CELERY_BEAT_SCHEDULE["get_random_joke"]["options"] = {{"expires": {QUICK_SCHEDULE}}}',
]
# What several machines need without a table of mails, as the lesson shows it.
(PATIENT_SETTINGS,) = (
    block.lines
    for block in read_blocks(find_lessons("06")[0].path)
    if "socket_keepalive" in block.content
)
POOL = 4
STRICT_PORT = 8102
UNAVAILABLE = "Сейчас письмо не отправить: очередь задач недоступна."
# Asks for a joke as the task does, and says how it went.
FETCH = """
import sys
import django
django.setup()
from django.conf import settings
from jokes.tasks import fetch_answer
for settings.JOKES_API_URL in sys.argv[1:]:
    try:
        print(fetch_answer())
    except Exception as error:
        print(error)
"""
# The rule of the lesson: who has no business with Redis gets no answer.
FIREWALL = """
table inet redis {{
    chain input {{
        type filter hook input priority filter; policy accept;
        iif lo accept
        tcp dport {port} ip saddr != {{ {web}, {worker} }} drop
    }}
}}
"""
# A test that is killed, with something that runs on one of its machines.
KILLED = """
import subprocess, sys
from tests.faults.network import Network
network = Network()
network.socket("page")
subprocess.Popen(network.on("web", "sleep", "600"), stdout=subprocess.DEVNULL)
print(network.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module", autouse=True)
def machines_are_possible():
    reason = why_not()
    if reason:
        pytest.skip(f"Машин здесь не сделать: {reason}.")


@pytest.fixture
def start_machines(tmp_path, monkeypatch):
    """Write the project and make the machines; the site is open to the visitor's page."""
    made = []

    def start_machines(*settings, **environment):
        directory = tmp_path / "my_project"
        directory.mkdir()
        made.append(Machines(directory, settings, **environment))
        return made[-1]

    def connect(address, timeout=30, **options):
        return made[-1].network.connect("page", "web", WEB_PORT)

    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    yield start_machines
    for machines in made:
        machines.close()


@pytest.fixture
def open_pages():
    opened = []

    def open_pages(network, silence, count=5):
        opened.append(Pages(network, silence, count))
        return opened[-1]

    yield open_pages
    for pages in opened:
        pages.close()


def site_url(host):
    return f"http://{host}/api/jokes/random/"


def test_nothing_is_left_of_a_killed_test():
    """От убитого теста не остаётся ни машин, ни того, что на них работало."""
    test = subprocess.Popen(
        [sys.executable, "-c", KILLED],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        inner = psutil.Process(int(test.stdout.readline()))
        # What `nsenter` starts there are its own children, not those of the first process.
        family = [inner, *psutil.Process(test.pid).children(recursive=True)]
        assert any("sleep" in process.cmdline() for process in family)
    finally:
        test.kill()
        test.communicate()

    def running():
        gone = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
        return [one for one in family if one.is_running() and one.status() not in gone]

    wait_until(lambda: not running(), 5, lambda: f"{running()} end")


def test_machines_see_only_each_other():
    """Машины видят друг друга, но не эту систему и не интернет, а она не видит их."""
    network = Network()
    try:
        with network.socket("web") as listening:
            listening.bind((ADDRESSES["web"], WEB_PORT))
            listening.listen()
            network.connect("page", "web", WEB_PORT, timeout=5).close()
            for outside in ("198.51.100.1", "8.8.8.8"):
                with network.socket("web") as sock, pytest.raises(OSError, match="unreachable"):
                    sock.connect((outside, 80))
            with pytest.raises(OSError):
                socket.create_connection((ADDRESSES["web"], WEB_PORT), timeout=0.2).close()
    finally:
        network.close()


def test_localhost_is_true_no_longer(start_machines):
    """На нескольких машинах: каждый забытый адрес отказывает по-своему, а все вместе верны."""
    machines = start_machines()
    network = machines.network
    forgotten = machines.start_worker(REDIS_URL="redis://localhost:6380")
    machines.start_web("127.0.0.1")

    def fetch(*hosts):
        command = (sys.executable, "-c", FETCH, *map(site_url, hosts))
        done = subprocess.run(
            network.on("worker", *command),
            cwd=machines.directory,
            env=machines.environment | {"DJANGO_SETTINGS_MODULE": "django_celery.settings"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    strict = machines.start_web(port=STRICT_PORT, ALLOWED_HOSTS=NAME)
    localhost, loopback, name = fetch(
        f"localhost:{WEB_PORT}",
        f"{ADDRESSES['web']}:{WEB_PORT}",
        f"{ADDRESSES['web']}:{STRICT_PORT}",
    )
    assert "Connection refused" in localhost
    assert "Connection refused" in loopback
    assert name.startswith("400 Client Error: Bad Request")
    strict.wait_for("DisallowedHost: Invalid HTTP_HOST header")
    forgotten.wait_for("Error 111 connecting to localhost:6380. Connection refused.")


def test_redis_lets_in_whom_it_should(start_machines):
    """Redis слушает не только себя и требует пароль: без того и другого чужим отказ."""
    machines = start_machines()
    network = machines.network

    def ping(*options):
        host = ("-h", ADDRESSES["redis"], "-p", str(REDIS_PORT))
        return network.run("worker", "redis-cli", *host, *options, "ping")

    machines.bind_redis()
    server = machines.start_redis()
    assert "Connection refused" in ping()
    server.kill()
    machines.bind_redis(ADDRESSES["redis"])
    server = machines.start_redis()
    assert "NOAUTH Authentication required." in ping()
    assert ping("--no-auth-warning", "-a", machines.password) == "PONG\n"
    server.kill()
    (machines.directory / "deploy/secret/redis.conf").write_text("")
    machines.start_redis()
    assert "DENIED Redis is running in protected mode" in ping()


def test_firewall(start_machines):
    """Правило на машине Redis: порт открыт сайту и воркеру, остальным никто не отвечает."""
    nft = shutil.which("nft", path=f"{os.environ['PATH']}:/usr/sbin")
    if not nft:
        pytest.skip("Правило не проверить: нет программы nft.")
    machines = start_machines()
    network = machines.network
    machines.start_redis()
    network.connect("page", "redis", REDIS_PORT, timeout=5).close()
    rules = machines.directory / "redis.nft"
    rules.write_text(FIREWALL.format(port=REDIS_PORT, **ADDRESSES))
    assert network.run("redis", nft, "-f", str(rules)) == ""
    for machine in ("web", "worker", "redis"):
        network.connect(machine, "redis", REDIS_PORT, timeout=5).close()
    for machine in ("page", "mail"):
        with pytest.raises(TimeoutError):
            network.connect(machine, "redis", REDIS_PORT, timeout=0.2)


def cut_redis(network):
    return network.cut_off("redis")


def cut_worker(network):
    return network.cut_off("worker")


def cut_web_from_redis(network):
    return network.cut("web", ["redis"])


# Who is cut off, for how many seconds, whether the site's Redis is away then; how many seconds
# a mail has still to wait in its task at that moment (or it is being taken by the mail server),
# and how many mails may be sent twice.
CUTS = [
    pytest.param(cut_redis, 10, True, 0, 0, id="redis-10"),
    pytest.param(cut_redis, 90, True, 0, 0, id="redis-90", marks=pytest.mark.full),
    pytest.param(cut_web_from_redis, 90, True, 0, 0, id="web-90", marks=pytest.mark.full),
    # The mail server has taken them, but its answer comes later than Django waits.
    pytest.param(cut_worker, 20, False, 0, POOL, id="worker-20", marks=pytest.mark.full),
    pytest.param(cut_worker, 90, False, 5, 0, id="worker-90", marks=pytest.mark.full),
]


@pytest.mark.parametrize("cut, seconds, is_site_without, delay, twice", CUTS)
def test_machine_is_cut_off(
    start_machines, open_pages, is_full, figure, cut, seconds, is_site_without, delay, twice
):
    """Машина отрезана и вернулась: письма дошли, страницы без перезагрузки получают шутки."""
    schedule = SCHEDULE if is_full else QUICK_SCHEDULE
    settings = [] if is_full else QUICK_SETTINGS
    machines = start_machines(*PATIENT_SETTINGS, *settings, EMAIL_DELAY_SECONDS=str(delay))
    site, mail = machines.visitor, machines.mail
    pages = start_everything(machines, open_pages, 3 * schedule)
    mail.seconds = 0 if delay else 3
    emails = addresses(2 * POOL)
    task_ids = site.post_all(emails)
    if delay:
        site.wait_for_states(task_ids[:POOL], ["STARTED"])
    else:
        mail.wait_for_sending(POOL)

    mend = cut(machines.network)
    started = time.monotonic()
    if is_site_without:
        forms = []
        while not forms or time.monotonic() < started + seconds / 3:
            text = f"Отзыв номер {len(forms)}"
            forms.append(site.post("refused@example.com", text))
            assert forms[-1].status_code == 503
            assert UNAVAILABLE in forms[-1].text and text in forms[-1].text
        slowest = max(response.elapsed.total_seconds() for response in forms)
        figure("503 не дольше", f"{slowest:.1f} с ({len(forms)} раз)")
        assert slowest < 5
    else:
        emails += ["during@example.com"]
        task_ids += site.post_all(emails[-1:])
    time.sleep(max(0, started + seconds - time.monotonic()))
    mail.seconds = 0

    mend()
    mended = time.monotonic()
    wait_until(
        lambda: site.post("late@example.com").status_code == 302, 60, lambda: "form accepted"
    )
    figure("форма принята через", f"{time.monotonic() - mended:.1f} с")
    wait_for_mails(machines, [*emails, "late@example.com"], 150)
    figure("все письма дошли через", f"{time.monotonic() - mended:.1f} с")
    wait_until(
        lambda: pages.have_jokes_since(mended), 150, lambda: [page.jokes for page in pages]
    )
    slowest = max(page.first_joke_since(mended) for page in pages)
    figure("на всех страницах шутка через", f"{slowest - mended:.1f} с")
    figure("отправлены дважды", f"{mail.duplicates()} из {mail.delivered.total()}")
    assert mail.duplicates() <= twice
    assert "refused@example.com" not in mail.delivered
    assert site.wait_for_states(task_ids, ["SUCCESS", "FAILURE"]) == ["SUCCESS"] * len(emails)


def lose_power(machines):
    return machines.lose_redis()


def cut_idle_worker(machines):
    return machines.network.cut_off("worker")


@pytest.mark.full
@pytest.mark.parametrize(
    "lose, seconds, is_posted_before",
    [
        # Redis gives the mail to a worker that has just gone.
        pytest.param(cut_idle_worker, 90, True, id="worker-90"),
        # Redis is back, and the workers wait on connections of which it knows nothing.
        pytest.param(lose_power, 20, False, id="power-20"),
    ],
)
def test_idle_workers(start_machines, open_pages, figure, lose, seconds, is_posted_before):
    """Воркеры ждали писем, а связь пропала: письма этих секунд дошли по одному разу."""
    machines = start_machines(*PATIENT_SETTINGS)
    pages = start_everything(machines, open_pages, 3 * SCHEDULE)
    emails = addresses(POOL)
    mend = lose(machines)
    if is_posted_before:
        machines.visitor.post_all(emails)
    time.sleep(seconds)
    mend()
    mended = time.monotonic()
    if not is_posted_before:
        machines.visitor.post_all(emails)
    with suppress(pytest.fail.Exception):
        wait_for_mails(machines, emails, 150)
    figure("дошли", f"{len(machines.mail.delivered)} из {len(emails)}")
    assert machines.mail.delivered == dict.fromkeys(emails, 1)
    figure("все письма дошли через", f"{time.monotonic() - mended:.1f} с")
    wait_until(
        lambda: pages.have_jokes_since(mended), 150, lambda: [page.jokes for page in pages]
    )


def start_everything(machines, open_pages, silence):
    """Start all processes, wait until they work together. Returns the open pages."""
    machines.mail.start()
    machines.start_redis()
    workers = [machines.start_worker(number) for number in (1, 2)]
    machines.start_beat()
    machines.start_web()
    for worker in workers:
        worker.wait_for(" ready.")
    started = time.monotonic()
    pages = open_pages(machines.network, silence)
    wait_until(lambda: pages.have_jokes_since(started), 60, lambda: workers[0].output)
    return pages
