"""The learner's directory: what of it counts is copied, and nothing in it is ever changed."""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from workshop.lesson.project import (
    TESTS,
    counts,
    ignored_names,
    read_patterns,
    read_text,
    write_text,
)

# What a lesson makes is far smaller; larger files are not looked at.
LARGEST = 1_000_000
MOST_FILES = 2_000


class CannotCheck(Exception):
    """There is nothing to check; the message says why, in Russian."""


def read_project(directory: Path, step: Path) -> dict[str, str]:
    """Read the learner's files that count, those that a step would ignore left out.

    Takes the learner's directory, and the step whose .gitignore holds besides their own.
    Returns the text of each file under its path; bytes that are no text are kept as
    surrogates. Raises CannotCheck.
    """
    files: dict[str, str] = {}
    try:
        if not directory.exists():
            raise CannotCheck(
                f"Нет каталога {directory}. Его создаёт команда "
                "`python3 -m workshop start 01`, а другой называет ключ `--dir`."
            )
        if not directory.is_dir():
            raise CannotCheck(f"{directory} — файл, а нужен каталог с вашим проектом.")
        for path in _paths(directory, step):
            if len(files) == MOST_FILES:
                raise CannotCheck(
                    f"В {directory} больше {MOST_FILES} файлов, а в проекте урока их меньше "
                    "ста. Уберите лишние или назовите их в `.gitignore`."
                )
            # Python does not mind the mark that some editors put before the first character.
            text = read_text(directory / path) or ""
            files[path] = text.removeprefix("\N{BYTE ORDER MARK}")
    except OSError as error:
        raise CannotCheck(f"Не удаётся прочесть {error.filename}: нет прав.") from None
    if not files:
        raise CannotCheck(f"Каталог {directory} пуст: проекта в нём нет.")
    if "manage.py" not in files:
        raise CannotCheck(f"В {directory} нет `manage.py`: это не проект урока.")
    for path, text in files.items():
        if path.endswith(".py") or (step / path).exists():
            _demand_utf8(path, text)
    return files


def copy_project(files: Mapping[str, str], step: Path, target: Path) -> None:
    """Write the learner's files, with the step's tests instead of the learner's."""
    for path, text in files.items():
        write_text(target / path, text)
    patterns = shutil.ignore_patterns(*ignored_names(step))
    shutil.copytree(step / TESTS, target / TESTS, ignore=patterns)
    shutil.copy(step / "pytest.ini", target)


def _paths(directory: Path, step: Path) -> Iterator[str]:
    own = read_text(directory / ".gitignore") or ""
    patterns = [*ignored_names(step), *read_patterns(own), ".git"]

    def complain(error: OSError) -> None:
        raise error

    for root, directories, names in os.walk(directory, onerror=complain):
        inside = Path(root).relative_to(directory)
        directories[:] = [
            name
            for name in directories
            if counts((inside / name).as_posix(), patterns)
            and not Path(root, name, "pyvenv.cfg").exists()
        ]
        for name in names:
            path = (inside / name).as_posix()
            file = Path(root, name)
            if counts(path, patterns) and file.is_file() and file.stat().st_size <= LARGEST:
                yield path


def _demand_utf8(path: str, text: str) -> None:
    for number, line in enumerate(text.split("\n"), 1):
        try:
            line.encode()
        except UnicodeEncodeError:
            raise CannotCheck(
                f"`{path}`, строка {number}: файл сохранён не в UTF-8. Выберите в редакторе "
                "кодировку UTF-8 и сохраните его ещё раз."
            ) from None
