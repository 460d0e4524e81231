"""`python3 -m workshop start`: the learner's directory, ready for a lesson."""

import errno
import os
import shutil
import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from itertools import chain, count
from pathlib import Path
from tempfile import TemporaryDirectory

from workshop.lesson.project import TESTS, ignored_names, read_files, write_text
from workshop.my_project import ProjectError, command, read_project, shown
from workshop.places import Place, beginning, title_of
from workshop.progress import (
    Point,
    all_paths,
    course,
    find_stretch,
    place_of,
    point_before,
)
from workshop.steps import ROOT

READY = """\
Готово: в {directory} лежит проект — такой, как {place},
и тесты {tests}.{red}

{title}
  {path}{section}

Первые команды:
  cd {directory}
  python3 -m venv venv
  source venv/bin/activate
  pip install -r requirements.txt
  python manage.py migrate

Что сделано и что дальше, скажет команда
  cd {root} && {where}"""

RED = " Часть из них не проходит, пока урок не сделан."

EXISTS = """\
{directory} уже есть, и start там ничего не трогает.
{contents}

Отложить и начать заново:
  mv {directory} {aside}
  {again}

Начать рядом:
  {beside}"""


def main(arguments: Namespace) -> int:
    """Make the learner's directory with the files that a lesson or a section begins with.

    Takes the parsed arguments: place and dir. Returns the exit status: 1 if there is such a
    directory already, or if it can't be made.
    """
    place, directory = arguments.place, arguments.dir
    points = course()
    if os.path.lexists(directory):
        print(_what_is_there(points, place, directory), file=sys.stderr)
        return 1
    number = point_before(points, place)
    if not points[number].files:
        # The first section of lesson 00 makes a copy of the step, and this is one.
        number, place = number + 1, Place(place.lesson, 2)
    files, step = points[number].files, place.lesson.step
    tests = read_files(step / TESTS, ignored_names(step))
    with_tests = {**files, **{f"{TESTS}/{path}": text for path, text in tests.items()}}
    try:
        _make(directory, with_tests, step)
    except OSError as error:
        why = _why_not(error, shown(directory.parent))
        print(f"Не удалось создать {shown(directory)}: {why}.", file=sys.stderr)
        return 1
    is_done = files == read_files(step)
    print(
        READY.format(
            directory=shown(directory),
            place=beginning(place),
            tests="последнего шага" if place.lesson.is_beyond else "этого урока",
            red="" if is_done else RED,
            title=title_of(place.lesson),
            path=place.lesson.path.relative_to(ROOT),
            section=f", раздел {place.section}" if place.section else "",
            root=shown(ROOT),
            where=command("", directory),
        )
    )
    return 0


def _make(directory: Path, files: Mapping[str, str], step: Path) -> None:
    """Write a project's files, all or none, and executable where the step's are."""
    with TemporaryDirectory(prefix=".my_project-", dir=directory.parent) as scratch:
        made = Path(scratch, directory.name)
        for path, text in files.items():
            write_text(made / path, text)
            if (step / path).exists():
                shutil.copymode(step / path, made / path)
        made.rename(directory)


def _what_is_there(points: Sequence[Point], place: Place, directory: Path) -> str:
    try:
        project = read_project(directory, all_paths(points))
    except ProjectError as error:
        contents = str(error)
    else:
        stretch = find_stretch(points, project.files, project.entered)
        contents = (
            f"Проект в нём примерно такой, как {place_of(points, stretch)}; "
            f"точнее скажет\n  {command('', directory)}"
        )
    again = f"start {place.name}"
    return EXISTS.format(
        directory=shown(directory),
        contents=contents,
        aside=shown(_free(directory, "_old")),
        again=command(again, directory),
        beside=command(again, _free(directory, "_new")),
    )


def _free(directory: Path, suffix: str) -> Path:
    """Return a path beside the directory that nothing has yet, named after it."""
    names = chain([""], map(str, count(2)))
    paths = (directory.with_name(f"{directory.name}{suffix}{name}") for name in names)
    return next(path for path in paths if not os.path.lexists(path))


def _why_not(error: OSError, parent: str) -> str:
    """Say in Russian why nothing can be made in a directory."""
    if isinstance(error, FileNotFoundError):
        return f"нет каталога {parent}"
    if isinstance(error, NotADirectoryError):
        return f"{parent} — файл, а не каталог"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"нет права писать в каталог {parent}"
    if error.errno == errno.ENOSPC:
        return "на диске кончилось место"
    return str(error.strerror)
