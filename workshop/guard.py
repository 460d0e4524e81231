"""A process that outlives its runner and stops what a killed or crashed runner leaves behind.

The runner writes `name pid` lines to the guard's standard input, and `done` when nothing is
left to stop. An end of input without `done` means that the runner is dead. Last of all, the
guard removes the runner's temporary directory.
"""

import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress

from workshop import processes
from workshop.steps import ROOT


def start(lock=None, scratch=""):
    """Start the guard of this process.

    Takes an open file with a lock that has to be held as long as anything is left to stop, and
    a directory that is to be removed after that. Returns the guard's Popen, for `watch` and
    `dismiss`.
    """
    return subprocess.Popen(
        [sys.executable, "-m", "workshop.guard", scratch],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        pass_fds=[lock.fileno()] if lock else [],
    )


def watch(guard, process):
    """Tell the guard of a Process that it has to stop if the runner dies."""
    with suppress(BrokenPipeError):
        guard.stdin.write(f"{process.name} {process.popen.pid}\n")
        guard.stdin.flush()


def dismiss(guard):
    """Tell the guard that nothing is left to stop, and wait for its end."""
    guard.communicate("done\n")


def main(scratch):
    """Wait for the runner's end; if it left processes, stop them in the usual order."""
    names = {}
    for line in sys.stdin:
        if line == "done\n":
            names.clear()
            break
        name, pid = line.split()
        names[int(pid)] = name
    for pid in sorted(names, key=lambda pid: processes.stop_rank(names[pid])):
        _stop(names[pid], pid)
    if scratch:
        shutil.rmtree(scratch, ignore_errors=True)


def _stop(name, pid):
    processes.terminate(name, pid)
    deadline = time.monotonic() + processes.grace_seconds(name)
    while _is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    processes.kill_group(pid)


def _is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    main(sys.argv[1])
