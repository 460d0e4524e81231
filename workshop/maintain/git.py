"""What git knows, and its three-way merge. Texts are as `lesson.project.read_text` has them."""

import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from workshop import steps
from workshop.lesson.project import write_text

BROKEN = 128


class GitError(Exception):
    """git could not do what was asked; the message is its own."""


def resolve(commit: str) -> str:
    """Return the full name of a commit. Raises GitError if there is none."""
    return _git("rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}").strip()


def changed_files(directory: str, commit: str) -> list[str]:
    """Return the paths (from ROOT) of the files below a directory that are not as in a commit.

    New ones count, git-ignored ones don't.
    """
    options = ("--name-only", "--no-renames", "--relative", "-z")
    changed = _git("diff", *options, commit, "--", directory)
    new = _git("ls-files", "--others", "--exclude-standard", "-z", "--", directory)
    return sorted({path for path in (changed + new).split("\0") if path})


def show(commit: str, path: str) -> str | None:
    """Return the text of a file (a path from ROOT) in a commit, None if it is not there."""
    listed = _git("ls-tree", "-z", "--name-only", commit, "--", path)
    return _git("show", f"{commit}:./{path}") if listed else None


def merge(texts: tuple[str, str, str], names: tuple[str, str, str]) -> tuple[str, bool]:
    """Merge three texts with `git merge-file`.

    Takes them (ours, the base, theirs) and a name for each. Returns the merged text and whether
    it has conflicts, which are marked in it. Raises GitError for what is no text.
    """
    with tempfile.TemporaryDirectory() as scratch:
        paths = [Path(scratch, side) for side in ("ours", "base", "theirs")]
        for path, text in zip(paths, texts, strict=True):
            write_text(path, text)
        labels = [word for name in names for word in ("-L", name)]
        result = _run(["merge-file", "-p", *labels, *map(str, paths)])
    if result.returncode >= BROKEN:
        raise GitError(result.stderr.strip())
    return result.stdout, result.returncode > 0


def _git(*words: str) -> str:
    result = _run(words)
    if result.returncode:
        raise GitError(result.stderr.strip() or f"git {' '.join(words)}")
    return result.stdout


def _run(words: Iterable[str]) -> subprocess.CompletedProcess[str]:
    result = subprocess.run(["git", *words], cwd=steps.ROOT, capture_output=True)
    stdout = result.stdout.decode("utf-8", "surrogateescape")
    stderr = result.stderr.decode("utf-8", "replace")
    return subprocess.CompletedProcess(result.args, result.returncode, stdout, stderr)
