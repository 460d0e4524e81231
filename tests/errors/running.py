"""What a row of the catalogue runs, in a copy of a step; each returns all that was printed."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.request import urlopen

import pytest
import redis
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from workshop.environment import clean_environment
from workshop.processes.ports import free_port, is_taken
from workshop.replay.tabs import Tabs

from ..conftest import wait_until

SECONDS = 40
WORKER = ("-m", "celery", "-A", "django_celery", "worker", "-l", "info", "-c", "1")
BEAT = ("-m", "celery", "-A", "django_celery", "beat", "-l", "info")
RUNSERVER = ("manage.py", "runserver", "--noreload")

GOOD_CHECK = "System check identified no issues"
READY = " ready."
SERVES = "Quit the server"
# It is over when what happens meanwhile is done.
DONE = "\0"
# No server listens there.
NOWHERE = "redis://localhost:1"
API = "/api/jokes/random/"

# Code for `manage.py shell -c`.
CLIENT = 'from django.test import Client; client = Client(headers={"host": "localhost"})'
POST = 'print(client.post("/", {"email": "anna@example.com", "message": "Спасибо"}).url)'
QUEUE_MAIL = (
    "from feedback.tasks import send_feedback_email_task as task; "
    "print('queued', task.delay({}))"
)
MAIL_ID = "00000000-0000-0000-0000-000000000000"
SUCCESS_PATH = f"/success/{MAIL_ID}/"
SUCCESS_PAGE = f"print(client.get('{SUCCESS_PATH}').status_code)"
JOKE = "from jokes.tasks import get_random_joke; get_random_joke.delay()"
SEND = "from celery import current_app; current_app.send_task('{}')"
SEND_JOKE = (
    "from asgiref.sync import async_to_sync; from channels.layers import get_channel_layer;"
    "send = lambda joke: async_to_sync(get_channel_layer().group_send)('jokes', joke); send"
)


@dataclass
class Project:
    """A copy of a step: its directory, its Redis, what starts a process, the tests' browser."""

    directory: Path
    redis_url: str
    start: Callable
    tabs: Callable
    port: str = "8000"

    def usual(self, text):
        """Return a text with the ports that a learner's servers have."""
        redis_port = self.redis_url.rpartition(":")[2]
        text = re.sub(rf"(localhost|127\.0\.0\.1):(1|{redis_port})\b", r"\1:6379", text)
        for ours, theirs in (
            (redis_port, "6379"),
            (self.port, "8000"),
            ("127.0.0.1', 1)", "127.0.0.1', 6379)"),
            ("port=1)", "port=8000)"),
        ):
            text = text.replace(ours, theirs)
        return text

    def command(self, *words, cwd=None, **changes):
        """Run a command to its end."""
        if not shutil.which(words[0]):
            pytest.skip(f"{words[0]} is not installed")
        done = subprocess.run(
            words,
            cwd=cwd or self.directory,
            env=self._environment(changes),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
        )
        return done.stdout

    def runs(self, *words, python=sys.executable, **changes):
        """Run Python with these arguments to its end."""
        return self.command(str(python), *words, **changes)

    def shell(self, code, **changes):
        """Run code as `manage.py shell -c` does."""
        return self.runs("manage.py", "shell", "-c", code, **changes)

    def asks(self, code):
        """Let Django's client ask for pages: errors come as the site's terminal shows them."""
        return self.shell(f"{CLIENT}; {code}")

    def until(self, text, *words, meanwhile=None, **changes):
        """Start Python with these arguments, and end it when it has printed a text.

        Once it has printed `meanwhile[0]`, `meanwhile[1]()` is done.
        """
        command = [sys.executable, *words]
        return self.program_until(text, *command, meanwhile=meanwhile, **changes)

    def program_until(self, text, *words, meanwhile=None, **changes):
        """Start a program as `until` starts Python."""
        if not shutil.which(words[0]):
            pytest.skip(f"{words[0]} is not installed")
        process = self.start(words, cwd=self.directory, env=self._environment(changes))

        def is_over():
            nonlocal meanwhile
            if meanwhile and meanwhile[0] in process.output:
                action, meanwhile = meanwhile[1], None
                action()
                if text == DONE:
                    return True
            return text in process.output or not process.runs()

        wait_until(is_over, SECONDS, lambda: process.output)
        process.kill_all()
        process.wait()
        return process.output

    def serves(self):
        """Start the site until it serves."""
        return self.until(SERVES, *RUNSERVER, "0")

    def worker(self, text, code=None, **changes):
        """Start a worker until it prints a text; code puts a task into its queue."""
        meanwhile = (READY, lambda: self.shell(code, **changes)) if code else None
        return self.until(text, *WORKER, meanwhile=meanwhile, **changes)

    def while_worker(self, action):
        """Do something while a worker runs. Returns what that returns."""
        came = []
        self.until(DONE, *WORKER, meanwhile=(READY, lambda: came.append(action())))
        return came[0]

    def site(self, text, ask, **changes):
        """Start the site until it prints a text; `ask(port)` is done once it listens."""
        self.port = str(free_port())

        def ask_it():
            wait_until(partial(is_taken, int(self.port)), 10, lambda: "it does not listen")
            ask(self.port)

        meanwhile = (SERVES, ask_it)
        return self.until(text, *RUNSERVER, self.port, meanwhile=meanwhile, **changes)

    def redis(self):
        """A client of the Redis that all projects share."""
        return redis.Redis.from_url(self.redis_url, decode_responses=True)

    def joke_of_api(self, path=API, text="succeeded"):
        """Let a worker ask the step's own site for a joke, at this path, until it says this."""
        came = []

        def ask(port):
            url = f"http://localhost:{port}{path}"
            came.append(self.worker(text, JOKE, JOKES_API_URL=url))

        self.site(DONE, ask)
        return came[0]

    def joke_over_socket(self, joke="{'type': 'jokes.joke', 'text': 'Шутка'}"):
        """Send an event to the group of a page that has its WebSocket open.

        Returns what the site printed, and what the page got.
        """
        came = []
        ask = open_socket(then=partial(self.shell, SEND_JOKE + f"({joke})"), came=came)
        printed = self.site("DISCONNECT", ask)
        return f"{printed}{came}"

    def page_with_joke(self):
        """Return what the page of jokes shows once a joke has come."""

        def send_joke(look):
            self.shell(SEND_JOKE + "({'type': 'jokes.joke', 'text': 'Шутка'})")
            wait_until(lambda: "Ждём шутку" not in look(), 15, look)

        return self._tab("/jokes/", Tabs.text, "Связь с сервером есть", then=send_joke)

    def page(self, path, text, **changes):
        """Open a page of the site in Chromium until it shows a text. Returns what it shows."""
        return self._tab(path, Tabs.text, text, **changes)

    def console(self, path, text):
        """Open a page of the site in Chromium until its console has a text. Returns it all."""
        return self._tab(path, lambda *tab: "\n".join(Tabs.console(*tab)), text)

    def _tab(self, path, read, text, then=None, **changes):
        """Open a page until what is read of its tab has a text. Returns what is read then."""
        came = []

        def ask(port):
            tab = self.tabs(), "1"
            Tabs.open(*tab, f"http://localhost:{port}{path}", SECONDS)
            look = partial(read, *tab)
            wait_until(lambda: text in look(), 15, look)
            if then:
                then(look)
            came.append(look())

        self.site(DONE, ask, **changes)
        return came[0]

    def _environment(self, changes):
        usual = clean_environment("JOKES_API_URL")
        own = {"REDIS_URL": self.redis_url, "COLUMNS": "200", "PYTHONUNBUFFERED": "1"}
        return usual | own | changes


def get(path):
    """Return the function that asks a site for a page."""

    def ask(port):
        with suppress(OSError):
            urlopen(f"http://127.0.0.1:{port}{path}", timeout=10).read()

    return ask


def open_socket(path="/ws/jokes/", origin="http://localhost", seconds=1, then=None, came=None):
    """Return the function that opens a WebSocket on a site, as one of its pages does."""

    def ask(port):
        with suppress(OSError, WebSocketException):
            address = f"ws://127.0.0.1:{port}{path}"
            with connect(address, origin=origin, proxy=None) as socket:
                if then:
                    then()
                with suppress(TimeoutError):
                    message = socket.recv(seconds)
                    if came is not None:
                        came.append(message)

    return ask
