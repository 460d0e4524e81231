"""The project of lesson 06 with a machine for each of its processes, and who looks at it."""

import asyncio
import random
import re
import sys
import threading
import time
from contextlib import suppress

import redis
import requests
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from workshop.lesson.course import states_of
from workshop.steps import find_lessons

from ..conftest import Process
from .network import ADDRESSES, Network
from .servers import MailController, MailServer, Site

# Under which visitors know the site.
NAME = "site.example"
REDIS_PORT, WEB_PORT, MAIL_PORT = 6380, 8101, 1025


class Mail(MailServer):
    """The mail server, on a machine of its own."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def start(self):
        listening = self.network.socket("mail")
        listening.bind((ADDRESSES["mail"], MAIL_PORT))
        self._controller = MachineController(self, listening, self.network)
        self._controller.start()


class MachineController(MailController):
    def __init__(self, handler, listening, network):
        super().__init__(handler, hostname=ADDRESSES["mail"], port=MAIL_PORT)
        self._listening, self._network = listening, network

    def _create_server(self):
        return self.loop.create_server(self._factory_invoker, sock=self._listening)

    def _trigger_server(self):
        with self._network.connect("mail", "mail", MAIL_PORT) as sock:
            sock.recv(1024)


class Session(requests.Session):
    def send(self, *arguments, **options):
        response = super().send(*arguments, **options)
        # The cookies are for https, which ends at nginx.
        for cookie in self.cookies:
            cookie.secure = False
        return response


class Visitor(Site):
    """An HTTP client on the page's machine, who comes as nginx would forward him."""

    def __init__(self, network):
        super().__init__(None, WEB_PORT)
        self.network = network
        self.url = f"http://{NAME}"
        self.session = Session()
        self.session.headers.update({"X-Forwarded-Proto": "https", "Origin": f"https://{NAME}"})

    def is_ready(self):
        with suppress(OSError), self.network.connect("page", "web", WEB_PORT):
            return True


class RedisConnection(redis.Connection):
    """A connection of the test's that begins on Redis's own machine."""

    network: Network

    def _connect(self):
        return self.network.connect("redis", "redis", REDIS_PORT, self.socket_timeout)


class Redis:
    """The Redis of the lesson; the test looks at it from its own machine."""

    def __init__(self, network, password):
        class Connection(RedisConnection):
            pass

        Connection.network = network
        pool = redis.ConnectionPool(connection_class=Connection, password=password)
        self.client = redis.Redis(connection_pool=pool)

    def queued(self):
        """Count the tasks that wait in the queue, and those that workers hold."""
        return self.client.llen("celery") + self.client.hlen("unacked")


class Machines:
    """The project of lesson 06 after its section 7, on a machine for each of its processes."""

    password = "0123456789abcdef"

    def __init__(self, directory, settings=(), **environment):
        """Write the project.

        Takes lines that follow its settings, and other values for `production.env`.
        """
        self.directory = directory
        self.network = Network()
        self.redis = Redis(self.network, self.password)
        self.mail = Mail(self.network)
        self.visitor = Visitor(self.network)
        self.processes = []
        self._write(project())
        self.environment = self._production() | environment
        if settings:
            self._add_settings(settings)

    def _write(self, files):
        for path, text in files.items():
            target = self.directory / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        (self.directory / "deploy/secret").mkdir()
        (self.directory / "var").mkdir()
        secret = f"requirepass {self.password}\n"
        (self.directory / "deploy/secret/redis.conf").write_text(secret, encoding="utf-8")
        self.bind_redis(ADDRESSES["redis"])

    def bind_redis(self, *addresses):
        """Change where Redis listens; without addresses it is on its own machine alone."""
        path = self.directory / "deploy/redis.conf"
        line = " ".join(("bind 127.0.0.1", *addresses))
        text, count = re.subn("^bind .*$", line, path.read_text("utf-8"), flags=re.MULTILINE)
        assert count == 1, "The lesson's redis.conf has one line «bind»"
        path.write_text(text, encoding="utf-8")

    def _production(self):
        """Return production.env as the lesson makes it, with what several machines change."""
        text = (self.directory / "deploy/example.env").read_text(encoding="utf-8")
        lesson = dict(line.split("=", 1) for line in text.splitlines())
        return lesson | {
            "SECRET_KEY": "x1" * 32,
            "ALLOWED_HOSTS": f"{NAME} {ADDRESSES['web']}",
            "JOKES_API_URL": f"http://{ADDRESSES['web']}:{WEB_PORT}/api/jokes/random/",
            "REDIS_URL": f"redis://default:{self.password}@{ADDRESSES['redis']}:{REDIS_PORT}",
            "EMAIL_HOST": ADDRESSES["mail"],
            "EMAIL_DELAY_SECONDS": "0",
        }

    def _add_settings(self, settings):
        lines = ["from django_celery.settings import *", *settings]
        (self.directory / "more_settings.py").write_text("\n".join(lines), encoding="utf-8")
        self.environment["DJANGO_SETTINGS_MODULE"] = "more_settings"

    def start(self, machine, *command, **environment):
        environment = self.environment | environment | {"PYTHONUNBUFFERED": "1"}
        process = Process(
            self.network.on(machine, *command), cwd=self.directory, env=environment
        )
        self.processes.append(process)
        return process

    def start_python(self, machine, *command, **environment):
        return self.start(machine, sys.executable, "-m", *command, **environment)

    def start_redis(self):
        self.redis.process = self.start("redis", "redis-server", "deploy/redis.conf")
        self.redis.process.wait_for("Ready to accept connections")
        return self.redis.process

    def lose_redis(self):
        """Take the power from Redis's machine: its connections end in nothing.

        Returns what gives the power back.
        """
        mend = self.network.cut_off("redis")
        self.redis.process.kill()
        self.redis.client.connection_pool.disconnect()
        self.network.power_off("redis")

        def power_on():
            self.network.power_on("redis")
            self.start_redis()
            mend()

        return power_on

    def start_web(self, address=ADDRESSES["web"], port=WEB_PORT, **environment):
        where = ("-b", address, "-p", str(port))
        command = ("daphne", *where, "django_celery.asgi:application")
        process = self.start_python("web", *command, **environment)
        process.wait_for("Listening on TCP address")
        return process

    def start_worker(self, number=1, **environment):
        command = ("celery", "-A", "django_celery", "worker", "-l", "info", "-c", "2")
        name = ("-n", f"worker{number}@%h")
        return self.start_python("worker", *command, *name, **environment)

    def start_beat(self):
        command = ("celery", "-A", "django_celery", "beat", "-l", "info")
        return self.start_python("worker", *command, "-s", "var/celerybeat-schedule")

    def close(self):
        for process in self.processes:
            process.kill()
        self.mail.stop()
        self.network.close()


def project():
    """Return the files (path: text) that lesson 06 has typed at the end of its section 7."""
    (lesson,) = find_lessons("06")
    states = [state for state in states_of(lesson) if _section(state) <= 7]
    return states[-1].files


def _section(state):
    number, dot, _ = state.block.heading.partition(".")
    return int(number) if dot and number.isdigit() else 0


class Page:
    """An open page of the site, by the rules of the lesson's jokes.js.

    `jokes` are the moments at which it got one, `losses` those at which it lost a connection.
    """

    first_pause, longest_pause = 1, 30

    def __init__(self, network, silence):
        self.network = network
        self.silence = silence
        self.jokes = []
        self.losses = []

    async def run(self):
        pause = self.first_pause
        while True:
            with suppress(OSError, InvalidHandshake, ConnectionClosed):
                async with asyncio.timeout(self.silence) as deadline:
                    socket = await self._open()
                    while await socket.recv():
                        self.jokes.append(time.monotonic())
                        pause = self.first_pause
                        deadline.reschedule(asyncio.get_running_loop().time() + self.silence)
            self.losses.append(time.monotonic())
            await asyncio.sleep(pause * random.uniform(0.5, 1))
            pause = min(pause * 2, self.longest_pause)

    def first_joke_since(self, moment):
        return min(joke for joke in self.jokes if joke > moment)

    async def _open(self):
        sock = await asyncio.to_thread(self.network.connect, "page", "web", WEB_PORT)
        # A browser sends no pings, and a page waits for no farewell.
        options = {"origin": f"https://{NAME}", "open_timeout": None, "ping_interval": None}
        return await connect(f"ws://{NAME}/ws/jokes/", sock=sock, close_timeout=0, **options)


class Pages(list):
    """Some open pages, which live until they are closed."""

    def __init__(self, network, silence, count):
        super().__init__(Page(network, silence) for _ in range(count))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        self._all = self._loop.create_task(self._run_all())
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._all)
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    async def _run_all(self):
        await asyncio.gather(*(page.run() for page in self))

    def have_jokes_since(self, moment):
        return all(page.jokes and page.jokes[-1] > moment for page in self)

    def close(self):
        self._loop.call_soon_threadsafe(lambda: self._all.cancel())
        self._thread.join()
