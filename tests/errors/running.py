"""What a row of the catalogue runs, in a copy of a step: each returns all that was printed."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from workshop.processes.ports import free_port

from ..conftest import wait_until

# What a form of the step is sent with.
POST = 'Client().post("/", {"email": "anna@example.com", "message": "Спасибо"})'
MAIL = "from feedback.tasks import send_feedback_email_task as task; task.delay"
JOKE = "from jokes.tasks import get_random_joke; get_random_joke.delay()"
WORKER = ("-m", "celery", "-A", "django_celery", "worker", "-l", "info", "-c", "1")
BEAT = ("-m", "celery", "-A", "django_celery", "beat", "-l", "info")
SECONDS = 40


@dataclass
class Project:
    """A copy of a step: its directory, its Redis, and the test's way to start a process."""

    directory: Path
    redis_url: str
    start: object

    def environment(self, **changes):
        environment = {key: text for key, text in os.environ.items() if key[:7] != "DJANGO_"}
        return environment | {"REDIS_URL": self.redis_url, "COLUMNS": "200"} | changes

    def runs(self, *words, python=sys.executable, **changes):
        """Run Python with these arguments to its end. Returns what it prints."""
        return self.command(str(python), *words, **changes)

    def command(self, *words, cwd=None, **changes):
        done = subprocess.run(
            words,
            cwd=cwd or self.directory,
            env=self.environment(**changes),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
        )
        return done.stdout

    def shell(self, code, **changes):
        """Run code as `manage.py shell -c` does."""
        return self.runs("manage.py", "shell", "-c", code, **changes)

    def asks(self, code, **changes):
        """Let a client of Django's ask for pages; errors come as the terminal shows them."""
        return self.shell(f"from django.test import Client; {code}", **changes)

    def until(self, text, *words, meanwhile=None, **changes):
        """Start Python with these arguments; do something once it has printed `meanwhile[0]`.

        Ends it when it has printed the text, or by itself. Returns what it has printed.
        """
        process = self.start(
            [sys.executable, *words], cwd=self.directory, env=self.environment(**changes)
        )

        def is_over():
            nonlocal meanwhile
            if meanwhile and meanwhile[0] in process.output:
                action, meanwhile = meanwhile[1], None
                action()
            return text in process.output or not process.runs()

        wait_until(is_over, SECONDS, lambda: process.output)
        process.kill_all()
        return process.output

    def worker(self, text, task=None, **changes):
        """Start a worker until it prints a text; a task is put into its queue by code."""
        meanwhile = (" ready.", lambda: self.shell(task, **changes)) if task else None
        return self.until(text, *WORKER, meanwhile=meanwhile, **changes)

    def site(self, text, ask, **changes):
        """Start the site until it prints a text; `ask(port)` is done once it answers."""
        port = free_port()
        ready = ("Quit the server", lambda: ask(port))
        words = ("manage.py", "runserver", "--noreload", str(port))
        return self.until(text, *words, meanwhile=ready, **changes)


def get(path):
    """Return the function that asks a site for a page."""

    def ask(port):
        with suppress(OSError):
            urlopen(f"http://127.0.0.1:{port}{path}", timeout=10).read()

    return ask


def open_socket(path="/ws/jokes/", origin="http://localhost", seconds=1, then=None):
    """Return the function that opens a WebSocket on a site, as one of its pages does."""

    def ask(port):
        with suppress(OSError, WebSocketException):
            address = f"ws://127.0.0.1:{port}{path}"
            with connect(address, origin=origin, proxy=None) as socket:
                if then:
                    then()
                with suppress(TimeoutError):
                    socket.recv(seconds)

    return ask


def answer(joke):
    """Return what an API of jokes answers."""
    return json.dumps({"type": "success", "value": {"id": 1, "joke": joke}})
