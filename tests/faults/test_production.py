"""The site of lesson 06: its mails outlive what holds them, its pages stay open."""

import asyncio
import random
import re
import signal
import socket
import sqlite3
import struct
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial

import pytest
import requests
from celery import Celery
from channels_redis.core import RedisChannelLayer
from redis.exceptions import RedisError
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from workshop.lesson.course import files_of
from workshop.lesson.project import write_text
from workshop.steps import find_lessons

from ..conftest import wait_until
from .outages import freeze, kill
from .servers import Stack, addresses, open_page, wait_for_members

TASK = "feedback.tasks.send_feedback_email_task"
FINISHED = rf"{re.escape(TASK)}\[.*\] succeeded in"
POOL = 2
TCP_ESTABLISHED = 1
# What nginx tells the site of each request.
ORIGIN = "https://localhost"
BEHIND_NGINX = {"Host": "localhost", "Origin": ORIGIN, "X-Forwarded-Proto": "https"}
# The project's own settings, but the mails that wait are looked for twice in a second.
QUICK_SETTINGS = """\
from django_celery.settings import *

EMAIL_RETRY_SECONDS = 0.3
CELERY_BEAT_SCHEDULE["send_waiting_mails"] |= {"schedule": 0.5, "options": {"expires": 0.5}}
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """The project as the lesson leaves it, with an empty database, Redis and beat."""
    directory = tmp_path_factory.mktemp("production")
    files = files_of(find_lessons("06")[0])
    for path, text in files.items():
        write_text(directory / "project" / path, text)
    write_text(directory / "quick_settings.py", QUICK_SETTINGS)
    stack = Stack(directory / "project", directory)
    stack.settings_module, stack.settings = "quick_settings", {}
    lines = files["deploy/example.env"].split()
    stack.environment = dict(line.split("=", 1) for line in lines) | {
        "SECRET_KEY": "secret of the tests" * 3,
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(stack.mail.port),
        "EMAIL_DELAY_SECONDS": "0",
    }
    try:
        assert stack.start("django", "migrate").wait() == 0
        stack.start_beat()
        yield stack
    finally:
        stack.close()


@pytest.fixture(scope="module")
def site(stack):
    """One process of the site, which no fault of this file ends."""
    return start_site(stack)


@pytest.fixture
def mail(stack):
    """A mail server that has seen nothing yet; what a test before has left is gone."""
    stack.redis.client.delete("celery")
    with sqlite3.connect(stack.project / "db.sqlite3") as database:
        database.execute("DELETE FROM feedback_mail")
    stack.mail.delivered.clear()
    stack.mail.attempts.clear()
    stack.mail.behaviour, stack.mail.seconds = {}, 0
    stack.mail.start()
    yield stack.mail
    stack.mail.stop()


@pytest.fixture
def start_worker(stack):
    """Start a worker that does not outlive the test."""
    workers = []

    def start_worker(**settings):
        name = f"worker{len(workers)}@%h"
        workers.append(stack.start_worker("-n", name, concurrency=POOL, **settings))
        return workers[-1]

    yield start_worker
    for worker in workers:
        worker.kill()


@pytest.fixture
def layer(stack):
    # Processes of the site that were killed are members still, for a day.
    stack.redis.client.delete("asgi:group:jokes")
    return RedisChannelLayer(hosts=[{"address": stack.redis.url, "socket_timeout": 15}])


def start_site(stack, *options):
    site = stack.start_daphne(*options)
    site.session.headers.update(BEHIND_NGINX)
    site.get("/")
    for cookie in site.session.cookies:
        # A browser has come by https, and sends them back.
        cookie.secure = False
    return site


@contextmanager
def broken(server, break_server):
    """Break a server, and mend it in any case."""
    mend = break_server(server)
    try:
        yield
    finally:
        mend()


def lose_data(server):
    """Kill a Redis that comes back empty."""
    server.kill()
    server.lose_data()
    return server.restart


def find_mail(stack, email):
    """Return the id of the mail's row, or None."""
    with sqlite3.connect(stack.project / "db.sqlite3") as database:
        rows = database.execute("SELECT id FROM feedback_mail WHERE email = ?", [email])
        return next((uuid.UUID(mail_id) for (mail_id,) in rows), None)


def queued_mails(stack):
    return sum(TASK.encode() in task for task in stack.redis.client.lrange("celery", 0, -1))


def test_workers_are_killed(stack, mail, site, start_worker, is_full, figure):
    """Воркеров убивают снова и снова: дошли все письма, лишние — лишь те, что тогда уходили."""
    kills, count = (25, 600) if is_full else (2, 40)
    emails = addresses(count, "killed")
    task_ids = []
    for number in range(kills):
        worker = start_worker(EMAIL_CLAIM_SECONDS=2)
        if number == 0:
            # It waits for a task: Redis hands one over, and the worker never writes it down.
            worker.send(signal.SIGSTOP)
            task_ids += site.post_all(emails)
            figure("из очереди ушло к убитому", count - queued_mails(stack))
        else:
            mail.wait_for_more(random.randint(1, count // kills))
        worker.kill()
    started = time.monotonic()
    start_worker(EMAIL_CLAIM_SECONDS=2)
    site.wait_for_states(task_ids, ["SUCCESS"])
    figure("писем, убийств", f"{count}, {kills}")
    figure("дважды", mail.duplicates())
    figure("последнее через", f"{time.monotonic() - started:.1f} с")
    assert mail.delivered.keys() == set(emails)
    assert mail.duplicates() <= kills * POOL


def test_redis_forgets_everything(stack, mail, site, start_worker, is_full, figure):
    """FLUSHALL с письмами в очереди и в пути: каждое письмо пришло ровно один раз."""
    emails = addresses(60 if is_full else 10, "forgotten")
    start_worker()
    mail.seconds = 0.3
    task_ids = site.post_all(emails)
    mail.wait_for_sending(POOL)
    figure("писем и из них в очереди", f"{len(emails)}, {queued_mails(stack)}")
    stack.redis.client.flushall()
    mail.seconds = 0
    started = time.monotonic()
    site.wait_for_states(task_ids, ["SUCCESS"])
    figure("последнее через", f"{time.monotonic() - started:.1f} с")
    assert mail.delivered == dict.fromkeys(emails, 1)


@pytest.mark.parametrize(
    "break_redis, breaks_mail",
    [
        pytest.param(kill, True, id="killed-mail-too"),
        pytest.param(kill, False, id="killed", marks=pytest.mark.full),
        pytest.param(freeze, True, id="frozen-mail-too", marks=pytest.mark.full),
        pytest.param(freeze, False, id="frozen", marks=pytest.mark.full),
    ],
)
def test_redis_is_away(
    request, stack, mail, site, start_worker, is_full, figure, break_redis, breaks_mail
):
    """Redis нет: форма сразу отвечает «спасибо», потом каждое письмо приходит один раз."""
    name = request.node.callspec.id
    start_worker()
    mail.seconds = 0.2
    emails = addresses(8, f"before-{name}-")
    task_ids = site.post_all(emails)
    mail.wait_for_sending(POOL)
    slowest = 0
    with broken(stack.redis, break_redis):
        if breaks_mail:
            mail.stop()
        seconds = 20 if is_full else 0.5
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            time.sleep(seconds / 40)
            emails.append(f"during-{name}-{len(emails)}@example.com")
            started = time.monotonic()
            task_ids += site.post_all(emails[-1:])
            slowest = max(slowest, time.monotonic() - started)
            assert "Спасибо за отзыв!" in site.get(f"/success/{task_ids[-1]}/").text
    figure("писем", len(emails))
    figure("POST не дольше", f"{slowest:.2f} с")
    mail.seconds = 0
    if breaks_mail:
        mail.start()
    started = time.monotonic()
    site.wait_for_states(task_ids, ["SUCCESS"])
    figure("последнее через", f"{time.monotonic() - started:.1f} с")
    assert slowest < 5
    assert mail.delivered == dict.fromkeys(emails, 1)


def test_site_is_killed_before_it_queues(stack, mail, site, start_worker, is_full, figure):
    """Сайт убит между записью в базу и очередью: письмо, которое есть в базе, дошло."""
    emails = addresses(5 if is_full else 1, "unqueued")
    for email in emails:
        victim = start_site(stack)
        # The site has its row, and waits for Redis to queue the task.
        with ThreadPoolExecutor() as pool, broken(stack.redis, freeze):
            answer = pool.submit(victim.post, email)
            wait_until(partial(find_mail, stack, email), 10, lambda: "a row", 0.01)
            victim.process.kill()
            with pytest.raises(requests.ConnectionError):
                answer.result()
    assert queued_mails(stack) == 0
    start_worker()
    site.wait_for_states([find_mail(stack, email) for email in emails], ["SUCCESS"])
    figure("писем", len(emails))
    assert mail.delivered == dict.fromkeys(emails, 1)


def test_tasks_are_queued_five_times(stack, mail, site, start_worker, is_full, figure):
    """Каждая задача в очереди пять раз, воркеров два: каждое письмо пришло ровно один раз."""
    emails = addresses(60 if is_full else 10, "again")
    mail.seconds = 0.1
    task_ids = site.post_all(emails)
    # Side by side in the queue: the copies of one are taken at the same time.
    stack.redis.client.delete("celery")
    with Celery(broker=stack.redis.url) as client:
        for task_id in task_ids:
            for _ in range(5):
                client.send_task(TASK, [task_id])
    tasks = queued_mails(stack)
    assert tasks == 5 * len(emails)
    workers = [start_worker(), start_worker()]

    def finished():
        return sum(len(re.findall(FINISHED, worker.output)) for worker in workers)

    wait_until(lambda: finished() >= tasks, 60, lambda: f"{finished()} tasks finished")
    figure("писем, задач", f"{len(emails)}, {tasks}")
    assert site.wait_for_states(task_ids, ["SUCCESS"])
    assert mail.attempts == mail.delivered == dict.fromkeys(emails, 1)


def test_mail_server_refuses(mail, site, start_worker, figure):
    """Отказ 550 — сразу FAILURE, отказ 451 — RETRY, а потом SUCCESS; страница это видит."""
    is_busy = True

    async def refuse(session, attempt):
        return "550 5.1.1 No such user"

    async def refuse_for_a_while(session, attempt):
        if is_busy:
            return "451 4.7.1 Greylisted"

    unknown, busy = "unknown@example.com", "busy@example.com"
    mail.behaviour = {unknown: refuse, busy: refuse_for_a_while}
    task_ids = site.post_all([unknown, busy])
    start_worker()
    site.wait_for_states(task_ids[:1], ["FAILURE"])
    site.wait_for_states(task_ids[1:], ["RETRY"])
    is_busy = False
    site.wait_for_states(task_ids[1:], ["SUCCESS"])
    figure("попыток: 550, 451", f"{mail.attempts[unknown]}, {mail.attempts[busy]}")
    assert mail.attempts[unknown] == 1
    assert site.state(task_ids[0]) == "FAILURE"
    assert mail.delivered == {busy: 1}


class Page:
    """An open page, and the numbers of the jokes that it got."""

    def __init__(self, socket):
        self.socket = socket
        self.numbers = []
        self._reading = asyncio.create_task(self._read())

    async def _read(self):
        with suppress(ConnectionClosed):
            async for text in self.socket:
                self.numbers.append(int(text.split()[0]))

    def is_open(self):
        return self.socket.state is State.OPEN

    def break_off(self):
        """Close the connection as a browser that crashes does: by RST."""
        linger = struct.pack("ii", 1, 0)
        raw = self.socket.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.socket.transport.abort()


def is_connected(page):
    """Ask the kernel: who does not read does not notice the end of a connection."""
    raw = page.transport.get_extra_info("socket")
    # The first byte of tcp_info is the state.
    return raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == TCP_ESTABLISHED


async def open_pages(site, count):
    pages = []
    while len(pages) < count:
        some = (open_page(site, origin=ORIGIN) for _ in range(min(50, count - len(pages))))
        pages += map(Page, await asyncio.gather(*some))
    return pages


async def send_joke(layer, number, more=""):
    event = {"type": "jokes.joke", "text": f"{number} {more}"}
    await layer.group_send("jokes", event)


async def wait_for_joke(pages, number, seconds=30):
    """Wait until each page has got this joke or a later one."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while any(max(page.numbers, default=-1) < number for page in pages):
                await asyncio.sleep(0.005)
            return
    late = sum(max(page.numbers, default=-1) < number for page in pages)
    pytest.fail(f"{late} of {len(pages)} pages did not get joke {number} in {seconds} s")


def test_redis_fails_under_open_pages(stack, site, layer, is_full, figure):
    """Redis опустел, завис, пропал: страницы открыты, шутки идут снова, ни одна — дважды."""
    outages = [("опустел", lose_data, 0), ("завис", freeze, 8 if is_full else 1)]
    if is_full:
        # The last one is longer than the layer waits for an answer.
        outages += [("пропал", kill, 8), ("завис", freeze, 20)]
    sent = 0

    async def send_jokes():
        nonlocal sent
        while True:
            with suppress(RedisError):
                await send_joke(layer, sent)
            sent += 1
            await asyncio.sleep(0.1)

    async def scenario():
        pages = await open_pages(site, 200)
        await asyncio.to_thread(wait_for_members, stack, 1)
        sending = asyncio.create_task(send_jokes())
        await wait_for_joke(pages, 0)
        for name, break_redis, seconds in outages:
            with broken(stack.redis, break_redis):
                await asyncio.sleep(seconds)
            mended = time.monotonic()
            await wait_for_joke(pages, sent + 1)
            figure(f"{name} на {seconds} с, шутка через", f"{time.monotonic() - mended:.1f} с")
        await wait_for_joke(pages, sent + 5)
        sending.cancel()
        last = {*range(sent - 4, sent)}
        figure("страниц открыто", sum(page.is_open() for page in pages))
        assert all(page.is_open() for page in pages)
        for page in pages:
            assert page.numbers == sorted(set(page.numbers)), "twice, or in another order"
            assert last <= {*page.numbers}
            page.break_off()

    asyncio.run(scenario())


def test_pages_do_not_read_or_vanish(stack, site, layer, is_full, figure):
    """Страницы не читают или исчезли: другие у двух процессов сайта видят каждую шутку раз."""
    half, length = (1000, 10_000) if is_full else (40, 100_000)
    other = start_site(stack, "--ping-interval", "1", "--ping-timeout", "2")

    async def open_deaf_page():
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", other.port))
        deaf.setblocking(False)
        page = await open_page(other, origin=ORIGIN, sock=deaf, ping_interval=None)
        page.transport.pause_reading()
        return page

    async def scenario():
        # Those first whose trouble the others must not notice.
        leaving = await open_pages(site, 10) + await open_pages(other, 10)
        deaf = [await open_deaf_page() for _ in range(30)]
        readers = await open_pages(site, 10) + await open_pages(other, 10)
        await asyncio.to_thread(wait_for_members, stack, 2)
        memory, slowest = [other.process.memory()], 0
        for number in range(2 * half):
            if number == half:
                # The server gives up those that do not answer its pings.
                await asyncio.to_thread(
                    wait_until, lambda: not any(map(is_connected, deaf)), 30, lambda: "an end"
                )
                memory.append(other.process.memory())
            if leaving:
                leaving.pop().break_off()
            started = time.monotonic()
            await send_joke(layer, number, "x" * length)
            await wait_for_joke(readers, number)
            slowest = max(slowest, time.monotonic() - started)
        memory.append(other.process.memory())
        figure(f"{2 * half} шуток по {length} байт, самая медленная", f"{slowest:.2f} с")
        figure("память сервера, МБ", " → ".join(f"{megabytes:.0f}" for megabytes in memory))
        assert memory[2] < memory[1] + 40
        for page in readers:
            assert page.numbers == [*range(2 * half)]
            page.break_off()

    asyncio.run(scenario())
