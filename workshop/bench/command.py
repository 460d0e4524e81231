"""`python3 -m workshop bench`: measures the workshop on this machine and draws charts."""

import sys
import textwrap
from argparse import Namespace
from collections.abc import Callable, Iterable
from pathlib import Path

from workshop.bench import (
    answer,
    charts,
    fanout,
    load,
    mails,
    outage,
    results,
    setup,
    table,
    tabs,
)
from workshop.bench.machine import describe, is_busy
from workshop.bench.results import Result, today
from workshop.bench.sections import FULL, QUICK, SECTIONS, USUAL, Size
from workshop.bench.table import Table
from workshop.processes.guard import Guard
from workshop.processes.private_redis import NoRedis
from workshop.processes.signals import interrupt_once
from workshop.stage import Stage, WrongAnswer
from workshop.steps import STATE_DIR

DIRECTORY = STATE_DIR / "bench"
WIDTH = 80
MEASURES: dict[str, Callable[[Stage, Size], Table]] = {
    "answer": answer.measure,
    "mails": mails.measure,
    "outage": outage.measure,
    "fanout": fanout.measure,
    "setup": setup.measure,
    "load": load.measure,
    "tabs": tabs.measure,
    "tests": setup.measure_tests,
}


def main(arguments: Namespace) -> int:
    """Measure, print tables and draw charts.

    Takes the parsed arguments: sections (none means the usual ones), quick, charts (a directory
    or None) and redraw (measure nothing). Returns the exit status: 0, or 1 if something that
    was to be measured did not do its work.
    """
    target = arguments.charts or DIRECTORY
    if arguments.redraw:
        return _draw(target)
    wanted = arguments.sections or USUAL
    try:
        _measure([name for name in SECTIONS if name in wanted], arguments.quick, target)
    except (WrongAnswer, NoRedis) as error:
        print(error, file=sys.stderr)
        return 1
    return _draw(target)


def _measure(names: Iterable[str], is_quick: bool, target: Path) -> None:
    """Measure sections one after the other, and keep the results of each."""
    machine = describe()
    _say(f"{machine}. {today()}.")
    if is_quick:
        _say("Короткое измерение: повторов и страниц меньше, цифры грубее.")
    if is_busy():
        _say("Машина занята другой работой: цифры будут хуже, чем могли бы.")
    interrupt_once()
    with Guard() as guard:
        stage = Stage(guard, lambda line: _say(f"· {line}", "  "))
        try:
            for name in names:
                print(f"\n{name}: {SECTIONS[name]}", flush=True)
                found = MEASURES[name](stage, QUICK if is_quick else FULL)
                _show(found)
                results.write(target, {name: Result(found, machine, today(), is_quick)})
        except KeyboardInterrupt:
            print("Прервано, останавливаю начатое.", flush=True)
            raise


def _show(found: Table) -> None:
    print(*table.lines(found), sep="\n")
    repeats = [len(values) for row in found.rows for values in row.values]
    least, most = min(repeats), max(repeats)
    how_many = "По одному измерению"
    if most > 1:
        how_many = f"Медианы, измерений {least if least == most else f'{least}–{most}'}"
    compared = "; ×\N{NO-BREAK SPACE}— во сколько раз." if found.base else "."
    _say(f"{found.note} {how_many}{compared}", "  ")


def _draw(target: Path) -> int:
    found = results.read(target)
    if not found:
        print(f"В {target} нет результатов: сначала измерьте.", file=sys.stderr)
        return 1
    print()
    for path in charts.draw(found, target):
        print(f"Диаграмма: {path}")
    print(f"Все цифры: {target / results.NAME}")
    return 0


def _say(text: str, indent: str = "") -> None:
    for line in text.splitlines():
        hanging = indent + ("  " if line.startswith("· ") else "")
        wrapped = textwrap.wrap(line, WIDTH, initial_indent=indent, subsequent_indent=hanging)
        print(*wrapped, sep="\n", flush=True)
