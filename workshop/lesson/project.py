"""The files of a project: reading, copying and comparing them byte for byte."""

import difflib
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path

TESTS = "tests"


def ignored_names(step: Path) -> list[str]:
    """Return the patterns of a step's .gitignore: what running creates, whoever runs it."""
    path = step / ".gitignore"
    return read_patterns(path.read_text(encoding="utf-8")) if path.exists() else []


def read_patterns(text: str) -> list[str]:
    """Return the patterns in the text of a .gitignore."""
    return [line.rstrip("/") for line in text.split() if not line.startswith("#")]


def is_ignored(name: str, patterns: Iterable[str]) -> bool:
    """Tell whether one of the patterns of a .gitignore names this file or directory."""
    return any(fnmatch(name, pattern) for pattern in patterns)


def counts(path: str, patterns: Sequence[str]) -> bool:
    """Tell whether a file or directory belongs to what a lesson makes.

    Takes its path in the project, with slashes, and the patterns of a .gitignore. What one of
    them names does not count, nor what is in a directory that it names, nor do the tests.
    """
    parts = path.split("/")
    return parts[0] != TESTS and not any(is_ignored(part, patterns) for part in parts)


def copy_step(step: Path, target: Path, *, tests: bool) -> None:
    """Copy a step's files, without what running has created, and with its tests if wanted."""
    patterns = ignored_names(step) + ([] if tests else [TESTS])
    shutil.copytree(step, target, ignore=shutil.ignore_patterns(*patterns), dirs_exist_ok=True)


def read_files(root: Path, patterns: Sequence[str] | None = None) -> dict[str, str]:
    """Read the files of a project that count.

    Takes its directory and the patterns of a .gitignore (its own if left out). Returns the
    content of each file under its path, with slashes. Bytes that are no text are kept as
    surrogates.
    """
    patterns = ignored_names(root) if patterns is None else patterns
    files = {}
    for directory, directories, names in os.walk(root):
        inside = Path(directory).relative_to(root)
        directories[:] = [
            name for name in directories if counts((inside / name).as_posix(), patterns)
        ]
        for name in names:
            path = (inside / name).as_posix()
            if counts(path, patterns):
                # A link that leads nowhere is no text either.
                files[path] = read_text(root / path) or ""
    return files


def read_text(path: Path) -> str | None:
    """Read a file to the byte. Returns None if there is none, "" for a pipe or a socket."""
    if path.is_file():
        return path.read_bytes().decode("utf-8", "surrogateescape")
    return "" if path.exists() else None


def write_text(path: Path, text: str | None) -> None:
    """Write a file to the byte, making its directory; delete it if the text is None."""
    if text is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))


def differences(
    made: Mapping[str, str], wanted: Mapping[str, str], name: str
) -> list[tuple[str, str]]:
    """Find the files in which a project is not a step, byte for byte.

    Takes the files of both, as `read_files` returns them, and the step's name. Returns pairs of
    a path and a text in Russian, sorted by path.
    """
    found = []
    for path in sorted(made.keys() | wanted.keys()):
        if path not in made:
            message = f"после урока нет файла {path}, который есть в {name}"
        elif path not in wanted:
            message = f"после урока есть лишний файл {path}, которого нет в {name}"
        elif made[path] != wanted[path]:
            message = f"после урока {path} не такой, как в {name}:\n"
            message += _diff(made[path], wanted[path])
        else:
            continue
        found.append((path, message))
    return found


def _diff(made: str, wanted: str) -> str:
    texts = (text.encode(errors="replace").decode() for text in (made, wanted))
    old, new = (text.splitlines() for text in texts)
    return "\n".join(difflib.unified_diff(old, new, "урок", "шаг", lineterm="", n=1))
