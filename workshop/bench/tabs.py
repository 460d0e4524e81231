"""How many pages are open at once through the nginx of lesson 06, and when they get a joke."""

import asyncio
import time
from contextlib import ExitStack

from workshop.bench.fanout import OTHER_FILES, Audience, allow_files
from workshop.bench.production import Production
from workshop.bench.sections import Size
from workshop.bench.table import SECONDS, Row, Table
from workshop.bench.variants import Variant
from workshop.processes.process import Process
from workshop.stage import Stage, WrongAnswer
from workshop.wording import counted

KILOBYTES, NUMBER = "КБ", ""


class Tabs(Audience):
    """Pages that are open through nginx."""

    def __init__(self, stage: Stage, site: Production) -> None:
        """Take a site that runs."""
        self._site = site
        super().__init__(stage, Variant("lesson_06", "урок 06"), site.redis_url)

    def _serve(self) -> Process:
        self.port = self._site.port
        return self._site.nginx

    def open_tabs(self, number: int, jokes: int) -> tuple[int, str]:
        """Open so many pages, or as many as can be. Returns their number and what ended it."""
        opened, *limit = self._open(self.port, number, jokes, "https")
        return int(opened), " ".join(limit)


def measure(stage: Stage, size: Size) -> Table:
    """Measure the open pages. Raises WrongAnswer."""
    # nginx has two connections for each page.
    allow_files(2 * max(size.tabs) + OTHER_FILES)
    rows: list[Row] = []
    for number in size.tabs:
        rows.append(_tabs(stage, number, size.jokes))
        if rows[-1].medians[0] < number:
            stage.say("больше не открыть, остальные измерения пропускаю")
            break
    return Table(
        "Страницы открыты через nginx урока 06 по https, процессов сайта два. Шутка: от "
        "отправки до последней открытой страницы. Память: насколько выросла, на страницу.",
        SECONDS,
        ["открыто", "шутка", "daphne, КБ", "nginx, КБ"],
        rows,
        units=[NUMBER, SECONDS, KILOBYTES, KILOBYTES],
    )


def _tabs(stage: Stage, number: int, jokes: int) -> Row:
    """Open so many pages and send jokes to those that have opened."""
    label = counted(number, "страница", "страницы", "страниц")
    stage.say(f"{label}: запускаю сайт урока 06, открываю их и шлю шутки, {jokes}")
    site = Production(stage, 0)
    site.start(workers=0)
    with ExitStack() as stack:
        runner = stack.enter_context(asyncio.Runner())
        tabs = Tabs(stage, site)
        stack.callback(site.stop)
        stack.callback(tabs.close)
        before = site.memory()
        started = time.monotonic()
        opened, limit = tabs.open_tabs(number, 1 + jokes)
        stage.say(f"открыто {opened} за {time.monotonic() - started:.0f} с")
        if not opened:
            raise WrongAnswer(f"Не открылась ни одна страница: {limit}.")
        grown = [after - old for after, old in zip(site.memory(), before, strict=True)]
        send = tabs.sender(stack, runner)
        # The first joke finds connections that are not ready, and does not count.
        times = [tabs.tell(which, send) for which in range(1 + jokes)][1:]
        if opened < number:
            stage.say(f"дальше {limit}; nginx печатает: {site.nginx.tail[-1]}")
            label = f"{label}: открылись не все"
    return Row(
        str(number), label, [[opened], times, *([memory / opened / 1024] for memory in grown)]
    )
