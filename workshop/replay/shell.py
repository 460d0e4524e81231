"""A terminal with a real shell in it."""

import os
import re
import signal
import time
from contextlib import suppress

import pexpect

# No program prints this character, so nothing but the shell's prompt looks like it.
PROMPT = "\x1e"
# Colours, links (which curl makes of a Location), the cursor's way back.
INVISIBLE = re.compile(r"\x1b\[[\d;?]*[A-Za-z]|\x1b\]8;;[^\x1b]*\x1b\\|\r+(?=\n)")
UNFINISHED = re.compile(r"(?:\x1b(?:\[[\d;?]*|\][^\x1b]*\x1b?)?|\r+)\Z")
KILL_SECONDS = 5


class Terminal(pexpect.spawn):
    """A spawned program whose output is what a person reads: lines without their colours."""

    held_back = ""

    def read_nonblocking(self, size: int = 1, timeout: float | None = -1) -> str:
        """Read what came, keeping back a control sequence that is not complete yet."""
        text = self.held_back + super().read_nonblocking(size, timeout)
        unfinished = UNFINISHED.search(text)
        self.held_back = unfinished[0] if unfinished else ""
        return INVISIBLE.sub("", text.removesuffix(self.held_back))


def open_terminal(environment: dict[str, str], deadline: float) -> Terminal:
    """Open a terminal as a person does: a login shell in the home directory.

    The deadline is the seconds that anything in it may take. Returns a Terminal whose prompt
    has come. Raises pexpect.TIMEOUT if it does not come.
    """
    terminal = Terminal(
        "/bin/bash",
        ["--login", "--noediting"],
        cwd=environment["HOME"],
        # A virtual environment changes the prompt when it is activated.
        env=environment | {"PROMPT_COMMAND": r"PS1=$'\x1e'"},
        encoding="utf-8",
        codec_errors="replace",
        dimensions=(50, 200),
        timeout=deadline,
    )
    terminal.delaybeforesend = None
    terminal.expect_exact(PROMPT)
    return terminal


def type_line(terminal: Terminal, text: str) -> None:
    """Type a line and Enter; what the terminal echoes is not output."""
    terminal.sendline(text)
    terminal.expect_exact(f"{text}\n")


def interrupt(terminal: Terminal) -> None:
    """Press Ctrl-C; what came before it is not output of the interrupt."""
    terminal.sendintr()
    terminal.expect_exact("^C")


def close_terminal(terminal: Terminal) -> None:
    """Kill whatever runs in a terminal, and its shell."""
    deadline = time.monotonic() + KILL_SECONDS
    with suppress(OSError):
        while (group := os.tcgetpgrp(terminal.child_fd)) != terminal.pid:
            os.killpg(group, signal.SIGKILL)
            if time.monotonic() > deadline:
                break
            time.sleep(0.02)
    terminal.close(force=True)
