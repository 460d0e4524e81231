"""The learner's own directory: finding it, and reading of it what the course knows.

Uses the standard library alone, and never writes.
"""

import fnmatch
import os
import re
import shlex
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from workshop.lesson.project import TESTS, ignored_names, read_patterns
from workshop.steps import ROOT, all_steps

DIRECTORY = ROOT.parent / "my_project"
# The largest file of the course has 8,000 bytes; comparing takes time, too.
MOST_BYTES = 30_000


class ProjectError(Exception):
    """The learner's directory is of no use; the message, in Russian, says why."""


@dataclass
class Project:
    """What was read of a learner's directory.

    `files` are its texts under their paths, with the ends of lines that the course has;
    `remarks` say what is odd about those ends, and in which files; `unread` says of other files
    why they could not be read; `others` are files and directories (`name/`) that nobody asked
    for; `misplaced` are the true paths of files that lie there under the path that the course
    has for them; `entered` is the last step whose tests all lie there, by their names.
    """

    directory: Path
    files: dict[str, str] = field(default_factory=dict)
    remarks: dict[str, list[str]] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    misplaced: dict[str, str] = field(default_factory=dict)
    entered: Path | None = None


def read_project(directory: Path, paths: Iterable[str]) -> Project:
    """Read the files with these paths (with slashes), and list what stands beside them.

    Opens no other file, and enters only directories that lead to one of them. Raises
    ProjectError if the directory is none, can't be read, or has no Python file of these.
    """
    paths = set(paths)
    try:
        names = sorted(os.listdir(directory))
    except FileNotFoundError:
        raise ProjectError(f"Каталога {shown(directory)} нет.") from None
    except NotADirectoryError:
        raise ProjectError(f"{shown(directory)} — файл, а нужен каталог с проектом.") from None
    except OSError as error:
        raise ProjectError(f"Каталог {shown(directory)} {_why_not(error)}.") from None
    if not names:
        raise ProjectError(f"Каталог {shown(directory)} пуст.")
    project = Project(directory)
    for path in sorted(paths):
        _read(project, path)
    if not any(path.endswith(".py") for path in (*project.files, *project.unread)):
        for inner in (directory / name for name in names):
            if (inner / "manage.py").exists():
                raise ProjectError(
                    f"Проект лежит каталогом ниже, в {shown(inner)}. Перенесите его:\n"
                    f"  mv {shown(inner)}/* {shown(directory)}\n"
                )
        raise ProjectError(
            f"В каталоге {shown(directory)} нет проекта из уроков. В нём лежит: {some(names)}."
        )
    project.others = sorted(_others(project, paths))
    project.entered = entered_step(directory)
    return project


def read_other(project: Project, path: str) -> str | None:
    """Return the text of a file that nobody asked for, None if it is none or can't be read."""
    other = Project(project.directory)
    _read(other, path)
    return other.files.get(path)


def shown(path: Path) -> str:
    """Return a path as it can be shown and copied into a shell: `~/my_project`."""
    absolute = Path(os.path.abspath(path))
    start, home = "", Path.home()
    if absolute != home and absolute.is_relative_to(home):
        start, absolute = "~/", absolute.relative_to(home)
    text = printable(str(absolute))
    return start + (text if re.fullmatch(r"[\w./+-]+", text) else shlex.quote(text))


def command(words: str, directory: Path) -> str:
    """Return the command with these words about a learner's directory, as it is typed."""
    is_usual = os.path.abspath(directory) == str(DIRECTORY)
    option = [] if is_usual else [f"--dir {shown(directory)}"]
    return " ".join(["python3 -m workshop", *([words] if words else []), *option])


def how_to_begin(directory: Path) -> str:
    """Say how to make a learner's directory that is of use."""
    return f"Завести проект: {command('start 01', directory)}"


def printable(text: str) -> str:
    """Return a line without what a terminal would obey or not show."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def some(names: Sequence[str], most: int = 5) -> str:
    """Return names in one line, the first ones if there are many."""
    listed = ", ".join(map(printable, names[:most]))
    return f"{listed} и ещё {len(names) - most}" if len(names) > most else listed


def remarks_of(project: Project) -> list[str]:
    """Return a line for each oddity of files that hardly matters, with their names."""
    return [f"{remark}: {some(paths)}." for remark, paths in project.remarks.items()]


def is_ignored_in(project: Project) -> Callable[[str], object]:
    """Return the test of a name: is it in the learner's .gitignore or in one of ours?"""
    patterns = {*read_patterns(project.files.get(".gitignore", ""))}
    for root in (ROOT, *all_steps()):
        patterns.update(ignored_names(root))
    # Hidden files are those of an editor or of git.
    return re.compile("|".join(map(fnmatch.translate, sorted({".*", *patterns})))).fullmatch


def _read(project: Project, path: str) -> None:
    """Read a file into the project, or why it can't be read; nothing if there is none."""
    file = project.directory / path
    try:
        status = file.stat()
        if stat.S_ISDIR(status.st_mode):
            project.unread[path] = "это каталог, а нужен файл"
        elif not stat.S_ISREG(status.st_mode):
            project.unread[path] = "это не обычный файл"
        elif status.st_size > MOST_BYTES:
            project.unread[path] = f"слишком велик: {status.st_size // 1000} КБ"
        else:
            text = file.read_bytes().decode()
            if "\0" in text:
                project.unread[path] = "это не текст"
            else:
                _keep(project, path, text)
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        project.unread[path] = _why_not(error)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        project.unread[path] = (
            f"не в кодировке UTF-8 (строка {line}): сохраните его в редакторе как UTF-8"
        )


def _keep(project: Project, path: str, text: str) -> None:
    plain = text.removeprefix("\N{BYTE ORDER MARK}").replace("\r\n", "\n")
    if text.startswith("\N{BYTE ORDER MARK}"):
        project.remarks.setdefault("Невидимая метка BOM в начале", []).append(path)
    if "\r\n" in text:
        project.remarks.setdefault("Концы строк как в Windows (CRLF)", []).append(path)
    if plain and not plain.endswith("\n"):
        plain += "\n"
        project.remarks.setdefault("В конце нет перевода строки (Enter)", []).append(path)
    project.files[path] = plain


def _others(project: Project, paths: set[str]) -> Iterator[str]:
    """Yield what stands beside the files with these paths, but for what running leaves."""
    known = {str(parent) for path in paths for parent in PurePosixPath(path).parents}
    ignored = is_ignored_in(project)
    expected = known | paths | {TESTS}
    for parent in sorted(known):
        try:
            entries = list(os.scandir(project.directory / parent))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            project.unread[f"{parent}/"] = _why_not(error)
            continue
        for entry in entries:
            path = f"{parent}/{entry.name}".removeprefix("./")
            is_link = entry.is_symlink()
            is_directory = os.path.isdir(entry.path) if is_link else entry.is_dir()
            if path in known and not is_directory:
                project.unread[path] = "это файл, а нужен каталог"
            elif path in expected or ignored(entry.name):
                continue
            elif not is_directory:
                yield path
            elif not os.path.exists(project.directory / path / "pyvenv.cfg"):
                yield f"{path}/"


def entered_step(directory: Path) -> Path | None:
    """Return the last step whose tests all lie in a learner's directory, by their names."""
    have = {path.name for path in (directory / TESTS).glob("*.py")}
    for step in reversed(all_steps()):
        if have.issuperset(path.name for path in (step / TESTS).glob("*.py")):
            return step
    return None


def _why_not(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "закрыт для чтения: у вас нет на это права"
    return f"не читается ({error.strerror})"
