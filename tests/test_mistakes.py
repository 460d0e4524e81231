"""The table of learners' mistakes, and a sample of what `check` says to them."""

import pytest

from workshop.lesson.project import copy_step, read_files, write_text
from workshop.maintain.mistakes import explanation
from workshop.steps import find_step

from .mistakes import MISTAKES, UNNOTICED

# Those that need no test, or one without processes; a second each.
SAMPLE = [
    "01-requirements",
    "01-init-empty",
    "01-app-renamed",
    "01-no-import-os",
    "01-bracket",
    "01-file-misnamed",
    "02-broker-missing",
    "02-backend-plural",
    "02-url-port",
    "02-redis-py",
    "03-task-file-misnamed",
    "03-state-missing",
    "03-set-prefetch-old-name",
    "03-task-indent",
    "04-installed-typo",
    "04-no-init",
    "04-schedule-missing",
    "05-consumer-renamed",
    "05-js-misplaced",
    "05-layers-typo",
]


def test_table_is_long_and_its_exceptions_are_few():
    assert len(MISTAKES) >= 150
    assert len(UNNOTICED) <= 10


@pytest.mark.parametrize("number", ["01", "02", "03", "04", "05"])
def test_mistakes_fit_their_step(tmp_path, number):
    directory = tmp_path / "my_project"
    copy_step(find_step(number), directory, tests=False)
    step = read_files(directory)
    for name in [name for name in MISTAKES if name.startswith(number)]:
        for edit in MISTAKES[name].edits:
            edit(directory)
        wrong = read_files(directory)
        assert wrong != step, name
        for path, _ in wrong.items() ^ step.items():
            write_text(directory / path, step.get(path))


@pytest.mark.parametrize("name", SAMPLE)
def test_mistake_is_explained(name):
    assert MISTAKES[name].sentence in explanation(name)
