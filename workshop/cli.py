"""The arguments of `python3 -m workshop …`; each verb has a module of its own."""

import argparse
import importlib
import os
import sys
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from typing import TypeVar

from workshop import bootstrap, steps, suites

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
    arguments = parser.parse_args(argv[:end])
    if "module" not in arguments:
        parser.print_help()
        return 0
    arguments.pytest_arguments = argv[end + 1 :]

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
    verbs = parser.add_subparsers(title="команды", metavar="КОМАНДА")

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
        "--full", action="store_true", help="поломки (faults) в полную силу: дольше и больше"
    )

    replay = verbs.add_parser(
        "replay", help="выполнить уроки так, как они написаны, и сверить с шагами"
    )
    replay.set_defaults(module="workshop.replay.command")
    replay.add_argument(
        "steps",
        nargs="*",
        type=_step,
        metavar="УРОК",
        help="какие уроки, например 03, tasks или 03_tasks.md; без них все",
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

    return parser


def _step(name: str) -> Path:
    return _found(steps.find_step, name.removesuffix(".md"))


def _suite(name: str) -> suites.Suite:
    return _found(suites.find_suite, name)


def _found(find: Callable[[str], Found], name: str) -> Found:
    try:
        return find(name)
    except LookupError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _port(text: str) -> int:
    if not (text.isdecimal() and 0 < int(text) < 65536):
        raise argparse.ArgumentTypeError(f"порт — число от 1 до 65535, а не «{text}»")
    return int(text)
