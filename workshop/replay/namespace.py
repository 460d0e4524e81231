"""A network of its own for each lesson, so that literal ports can be used side by side."""

import shutil
import subprocess
import sys

from workshop.steps import ROOT

# In a process namespace too: whatever a lesson starts dies with it.
COMMAND = ("unshare", "--user", "--map-root-user", "--net", "--pid", "--fork", "--kill-child")


def is_possible():
    """Tell whether this system lets this user make network namespaces."""
    if not shutil.which("unshare"):
        return False
    result = subprocess.run(
        enter(["true"]), cwd=ROOT, capture_output=True, stdin=subprocess.DEVNULL
    )
    return result.returncode == 0


def enter(command):
    """Return the command that runs this command in a network of its own."""
    return [*COMMAND, sys.executable, "-m", "workshop.replay.loopback", *command]
