"""Machines: network namespaces on one switch, which nothing reaches from outside.

All of them live in a user, network and process namespace of their own, so that neither root
nor the network of this system is needed; whatever runs there ends with the test, also with one
that was killed.
"""

import asyncio
import random
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress

import psutil
import redis
import requests
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from workshop.lesson.course import states_of
from workshop.steps import find_lessons

from ..conftest import Process
from .servers import MailController, MailServer, Site

# A range for examples: no network uses it (RFC 5737).
ADDRESSES = {
    "web": "192.0.2.10",
    "worker": "192.0.2.20",
    "redis": "192.0.2.30",
    "mail": "192.0.2.40",
    "page": "192.0.2.50",
}
# Under which visitors know the site.
NAME = "site.example"
REDIS_PORT, WEB_PORT, MAIL_PORT = 6380, 8101, 1025
# A hardware address that no machine has: packets for it are lost without a word.
NOBODY = "02:00:00:00:00:01"

OUTER = (
    *("unshare", "--user", "--map-root-user", "--net", "--mount"),
    *("--pid", "--fork", "--kill-child", "--mount-proc"),
)
# `ip` keeps its namespaces in /run. The test holds the other end of what `cat` reads.
SETUP = """
set -e
mount -t tmpfs tmpfs /run
mkdir /run/netns
ip link add switch type bridge
ip link set switch up
echo ready
exec cat
"""
POWER_ON = """
set -e
ip netns add {name}
ip link add port-{name} type veth peer name eth0 netns {name}
ip link set port-{name} master switch up
ip -n {name} address add {address}/24 dev eth0
ip -n {name} link set eth0 up
ip -n {name} link set lo up
"""
# A socket belongs to the machine on which it was made, whoever uses it.
MAKE_SOCKETS = """
import socket
test = socket.socket(fileno=0)
while test.recv(1):
    with socket.socket() as made:
        socket.send_fds(test, [b"."], [made.fileno()])
"""


def why_not():
    """Say in Russian why there can be no machines here, "" if there can."""
    for program in ("unshare", "nsenter", "ip", "redis-server"):
        if not shutil.which(program):
            return f"нет программы {program}"
    try:
        Network().close()
    except NoMachines as error:
        return f"система не даёт создать пространства имён: {error}"
    return ""


class NoMachines(Exception):
    """This system does not let this user make network namespaces."""


class Network:
    """The machines, their cables, and sockets on them."""

    def __init__(self):
        self._outer = subprocess.Popen(
            [*OUTER, "sh", "-c", SETUP],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._agents = {}
        if self._outer.stdout.readline() != "ready\n":
            _, error = self._outer.communicate()
            raise NoMachines(error.strip())
        (inner,) = psutil.Process(self._outer.pid).children()
        self.pid = inner.pid
        # An ordinary user is root there already, and may not become anybody.
        self._enter = ["nsenter", f"--target={inner.pid}", "--user", "--preserve-credentials"]
        self._enter.append("--pid")
        for machine in ADDRESSES:
            self.power_on(machine)

    def power_on(self, machine):
        self._run_outside(POWER_ON.format(name=machine, address=ADDRESSES[machine]))

    def power_off(self, machine):
        """Turn a machine off, on which nothing may run any more: it says goodbye to nobody."""
        if machine in self._agents:
            agent, process = self._agents.pop(machine)
            agent.close()
            process.wait()
        self._run_outside(f"ip netns delete {machine} && ip link delete port-{machine}")

    def _run_outside(self, script):
        """Run a script where the switch is."""
        command = [*self._enter, "--net", "--mount", "sh", "-c", script]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise NoMachines(done.stderr.strip())

    def on(self, machine, *command):
        """Return the command that runs this command on a machine."""
        network = f"/proc/{self.pid}/root/run/netns/{machine}"
        return [*self._enter, f"--net={network}", *command]

    def run(self, machine, *command):
        """Run a command on a machine to its end. Returns its output, errors included."""
        done = subprocess.run(
            self.on(machine, *command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.stdout

    def ip(self, machine, *command):
        output = self.run(machine, "ip", *command)
        assert not output, output

    def cut(self, machine, others):
        """Lose every packet between a machine and others, in silence. Returns what mends it."""
        pairs = [(machine, other) for other in others] + [(other, machine) for other in others]
        for here, there in pairs:
            route = (ADDRESSES[there], "lladdr", NOBODY, "dev", "eth0")
            self.ip(here, "neighbour", "replace", *route)

        def mend():
            for here, there in pairs:
                only = ("to", ADDRESSES[there], "nud", "permanent", "dev", "eth0")
                self.ip(here, "neighbour", "flush", *only)

        return mend

    def cut_off(self, machine):
        """Cut a machine off from all others. Returns what mends it."""
        return self.cut(machine, [other for other in ADDRESSES if other != machine])

    def socket(self, machine):
        """Return a new socket on a machine."""
        if machine not in self._agents:
            ours, theirs = socket.socketpair()
            with theirs:
                command = self.on(machine, sys.executable, "-I", "-c", MAKE_SOCKETS)
                process = subprocess.Popen(command, stdin=theirs)
            self._agents[machine] = ours, process
        agent, _ = self._agents[machine]
        agent.send(b".")
        _, (descriptor,), _, _ = socket.recv_fds(agent, 1, 1)
        return socket.socket(fileno=descriptor)

    def connect(self, machine, other, port, timeout=30):
        """Return a socket on a machine that is connected to another one."""
        sock = self.socket(machine)
        try:
            sock.settimeout(timeout)
            sock.connect((ADDRESSES[other], port))
        except OSError:
            sock.close()
            raise
        return sock

    def close(self):
        """End whatever runs on the machines, and the machines."""
        self._outer.kill()
        self._outer.communicate()
        for agent, process in self._agents.values():
            agent.close()
            process.wait()


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
        name = f"worker{number}@%h"
        command = (
            "celery",
            "-A",
            "django_celery",
            "worker",
            "-l",
            "info",
            "-n",
            name,
            "-c",
            "2",
        )
        return self.start_python("worker", *command, **environment)

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
