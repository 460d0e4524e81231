"""`python3 -m workshop` when there is no directory of the learner's yet, and the verbs.

Uses the standard library alone: nobody needs an environment to look around.
"""

from argparse import Namespace

from workshop.my_project import command, shown

BEGIN = """\
Это мастерская: уроки о фоновых задачах и реальном времени в Django.
Вашего проекта, {directory}, пока нет. Начать:

  {first}
    с урока 00: посмотреть на форму, которая замирает на 20 секунд

  {second}
    с урока 01: сразу начать писать код

Содержание уроков — docs_ru/README.md."""


def main(arguments: Namespace) -> int:
    """Say how to begin, and name the verbs. Takes the parsed arguments: dir and verbs."""
    directory = arguments.dir
    first, second = command("start 00", directory), command("start 01", directory)
    print(BEGIN.format(directory=shown(directory), first=first, second=second))
    print(f"\n{verbs(arguments)}")
    return 0


def verbs(arguments: Namespace) -> str:
    """Return the verbs of the parsed arguments, a line for each."""
    lines = (f"  {name:8}{purpose}" for name, purpose in arguments.verbs.items())
    return "\n".join(["Команды python3 -m workshop …", *lines])
