"""Prints the lines of several processes, each with the name of its own."""

import itertools
import os
import signal
import sys
from collections.abc import Callable, Collection

# Shows a line of the process with this name (None: the runner).
Show = Callable[[str | None, str], None]

COLOURS = (32, 36, 35, 33, 34)


def prefix_of(name: str | None, names: Collection[str]) -> str:
    """Return what stands before the lines of a name: nothing if there is no other."""
    return f"{name:{max(map(len, names))}} │ " if name and len(names) > 1 else ""


def printer(names: Collection[str]) -> Show:
    """Make the function that prints lines with the aligned, coloured name of their process.

    Takes the names whose lines are wanted. When nobody can read the output any more (the
    terminal is closed, the reader of the pipe is gone), the function hangs up on the runner and
    falls silent.
    """
    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    colours = dict(zip(names, itertools.cycle(COLOURS), strict=False))

    def show(name: str | None, line: str) -> None:
        if name and name not in names:
            return
        prefix = prefix_of(name, names)
        if coloured and name and prefix:
            prefix = f"\x1b[{colours[name]}m{prefix}\x1b[0m"
        elif coloured and not name:
            line = f"\x1b[1m{line}\x1b[0m"
        try:
            print(f"{prefix}{line}", flush=True)
        except OSError:
            silence()
            os.kill(os.getpid(), signal.SIGHUP)

    return show


def silence() -> None:
    """Print to nowhere from now on: nobody reads the standard output any more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
