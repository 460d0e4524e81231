"""How soon the last of many open pages has a joke, by the server's design."""

import asyncio
import queue
import resource
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress

import redis
from channels_redis.core import RedisChannelLayer
from websockets.sync.client import connect

from workshop.bench.pages import joke
from workshop.bench.sections import Size
from workshop.bench.table import SECONDS, Row, Table
from workshop.bench.variants import Variant, variants
from workshop.lesson.errors import quote
from workshop.processes.ports import free_port
from workshop.processes.process import Process
from workshop.stage import Stage, WrongAnswer, answers, wait_for
from workshop.wording import counted

# What a server opens besides its pages: files, and connections to Redis.
OTHER_FILES = 300
CONNECT_SECONDS, JOKE_SECONDS = 180, 60
# Time in which a server does what is left to do after a connection or a joke.
PAUSE_SECONDS = 0.1


class Audience:
    """A server of one variant, its open pages and the times in which they get jokes."""

    def __init__(self, stage: Stage, variant: Variant, redis_url: str) -> None:
        """Start the server, on a database of Redis that is its own."""
        self.variant, self.redis_url, self.port = variant, redis_url, free_port()
        self.seconds: list[float] = []
        self._stage = stage
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.server = self._serve()
        self.pages: Process | None = None

    def _serve(self) -> Process:
        if self.variant.files is None:
            return self._stage.module("workshop.bench.bare", self.port)
        project = self._stage.project("05", self.redis_url, files=self.variant.files)
        # Nobody answers to pings here.
        options = ("-v", "0", "--ping-interval", "3600", "-b", "127.0.0.1")
        words = ("-m", "daphne", *options, "-p", str(self.port))
        return self._stage.start(project, *words, "django_celery.asgi:application")

    def open_pages(self, number: int, jokes: int) -> None:
        """Open so many pages, which wait for so many jokes. Raises WrongAnswer."""
        wait_for(self._is_ready, self.server)
        self._open(self.port, number, jokes)

    def _open(self, *words: object) -> list[str]:
        """Open pages as these words say. Returns what they say; raises WrongAnswer."""
        self.pages = self._stage.module("workshop.bench.pages", *words, show=self._lines.put)
        said = self._hear("ready", CONNECT_SECONDS)
        time.sleep(PAUSE_SECONDS)
        return said

    def _is_ready(self) -> bool:
        if self.variant.files is None:
            return "ready" in self.server.tail
        return answers(f"http://127.0.0.1:{self.port}/jokes/")

    def sender(self, stack: ExitStack, runner: asyncio.Runner) -> Callable[[str], None]:
        """Return what sends a joke as a worker would. Takes what closes it in the end."""
        if self.variant.files is None:
            address = f"ws://127.0.0.1:{self.port}/send"
            return stack.enter_context(connect(address, proxy=None, compression=None)).send
        host = {"address": self.redis_url, "socket_timeout": 15}
        layer = RedisChannelLayer(hosts=[host])
        stack.callback(lambda: runner.run(layer.close_pools()))

        def send(text: str) -> None:
            runner.run(layer.group_send("jokes", {"type": "jokes.joke", "text": text}))

        return send

    def tell(self, number: int, send: Callable[[str], None]) -> float:
        """Send a joke. Returns the seconds until the last page has it; raises WrongAnswer."""
        started = time.monotonic()
        send(joke(number))
        (moment,) = self._hear(f"joke-{number}", JOKE_SECONDS)
        time.sleep(PAUSE_SECONDS)
        return float(moment) - started

    def _hear(self, word: str, seconds: float) -> list[str]:
        """Wait until the pages say this word. Returns what else is in its line.

        Raises WrongAnswer if they say what went wrong, or nothing in time.
        """
        assert self.pages
        said: list[str] = []

        def has_said() -> bool:
            with suppress(queue.Empty):
                said.append(self._lines.get(timeout=0.2))
            return bool(said)

        try:
            wait_for(has_said, self.pages, seconds)
        except WrongAnswer:
            said = [f"страницы за {seconds:.0f} с не получили всего, чего ждут"]
        first, *rest = said[0].split()
        if first != word:
            title = f"Сервер «{self.variant.label}»: {said[0]}. Последнее, что он печатал:"
            raise WrongAnswer(quote(title, self.server.tail))
        return rest

    def close(self) -> None:
        """End the server and the pages."""
        self.server.kill()
        if self.pages:
            self.pages.kill()


def measure(stage: Stage, size: Size) -> Table:
    """Measure each variant with each number of pages. Raises WrongAnswer and NoRedis."""
    _, url = stage.redis()
    sizes = _possible(stage, size.pages)
    columns = [_jokes(stage, url, number, size.jokes) for number in sizes]
    return Table(
        "От отправки шутки до последней открытой страницы, один процесс сервера.",
        SECONDS,
        [counted(number, "страница", "страницы", "страниц") for number in sizes],
        [
            Row(variant.key, variant.label, [column[variant.key] for column in columns])
            for variant in variants()
        ],
        variants()[0].key,
    )


def _possible(stage: Stage, sizes: tuple[int, ...]) -> list[int]:
    """Return the numbers of pages for which the system lets a process open enough files."""
    most = allow_files(max(sizes) + OTHER_FILES)
    possible = [number for number in sizes if number + OTHER_FILES <= most]
    for number in sizes:
        if number not in possible:
            stage.say(
                f"{number} страниц пропускаю: процессу нужно {number + OTHER_FILES} открытых "
                f"файлов, а система разрешает {most} (ulimit -Hn)"
            )
    if not possible:
        raise WrongAnswer("Открытых файлов разрешено слишком мало: измерить нечего.")
    return possible


def allow_files(wanted: int) -> int:
    """Let this process and those that it starts open so many files, or as many as allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def _jokes(stage: Stage, url: str, number: int, jokes: int) -> dict[str, list[float]]:
    """Measure all variants with so many pages, in turn. Returns the seconds of each."""
    with redis.Redis.from_url(url) as client:
        client.flushall()
    stage.say(f"{number} страниц: открываю их у каждого сервера")
    with ExitStack() as stack:
        runner = stack.enter_context(asyncio.Runner())
        audiences = []
        for database, variant in enumerate(variants()):
            audience = Audience(stage, variant, f"{url}/{database}")
            stack.callback(audience.close)
            audiences.append(audience)
        # The first joke finds connections and caches that are not ready, and does not count.
        for audience in audiences:
            audience.open_pages(number, 1 + jokes)
        sends = [audience.sender(stack, runner) for audience in audiences]
        stage.say(f"{number} страниц: шуток каждому серверу {jokes}")
        for which in range(1 + jokes):
            for audience, send in zip(audiences, sends, strict=True):
                audience.seconds.append(audience.tell(which, send))
        return {audience.variant.key: audience.seconds[1:] for audience in audiences}
