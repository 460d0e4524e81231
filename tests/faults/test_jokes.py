"""Whatever the joke API answers, the next joke comes as usual."""

import json
import re
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from celery import Celery

from ..conftest import wait_until

TASK = "jokes.tasks.get_random_joke"
MEGABYTE = b"x" * 1_000_000


class JokesAPI(ThreadingHTTPServer):
    """An API of jokes: each request gets the next fault, and a joke after the last one."""

    daemon_threads = True

    def __init__(self, faults=()):
        super().__init__(("127.0.0.1", 0), JokesRequest)
        self.url = f"http://127.0.0.1:{self.server_port}/"
        self.faults = list(faults)
        self.requests = 0
        self.closing = threading.Event()
        threading.Thread(target=self.serve_forever, args=[0.05], daemon=True).start()

    def close(self):
        self.closing.set()
        self.shutdown()
        self.server_close()


class JokesRequest(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests += 1
        behave = self.server.faults.pop(0) if self.server.faults else send_joke
        with suppress(ConnectionError):
            behave(self)
        self.close_connection = True

    def send(self, body, status=200, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Keep the output of the tests clean."""


def answer(joke):
    return json.dumps({"type": "success", "value": {"id": 1, "joke": joke}}).encode()


def send_joke(request):
    request.send(answer(f"Шутка номер {request.server.requests}"))


def hang_up(request):
    request.connection.close()


def hang(request):
    request.server.closing.wait(30)


def drip(request):
    request.send(b"")
    while not request.server.closing.wait(0.2):
        request.wfile.write(b" ")


def send_50_megabytes(request):
    request.send(b"")
    for _ in range(50):
        request.wfile.write(MEGABYTE)


def sender(body, status=200, **headers):
    return lambda request: request.send(body, status, **headers)


# Each of these is worth exactly one line: «Шутки не будет: …».
WRONG_ANSWERS = {
    "50 MB": send_50_megabytes,
    "not UTF-8": sender(b"\xff"),
    "HTML": sender(b"<html><body>Welcome!</body></html>", Content_Type="text/html"),
    "wrong shape": sender(b'{"value": ["joke"]}'),
    "no joke": sender(b'{"value": {}}'),
    "not text": sender(answer({"text": "joke"})),
    "empty": sender(answer(" \n ")),
    "too long": sender(answer("x" * 20_000)),
}
# Each of these is tried once more, which is worth one line too.
RETRIED = {
    "404": sender(b"", 404),
    "500": sender(b"", 500),
    "redirect": sender(b"", 301, Location="http://127.0.0.1:1/"),
    "hang-up": hang_up,
    "hang": hang,
}
# Jokes they are; the terminal must not obey them.
ESCAPES = sender(answer("\x1b[2J\x1b]0;title\x07"))


@pytest.fixture
def start_api():
    servers = []

    def start_api(*faults):
        servers.append(JokesAPI(faults))
        return servers[-1]

    yield start_api
    for server in servers:
        server.close()


@pytest.fixture
def stack(start_stack):
    return start_stack("beat")


def schedule(seconds):
    entry = {"task": TASK, "schedule": seconds, "options": {"expires": seconds}}
    return {"CELERY_BEAT_SCHEDULE": {"get_random_joke": entry}}


def test_api_misbehaves(stack, start_api, is_full, figure):
    """API врёт, виснет, отказывает, шлёт 50 МБ: по строке в логе, следующая шутка вовремя."""
    # A slow drip ends by the time limit alone: that takes five seconds.
    faults = [*[drip] * is_full, *RETRIED.values(), *WRONG_ANSWERS.values(), ESCAPES]
    api = start_api(*faults)
    stack.environment["JOKES_API_URL"] = api.url
    worker = stack.start_worker(concurrency=4)
    with Celery(broker=stack.redis.url) as app:
        app.send_task(TASK, ignore_result=True)
        wait_until(lambda: api.requests == 1, 20, lambda: "a request to the API")
        memory = worker.memory()
        for _ in faults[1:]:
            app.send_task(TASK, ignore_result=True)
    wait_until(
        lambda: len(re.findall("succeeded in|raised expected", worker.output)) == len(faults),
        30,
        lambda: "all tasks done:\n" + "\n".join(worker.tail),
    )
    growth = worker.memory() - memory
    figure("неверных ответов", len(faults))
    figure("память воркера выросла на", f"{growth:.0f} МБ")
    assert worker.output.count("Шутки не будет") == len(WRONG_ANSWERS)
    assert worker.output.count("retry: Retry in 1s") == len(RETRIED)
    assert worker.output.count("raised expected: SoftTimeLimitExceeded") == is_full
    assert "Traceback" not in worker.output
    assert "\x1b[2J" not in worker.output
    assert growth < 30

    jokes = worker.output.count("Шутка номер")
    started = time.monotonic()
    stack.start_beat(**schedule(0.5))
    worker.wait_for("Шутка номер", count=jokes + 3)
    figure("три следующие шутки через 0,5 с пришли за", f"{time.monotonic() - started:.1f} с")


def test_worker_is_away_for_20_intervals(stack, start_api, figure):
    """Воркера не было 20 интервалов: накопившиеся задачи устарели, шутки не сыплются разом."""
    api = start_api()
    stack.environment["JOKES_API_URL"] = api.url
    beat = stack.start_beat(**schedule(0.1))
    wait_until(lambda: stack.redis.queued() >= 20, 30, lambda: "20 tasks in the queue")
    worker = stack.start_worker()
    worker.wait_for("Шутка номер", count=3)
    discarded = worker.output.count("Discarding revoked task")
    figure("устарело задач", discarded)
    figure("запросов к API", api.requests)
    assert discarded >= 15
    assert beat.runs()


@pytest.mark.full
def test_redis_is_restarted_under_beat(stack, start_api, figure):
    """Redis убит и запущен снова: beat и воркер живы, шутки приходят дальше."""
    stack.environment["JOKES_API_URL"] = start_api().url
    beat = stack.start_beat(**schedule(0.5))
    worker = stack.start_worker()
    worker.wait_for("Шутка номер")
    stack.redis.kill()
    worker.wait_for("Cannot connect to")
    stack.redis.restart()
    restarted = time.monotonic()
    jokes = worker.output.count("Шутка номер")
    worker.wait_for("Шутка номер", count=jokes + 2)
    figure("шутка пришла через", f"{time.monotonic() - restarted:.1f} с")
    assert beat.runs()
