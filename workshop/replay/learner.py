"""The learner: a home directory, a project in it, terminals and browsers."""

import os
import shutil
import sys
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

import requests

from workshop.lesson.console import PROJECT, WORKSHOP
from workshop.lesson.course import starting_files
from workshop.lesson.project import TESTS, copy_step, read_text, write_text
from workshop.lesson.reading import Block
from workshop.replay import environments, shell, wheels
from workshop.replay.tabs import Tabs
from workshop.steps import ROOT, Lesson, all_steps

# Where exercises are done.
EXERCISE = "exercise"
TOOLS = ("redis-server", "redis-cli")
DEADLINE_SECONDS = 120
TURN_SECONDS = 3


@dataclass
class Learner:
    """Where the lesson is replayed, and what is open there."""

    project: Path
    step: Path
    environment: dict[str, str]
    blocks: list[Block] = field(default_factory=list)
    deadline: float = DEADLINE_SECONDS
    terminals: dict[str, shell.Terminal] = field(default_factory=dict)
    browser: requests.Session = field(default_factory=requests.Session)
    # Chromium, once a block has asked for it.
    tabs: Tabs | None = None
    # Answers that a later block shows, oldest first.
    pending: list[tuple[Block, Future[requests.Response]]] = field(default_factory=list)
    # When a file was written last, by the monotonic clock.
    written: float = 0
    # What the learner's `check` has printed last.
    checked: str = ""
    # The last block that wrote each file, for the message when it is wrong in the end.
    writers: dict[str, Block] = field(default_factory=dict)

    def read(self, block: Block, path: str) -> str | None:
        """Return the text of the file that a block means, None if there is none."""
        return read_text(self._directory(block) / path)

    def write(self, block: Block, path: str, text: str | None) -> None:
        """Let a block write a file, or delete it if there is no text."""
        self.written = time.monotonic()
        if not block.is_exercise:
            self.writers[path] = block
        write_text(self._directory(block) / path, text)

    def _directory(self, block: Block) -> Path:
        return self.project.with_name(EXERCISE) if block.is_exercise else self.project

    def open_terminal(self, number: str) -> None:
        """Open a terminal with a number of its own."""
        self.terminals[number] = shell.open_terminal(self.environment, self.deadline)

    def browser_tabs(self) -> Tabs:
        """Return the tabs of Chromium, which starts at the first one. Raises NoChromium."""
        if not self.tabs:
            self.tabs = Tabs(self.environment)
        return self.tabs

    def turn_to_browser(self) -> None:
        """Take the time that a reader takes from the editor to the browser.

        Meanwhile `runserver` notices what was written: it looks once a second, and a page whose
        template has changed would still be the old one. A script that is written twice in one
        second is the same one for HTTP, which knows its time in whole seconds.
        """
        time.sleep(max(0, self.written + TURN_SECONDS - time.monotonic()))

    def leave(self) -> None:
        """Close all terminals, with everything that runs in them, and the browsers."""
        if self.tabs:
            self.tabs.end()
            self.tabs = None
        for terminal in self.terminals.values():
            shell.close_terminal(terminal)
        self.terminals.clear()
        self.browser.close()


def arrive(scratch: Path, lesson: Lesson, deadline: float) -> Learner:
    """Prepare a learner's home, as the lessons before leave it.

    Takes an empty or missing directory, the lesson and the seconds that anything may take.
    """
    home = scratch.resolve() / "home"
    project = home / PROJECT
    project.mkdir(parents=True)
    if lesson.previous:
        # Tests and the rights of files come from a step; the lessons type the rest.
        copy_step(lesson.previous, project, tests=lesson.is_first)
        for path, text in starting_files(lesson).items():
            write_text(project / path, text)
        if not lesson.is_first:
            shutil.copytree(lesson.step / TESTS, project / TESTS)
    _copy_workshop(home / WORKSHOP)
    environment = bare_environment(scratch, home)
    # A login shell sets a path of its own before it reads this.
    write_text(home / ".profile", f'PATH="{environment["PATH"]}"\n')
    learner = Learner(project, lesson.step, environment, deadline=deadline)
    # A proxy of the machine's user knows nothing of these servers.
    learner.browser.trust_env = False
    # Its user has waved the warning about a self-made certificate through.
    learner.browser.verify = False
    return learner


def _copy_workshop(target: Path) -> None:
    """Copy what a learner downloads, as far as lessons use it, with its environment ready."""
    for step in all_steps():
        copy_step(step, target / step.name, tests=True)
    for name in ("workshop", "docs_ru"):
        if (ROOT / name).is_dir():
            # With what is compiled already.
            shutil.copytree(ROOT / name, target / name)
    shutil.copy(ROOT / "requirements.txt", target)
    environments.make_for_workshop(target)


def bare_environment(scratch: Path, home: Path) -> dict[str, str]:
    """Make the environment of a person with Python and Redis, and nothing of the caller's."""
    tools = scratch / "bin"
    tools.mkdir(parents=True)
    temporary = scratch / "tmp"
    temporary.mkdir()
    (tools / "python3").symlink_to(Path(sys.base_prefix, "bin", "python3"))
    for tool in TOOLS:
        if path := shutil.which(tool):
            (tools / tool).symlink_to(path)
    return {
        # What the learner types stays literal, the packages come from this machine. (A URL,
        # because pip would split a path at its spaces.)
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": wheels.DIRECTORY.as_uri(),
        # Compiling what is never imported takes longer than all the rest. (pip takes a «no»
        # that is true for a yes.)
        "PIP_NO_COMPILE": "0",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PATH": f"{tools}:/usr/local/bin:/usr/bin:/bin",
        "TERM": "dumb",
        # In the common one, pytest would meet the files of another user's replay.
        "TMPDIR": str(temporary),
    }
