"""The copy of the learner's project that is checked, so that nothing in the project changes."""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from workshop.lesson.project import TESTS, ignored_names, read_text, write_text
from workshop.my_project import Project, ProjectError, is_ignored_in, shown

# What a learner adds is far smaller; larger files are not copied.
LARGEST = 1_000_000
MOST_FILES = 2_000

PAGES = Path(__file__).with_name("inside") / "pages"
# The tests of a page, and its script: only a project with the script has the page.
SCRIPTS = {
    "test_pages_mail.py": "feedback/static/feedback/mail_state.js",
    "test_pages_jokes.py": "jokes/static/jokes/jokes.js",
}


def all_files(project: Project) -> dict[str, str]:
    """Return the texts of a project with the files that no lesson knows.

    Bytes of these that are no text are kept as surrogates. Raises ProjectError if a file of the
    course or another can't be read, or if there are too many.
    """
    for path, reason in project.unread.items():
        raise ProjectError(f"`{path}` {reason}.")
    files = dict(project.files)
    try:
        for path in _others(project):
            files[path] = read_text(project.directory / path) or ""
            if len(files) > MOST_FILES:
                raise ProjectError(
                    f"В {shown(project.directory)} больше {MOST_FILES} файлов, а в проекте "
                    "урока их меньше ста. Уберите лишние или назовите их в `.gitignore`."
                )
    except OSError as error:
        raise ProjectError(f"Не удаётся прочесть {error.filename}: нет прав.") from None
    return files


def copy_project(files: Mapping[str, str], step: Path, goal: Path, target: Path) -> None:
    """Write the learner's files, with the step's tests and those of the goal's pages."""
    for path, text in files.items():
        write_text(target / path, text)
    patterns = shutil.ignore_patterns(*ignored_names(step))
    shutil.copytree(step / TESTS, target / TESTS, ignore=patterns)
    shutil.copy(step / "pytest.ini", target)
    for name, script in SCRIPTS.items():
        if (goal / script).exists():
            shutil.copy(PAGES / name, target / TESTS)


def page_tests(copy: Path) -> list[str]:
    """Return the paths of the tests of pages, as far as a copy has them."""
    paths = [f"{TESTS}/{name}" for name in SCRIPTS]
    return [path for path in paths if (copy / path).exists()]


def _others(project: Project) -> Iterator[str]:
    """Yield the paths of ordinary files that no lesson knows."""
    ignored = is_ignored_in(project)
    for other in project.others:
        top = project.directory / other
        if not other.endswith("/"):
            found = [top]
        elif top.is_symlink():
            continue
        else:
            found = []
            for root, directories, names in os.walk(top):
                directories[:] = [name for name in directories if not ignored(name)]
                found += [Path(root, name) for name in names if not ignored(name)]
        for file in found:
            if file.is_file() and file.stat().st_size <= LARGEST:
                yield file.relative_to(project.directory).as_posix()
