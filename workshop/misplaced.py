"""Files of a learner's that are as in the lessons, but for their names."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import PurePosixPath

from workshop.my_project import Project, printable, read_other
from workshop.progress import Point, all_paths, lines_between
from workshop.wording import lines_of


def put_right(points: Sequence[Point], project: Project) -> None:
    """Take each file that has a wrong name for what it is.

    It becomes one of the project's files under the name that the course has for it, stands in
    `misplaced` under that name, too, and no longer belongs to `others`.
    """
    missing = sorted(all_paths(points) - project.files.keys() - project.unread.keys())
    for other in list(project.others):
        text = read_other(project, other)
        if text is None:
            continue
        for path in _candidates(other, missing):
            texts = {point.files[path] for point in points if path in point.files}
            nearest = min(lines_between(text, wanted) for wanted in texts)
            # Whoever has an app of his own may have a file of this name, too.
            if not text or nearest <= len(lines_of(text)):
                project.files[path] = text
                project.misplaced[path] = other
                project.others.remove(other)
                missing.remove(path)
                break


def misnamed(project: Project, path: str) -> str:
    """Say how a file has to be renamed."""
    return f"у вас это {printable(project.misplaced[path])}: переименуйте"


def _candidates(other: str, missing: Sequence[str]) -> Iterator[str]:
    """Yield what a file may be: that of its name in another directory, or a name like its."""
    name = PurePosixPath(other).name
    yield from (path for path in missing if PurePosixPath(path).name == name)
    yield from get_close_matches(other, missing, 1, cutoff=0.85)
