"""The files of a project: copying a step, and comparing with one byte for byte."""

import difflib
import shutil
from fnmatch import fnmatch

TESTS = "tests"


def ignored_names(step):
    """Return the patterns of a step's .gitignore: what running creates, whoever runs it."""
    path = step / ".gitignore"
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").split()
    return [line.rstrip("/") for line in lines if not line.startswith("#")]


def copy_step(step, target, *, tests):
    """Copy a step's files, without what running has created, and with its tests if wanted."""
    patterns = ignored_names(step) + ([] if tests else [TESTS])
    shutil.copytree(step, target, ignore=shutil.ignore_patterns(*patterns), dirs_exist_ok=True)


def files(root, patterns):
    """Return the relative paths of the files below a directory.

    A file that one of the patterns names, or that is in a directory which it names, is left
    out, and so are the tests.
    """
    found = set()
    for path in root.rglob("*"):
        relative = path.relative_to(root)
        if relative.parts[0] == TESTS or any(
            is_ignored(part, patterns) for part in relative.parts
        ):
            continue
        if not path.is_dir():
            found.add(relative)
    return found


def is_ignored(name, patterns):
    """Tell whether one of the patterns of a .gitignore names this file or directory."""
    return any(fnmatch(name, pattern) for pattern in patterns)


def first_difference(project, step):
    """Find the first file in which a project is not the step, byte for byte.

    Returns the relative path and a text in Russian, or None if there is no difference.
    """
    patterns = ignored_names(step)
    made, wanted = files(project, patterns), files(step, patterns)
    for path in sorted(made | wanted):
        if path not in made:
            return path, f"после урока нет файла {path}, который есть в {step.name}"
        if path not in wanted:
            return path, f"после урока есть лишний файл {path}, которого нет в {step.name}"
        if (project / path).read_bytes() != (step / path).read_bytes():
            return path, f"после урока {path} не такой, как в {step.name}:\n" + _diff(
                project / path, step / path
            )
    return None


def _diff(made, wanted):
    texts = (path.read_text(encoding="utf-8", errors="replace") for path in (made, wanted))
    lines = (text.splitlines() for text in texts)
    return "\n".join(difflib.unified_diff(*lines, "урок", "шаг", lineterm="", n=1))
