"""The arguments of `python3 -m workshop …`; each verb has a module of its own."""

import argparse
import importlib
import os
import sys
from collections.abc import Callable
from difflib import get_close_matches
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import TypeVar

from workshop import bootstrap, my_project, places, steps, suites
from workshop.bench import sections as measurements

Found = TypeVar("Found")

RUSSIAN = {
    "usage: ": "команда: ",
    "positional arguments": "что указать",
    "options": "ключи",
    "show this help message and exit": "показать эту подсказку",
    "unrecognized arguments: %s": "непонятно: %s",
    "expected one argument": "после этого ключа нужно значение",
    "ignored explicit argument %r": "у этого ключа нет значения, а указано %r",
    "ambiguous option: %(option)s could match %(matches)s": (
        "непонятно, какой ключ имеется в виду: %(option)s — это %(matches)s"
    ),
    "argument %(argument_name)s: %(message)s": "%(argument_name)s: %(message)s",
    "invalid choice: %(value)r (choose from %(choices)s)": (
        "нет команды %(value)r, есть такие: %(choices)s"
    ),
    "%(prog)s: error: %(message)s\n": "%(message)s\n",
}


def main(argv: list[str]) -> int:
    """Run the command line.

    Takes the arguments after `python3 -m workshop`. Returns the exit status: 0, or 1 when
    something failed. Raises SystemExit(2) for arguments that make no sense.
    """
    if isinstance(sys.stdout, TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(errors="replace", line_buffering=True)
    end = argv.index("--") if "--" in argv else len(argv)
    parser = _parser()
    _suggest_verb(parser, argv)
    arguments = parser.parse_args(argv[:end])
    arguments.pytest_arguments = argv[end + 1 :]
    if "module" not in arguments:
        there = os.path.lexists(arguments.dir)
        arguments.module = "workshop.where" if there else "workshop.welcome"
    if arguments.module != "workshop.welcome":
        python = bootstrap.ensure_environment()
        if python is not None:
            os.execv(python, [python, "-m", "workshop", *argv])
    try:
        status: int = importlib.import_module(arguments.module).main(arguments)
    except OSError as error:
        if message := bootstrap.known_problem(str(error)):
            sys.exit(message)
        raise
    return status


def _parser() -> argparse.ArgumentParser:
    vars(argparse)["_"] = lambda text: RUSSIAN.get(text, text)
    parser = argparse.ArgumentParser(
        prog="python3 -m workshop",
        description="Мастерская по фоновым задачам и реальному времени в Django.",
    )
    _add_directory(parser, my_project.DIRECTORY)
    verbs = parser.add_subparsers(title="команды", metavar="КОМАНДА")

    start = verbs.add_parser("start", help="завести каталог my_project, готовый к уроку")
    start.set_defaults(module="workshop.start")
    start.add_argument(
        "place",
        type=_first_place,
        metavar="УРОК",
        help="например 02, redis или 03_2; 03_2.4 — с раздела 4 урока 03_2",
    )
    _add_directory(start)

    check = verbs.add_parser(
        "check",
        help="проверить ваш проект: что из обещанного в уроке уже сделано",
        epilog="Всё после -- получает pytest: python3 -m workshop check 03 -- -x",
    )
    check.set_defaults(module="workshop.check.command")
    check.add_argument(
        "lesson",
        nargs="?",
        type=_last_lesson,
        metavar="УРОК",
        help="например 02, redis или 03_2; без него — урок, в котором вы сейчас",
    )
    check.add_argument("--verbose", action="store_true", help="показать и трассировки Python")
    _add_directory(check)

    diff = verbs.add_parser("diff", help="показать, что в ваших файлах не так, как в уроке")
    diff.set_defaults(module="workshop.diff")
    diff.add_argument(
        "place",
        nargs="?",
        type=_place,
        metavar="УРОК",
        help="с чем сравнить: 02 — с концом урока 02, 02.5 — с концом его раздела 5; "
        "без него — с концом урока, в котором вы сейчас",
    )
    diff.add_argument(
        "other",
        nargs="?",
        type=_place,
        metavar="УРОК",
        help="если указаны два, сравниваются они, а не ваши файлы",
    )
    diff.add_argument("--tests", action="store_true", help="сравнить и тесты")
    _add_directory(diff)

    run = verbs.add_parser("run", help="запустить шаг со всем, что ему нужно")
    run.set_defaults(module="workshop.run")
    run.add_argument(
        "step",
        nargs="?",
        default="05",
        type=_step,
        metavar="ШАГ",
        help="например 03, tasks или step_03_tasks; без него запускается последний шаг",
    )
    run.add_argument(
        "--port", type=_port, default=8000, metavar="ПОРТ", help="порт сайта, обычно 8000"
    )
    run.add_argument("--open", action="store_true", help="открыть страницу в браузере")

    lessons = verbs.add_parser("lessons", help="открыть уроки как сайт: поиск, копирование")
    lessons.set_defaults(module="workshop.site.command")
    lessons.add_argument(
        "--port", type=_port, default=8010, metavar="ПОРТ", help="порт сайта, обычно 8010"
    )
    lessons.add_argument("--open", action="store_true", help="открыть страницу в браузере")
    lessons.add_argument(
        "--build",
        type=_directory,
        metavar="КАТАЛОГ",
        help="только собрать сайт в этот каталог, чтобы его опубликовать",
    )

    test = verbs.add_parser(
        "test",
        help="проверить шаги и всю мастерскую",
        epilog="Всё после -- получает pytest: python3 -m workshop test 03 -- -k backlog",
    )
    test.set_defaults(module="workshop.test")
    test.add_argument(
        "suites",
        nargs="*",
        type=_suite,
        metavar="ШАГ",
        help=f"какие шаги или части мастерской ({', '.join(suites.WHOLE)}) проверить; "
        "без них проверяется всё",
    )
    test.add_argument(
        "--full", action="store_true", help="поломки (faults) и ошибки (errors) в полную силу"
    )

    replay = verbs.add_parser(
        "replay", help="выполнить уроки так, как они написаны, и сверить с шагами"
    )
    replay.set_defaults(module="workshop.replay.command")
    replay.add_argument(
        "lessons",
        nargs="*",
        type=_lessons,
        metavar="УРОК",
        help="какие уроки, например 02, 03_2 или 02_redis.md; без них все",
    )
    replay.add_argument(
        "--typed",
        action="store_true",
        help="только сравнить файлы, ничего не запуская: меньше секунды",
    )

    faults = verbs.add_parser(
        "faults", help="то же, что test faults: сломать всё и показать, что уцелело"
    )
    faults.set_defaults(module="workshop.test", suites=[suites.find_suite("faults")])
    faults.add_argument("--full", action="store_true", help="в полную силу: дольше и больше")

    bench = verbs.add_parser(
        "bench", help="измерить мастерскую на этой машине: таблицы и диаграммы"
    )
    bench.set_defaults(module="workshop.bench.command")
    bench.add_argument(
        "sections",
        nargs="*",
        type=_measurement,
        metavar="ИЗМЕРЕНИЕ",
        help=f"что измерить: {', '.join(measurements.SECTIONS)}; "
        f"без них только {', '.join(measurements.USUAL)}",
    )
    bench.add_argument("--quick", action="store_true", help="за минуту: меньше повторов")
    bench.add_argument(
        "--charts",
        type=_directory,
        metavar="КАТАЛОГ",
        help="куда положить диаграммы и results.json, обычно .workshop/bench",
    )
    bench.add_argument(
        "--redraw",
        action="store_true",
        help="не измерять, а нарисовать диаграммы заново по results.json",
    )

    purposes = {action.dest: action.help for action in verbs._choices_actions}
    parser.set_defaults(verbs=purposes)
    return parser


def _suggest_verb(parser: argparse.ArgumentParser, argv: list[str]) -> None:
    """Name the verb that a misspelt one resembles. Raises SystemExit(2) if there is one."""
    verbs = parser.get_default("verbs")
    if argv and argv[0] not in verbs:
        for verb in get_close_matches(argv[0], verbs, 1):
            parser.error(f"Нет команды «{argv[0]}». Может быть, {verb}?")


def _place(name: str) -> places.Place:
    return _found(places.find_place, name)


def _first_place(name: str) -> places.Place:
    return _found(partial(places.find_place, first=True), name)


def _lessons(name: str) -> list[steps.Lesson]:
    return _found(steps.find_lessons, name)


def _last_lesson(name: str) -> steps.Lesson:
    return _lessons(name)[-1]


def _add_directory(
    parser: argparse.ArgumentParser, default: Path | str = argparse.SUPPRESS
) -> None:
    """Let a verb know the learner's directory; what stands before the verb counts, too."""
    parser.add_argument(
        "--dir",
        type=lambda name: Path(os.path.expanduser(name)),
        default=default,
        metavar="КАТАЛОГ",
        help="каталог с вашим проектом, обычно my_project рядом с мастерской",
    )


def _step(name: str) -> Path:
    return _found(steps.find_step, name.removesuffix(".md"))


def _suite(name: str) -> suites.Suite:
    return _found(suites.find_suite, name)


def _measurement(name: str) -> str:
    return _found(measurements.find_section, name)


def _directory(name: str) -> Path:
    return Path(os.path.expanduser(name)).resolve()


def _found(find: Callable[[str], Found], name: str) -> Found:
    try:
        return find(name)
    except LookupError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _port(text: str) -> int:
    if not (text.isdecimal() and 0 < int(text) < 65536):
        raise argparse.ArgumentTypeError(f"порт — число от 1 до 65535, а не «{text}»")
    return int(text)
