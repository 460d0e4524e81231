"""The learner: a home directory, a project in it, terminals and browsers."""

import os
import shutil
import sys
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

import requests

from workshop.lesson.console import PROJECT, WORKSHOP
from workshop.lesson.project import copy_step, read_text, write_text
from workshop.lesson.reading import Block
from workshop.replay import shell, wheels
from workshop.replay.tabs import Tabs
from workshop.steps import all_steps

TOOLS = ("redis-server", "redis-cli")
DEADLINE_SECONDS = 120


@dataclass
class Learner:
    """Where the lesson is replayed, and what is open there."""

    project: Path
    environment: dict[str, str]
    blocks: list[Block] = field(default_factory=list)
    deadline: float = DEADLINE_SECONDS
    terminals: dict[str, shell.Terminal] = field(default_factory=dict)
    browser: requests.Session = field(default_factory=requests.Session)
    # Chromium, once a block has asked for it.
    tabs: Tabs | None = None
    # Answers that a later block shows, oldest first.
    pending: list[tuple[Block, Future[requests.Response]]] = field(default_factory=list)
    # The last block that wrote each file, for the message when it is wrong in the end.
    writers: dict[str, Block] = field(default_factory=dict)

    def read(self, path: str) -> str | None:
        """Return the text of the project's file at this path, None if there is none."""
        return read_text(self.project / path)

    def write(self, block: Block, path: str, text: str | None) -> None:
        """Let a block write a file of the project, or delete it if there is no text."""
        self.writers[path] = block
        write_text(self.project / path, text)

    def open_terminal(self, number: str) -> None:
        """Open a terminal with a number of its own."""
        self.terminals[number] = shell.open_terminal(self.environment, self.deadline)

    def browser_tabs(self) -> Tabs:
        """Return the tabs of Chromium, which starts at the first one. Raises NoChromium."""
        if not self.tabs:
            self.tabs = Tabs(self.environment)
        return self.tabs

    def leave(self) -> None:
        """Close all terminals, with everything that runs in them, and the browsers."""
        if self.tabs:
            self.tabs.end()
            self.tabs = None
        for terminal in self.terminals.values():
            shell.close_terminal(terminal)
        self.terminals.clear()
        self.browser.close()


def project_in(scratch: Path) -> Path:
    """Return the path of the learner's project in a scratch directory."""
    return scratch.resolve() / "home" / PROJECT


def arrive(scratch: Path, previous: Path | None, deadline: float) -> Learner:
    """Prepare a learner's home in a scratch directory that does not exist or is empty.

    Takes the directory, the previous step (None before the first one) and the seconds that
    anything may take.
    """
    project = project_in(scratch)
    project.mkdir(parents=True)
    home = project.parent
    if previous:
        copy_step(previous, project, tests=False)
    for step in all_steps():
        copy_step(step, home / WORKSHOP / step.name, tests=True)
    environment = bare_environment(scratch, home)
    # A login shell sets a path of its own before it reads this.
    write_text(home / ".profile", f'PATH="{environment["PATH"]}"\n')
    learner = Learner(project, environment, deadline=deadline)
    # A proxy of the machine's user knows nothing of these servers.
    learner.browser.trust_env = False
    return learner


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
