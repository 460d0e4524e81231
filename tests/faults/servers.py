"""The real servers of the fault tests, and the clients that the tests look at them with."""

import asyncio
import shutil
import signal
import socket
import sys
from collections import Counter
from contextlib import suppress

import redis
import requests
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from websockets.asyncio.client import connect

from workshop.processes.ports import free_port
from workshop.processes.private_redis import start_redis
from workshop.processes.process import Stopping

from ..conftest import Process, wait_until

# What a killed worker held comes back after seconds, not after ten minutes.
SHORT_VISIBILITY = {
    "visibility_timeout": 3,
    "unacked_restore_interval": 0.2,
    "unacked_restore_throttle": 1,
    "unacked_mutex_expire": 2,
}


class Redis:
    """A private Redis with append-only data that can be killed, frozen and started again."""

    def __init__(self, directory):
        self.directory = directory
        self.process, self.url = start_redis(self._start, directory)
        self.client = redis.Redis.from_url(self.url, socket_timeout=10)

    def _start(self, command):
        return Process(command, cwd=self.directory)

    def kill(self):
        self.process.kill()

    def lose_data(self):
        """Delete what a killed server would remember."""
        for data in self.directory.glob("*/appendonlydir"):
            shutil.rmtree(data)

    def restart(self):
        self.process = self._start(self.process.command)
        wait_until(self._answers, 10, lambda: f"Redis runs again: {self.process.output}")

    def _answers(self):
        with suppress(redis.RedisError):
            return self.client.ping()

    def freeze(self):
        self.process.send(signal.SIGSTOP)

    def thaw(self):
        self.process.send(signal.SIGCONT)

    def queued(self):
        """Count the tasks that wait in the queue, and those that workers hold."""
        return self.client.llen("celery") + self.client.hlen("unacked")


class MailServer:
    """A real SMTP server.

    `delivered` counts the mails that it has accepted, `attempts` all that were tried, both by
    recipient. What it does about a recipient is a coroutine in `behaviour`, which gets the
    SMTP session and the number of the attempt and may return a refusal. Every mail takes
    `seconds`; `sending` is how many it is taking now.
    """

    def __init__(self):
        self.port = free_port()
        self.delivered = Counter()
        self.attempts = Counter()
        self.behaviour = {}
        self.seconds = 0
        self.sending = 0
        self._controller = None

    def start(self):
        self._controller = MailController(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self):
        if self._controller:
            self._controller.stop()
            self._controller = None

    async def handle_RCPT(self, session, smtp_session, envelope, address, options):
        self.attempts[address] += 1
        if address in self.behaviour:
            reply = await self.behaviour[address](session, self.attempts[address])
            if reply:
                return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, session, smtp_session, envelope):
        self.sending += 1
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.sending -= 1
        self.delivered.update(envelope.rcpt_tos)
        return "250 OK"

    def wait_for_sending(self, count, seconds=30):
        """Wait until so many mails are being taken at the same time."""
        wait_until(
            lambda: self.sending == count,
            seconds,
            lambda: f"{self.sending} mails being sent, not {count}",
        )

    def wait_for_more(self, count, seconds=30):
        """Wait until so many more mails have been accepted."""
        wanted = self.delivered.total() + count
        wait_until(
            lambda: self.delivered.total() >= wanted,
            seconds,
            lambda: f"{self.delivered.total()} mails have come, not {wanted}",
            pause=0.002,
        )

    def duplicates(self):
        return self.delivered.total() - len(self.delivered)


class MailSession(SMTP):
    breaks_off = False

    async def smtp_DATA(self, arg):
        if not self.breaks_off:
            return await super().smtp_DATA(arg)
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        await self._reader.readline()
        self.transport.abort()


class MailController(Controller):
    def factory(self):
        return MailSession(self.handler)


class Site:
    """An HTTP client of the step's site, as a browser is one."""

    def __init__(self, process, port):
        self.process = process
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.session = requests.Session()

    def is_ready(self):
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", self.port)) == 0

    def get(self, path):
        return self.session.get(self.url + path, timeout=30, allow_redirects=False)

    def post(self, email, message="Мне всё понравилось"):
        """Send the form. Returns the response, whose `elapsed` is how long it took."""
        if "csrftoken" not in self.session.cookies:
            self.get("/")
        token = self.session.cookies["csrftoken"]
        fields = {"email": email, "message": message, "csrfmiddlewaretoken": token}
        return self.session.post(self.url, fields, timeout=30, allow_redirects=False)

    def post_all(self, emails):
        """Send a form for each address, all of which must be accepted; returns the task ids."""
        task_ids = []
        for email in emails:
            response = self.post(email)
            assert response.status_code == 302, f"the form was refused: {response.status_code}"
            task_ids.append(response.headers["Location"].split("/")[2])
        return task_ids

    def state(self, task_id):
        return self.get(f"/tasks/{task_id}/").json()["state"]

    def wait_for_states(self, task_ids, states, seconds=60):
        """Wait until each task is in one of the states; returns the states in order."""
        seen = {}

        def all_reached():
            for task_id in task_ids:
                if seen.get(task_id) not in states:
                    seen[task_id] = self.state(task_id)
            return set(seen.values()) <= set(states)

        wait_until(
            all_reached,
            seconds,
            lambda: f"all in {states}: {Counter(seen.values())}",
            pause=0.25,
        )
        return [seen[task_id] for task_id in task_ids]


class Stack:
    """The processes of a step or another project, with a Redis and a mail server of their own.

    `settings_module` has the settings of all processes, but for those in `settings`.
    """

    def __init__(self, project, directory):
        self.project = project
        self.directory = directory
        self.redis = Redis(directory)
        self.mail = MailServer()
        self.processes = []
        self.environment = {}
        self.settings_module = "django_celery.settings"
        self.settings = {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": self.mail.port,
            "EMAIL_DELAY_SECONDS": 0,
        }

    def start(self, *command, broker_options=None, **settings):
        """Start a Python module in the project, with these settings changed."""
        number = len(self.processes)
        module = f"fault_settings_{number}"
        lines = [f"from {self.settings_module} import *"]
        lines += [f"{name} = {value!r}" for name, value in (self.settings | settings).items()]
        lines += [f"CELERY_BROKER_TRANSPORT_OPTIONS |= {broker_options or {}}"]
        (self.directory / f"{module}.py").write_text("\n".join(lines), encoding="utf-8")
        process = Process(
            [sys.executable, "-m", *command],
            cwd=self.project,
            stopping=Stopping(seconds=30),
            env={
                "DJANGO_SETTINGS_MODULE": module,
                "PYTHONPATH": str(self.directory),
                "PYTHONUNBUFFERED": "1",
                # A killed worker leaves files behind.
                "TMPDIR": str(self.directory),
                "REDIS_URL": self.redis.url,
                **self.environment,
            },
        )
        self.processes.append(process)
        return process

    def start_worker(self, *options, concurrency=2, **settings):
        worker = self.start(
            *("celery", "-A", "django_celery", "worker", "-l", "info", "--without-mingle"),
            *("-c", str(concurrency), *options),
            **settings,
        )
        worker.wait_for(" ready.")
        return worker

    def start_site(self, **settings):
        port = free_port()
        command = ("django", "runserver", "--noreload", str(port))
        return self._wait_for_site(self.start(*command, **settings), port)

    def start_daphne(self, *options):
        """Start the site as `runserver` does it, but with options of daphne's own."""
        port = free_port()
        command = ("daphne", "-p", str(port), *options, "django_celery.asgi:application")
        return self._wait_for_site(self.start(*command), port)

    @staticmethod
    def _wait_for_site(process, port):
        site = Site(process, port)
        wait_until(site.is_ready, 20, lambda: f"an answer of the site:\n{process.output}")
        return site

    def start_beat(self, **settings):
        schedule = str(self.directory / "celerybeat-schedule")
        return self.start(
            *("celery", "-A", "django_celery", "beat", "-l", "info", "-s", schedule), **settings
        )

    def close(self):
        for process in self.processes:
            process.kill()
        self.mail.stop()
        self.redis.kill()


def addresses(count, name="user"):
    return [f"{name}{number}@example.com" for number in range(count)]


def open_page(site, **options):
    """Connect as an open page of the site does."""
    options = {"origin": site.url, "proxy": None, "open_timeout": 30} | options
    return connect(f"ws://127.0.0.1:{site.port}/ws/jokes/", **options)


def wait_for_members(stack, count):
    """Wait until so many channels are in the group that jokes are sent to."""

    def members():
        return stack.redis.client.zcard("asgi:group:jokes")

    wait_until(lambda: members() == count, 20, lambda: f"{members()} members, not {count}")


def wait_for_mails(stack, emails, seconds):
    """Wait until each of the mails has arrived, and nothing is queued any more."""
    wait_until(
        lambda: stack.mail.delivered.keys() >= set(emails) and not stack.redis.queued(),
        seconds,
        lambda: (
            f"{len(emails)} mails: {len(stack.mail.delivered)} have come, "
            f"{stack.redis.queued()} are queued"
        ),
    )
