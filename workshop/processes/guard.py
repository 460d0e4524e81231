"""Starts processes for a runner, and leaves none behind even if the runner is killed."""

import shutil
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import IO, Any

import psutil

from workshop.processes.process import Process, Stopping, kill_group
from workshop.processes.signals import held
from workshop.steps import ROOT


class Guard:
    """Starts processes; at the end of its `with` block it stops them, in their order.

    A process of its own outlives the runner: it does the same if the runner is killed, and
    removes `scratch`, a temporary directory. It is told `pid turn number seconds` of each
    process, and `done` when none is left; if the input ends without that, the runner is dead.
    """

    def __init__(self, lock: IO[str] | None = None) -> None:
        """Take an open file with a lock that is held until nothing is left to stop."""
        # A short name: Chromium's socket, deep inside, may have a path of 107 characters.
        self.scratch = Path(tempfile.mkdtemp(prefix="ws-"))
        self._started: list[Process] = []
        self._is_over = False
        self._starting = threading.Lock()
        self._watcher = subprocess.Popen(
            [sys.executable, "-m", "workshop.processes.guard", str(self.scratch)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
            pass_fds=[lock.fileno()] if lock else [],
        )

    def __enter__(self) -> "Guard":
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()
        self._watcher.communicate("done\n")

    def start(self, name: str, *arguments: Any, **options: Any) -> Process:
        """Start a Process, and watch it. Raises OSError if the command can't be started."""
        # A process that has started and is not known yet would be left behind.
        with held(), self._starting:
            if self._is_over:
                raise RuntimeError(f"too late to start {name}")
            process = Process(name, *arguments, **options)
            self._started.append(process)
            turn, number, seconds, _ = process.stopping
            with suppress(BrokenPipeError):
                print(process.pid, turn, number, seconds, file=self._watcher.stdin, flush=True)
        return process

    def stop(self) -> None:
        """Stop all that was started, those of the same turn together. Nothing starts later."""
        with self._starting:
            self._is_over = True
        for _, group in groupby(sorted(self._started, key=_turn), _turn):
            processes = list(group)
            for process in processes:
                process.ask_to_stop()
            for process in processes:
                process.stop()


def _turn(process: Process) -> int:
    return process.stopping.turn


def main(scratch: str) -> None:
    """Wait for the runner's end; stop what it has left, and remove its directory."""
    left: list[tuple[psutil.Process, Stopping]] = []
    for line in sys.stdin:
        if line == "done\n":
            left.clear()
            break
        pid, turn, number, seconds = line.split()
        with suppress(psutil.NoSuchProcess):
            stopping = Stopping(int(turn), int(number), float(seconds))
            left.append((psutil.Process(int(pid)), stopping))
    for process, stopping in sorted(left, key=lambda one: one[1].turn):
        with suppress(psutil.Error):
            process.send_signal(stopping.number)
            process.wait(stopping.seconds)
        # Its id may be that of somebody else's process by now.
        if process.is_running() or not psutil.pid_exists(process.pid):
            kill_group(process.pid)
    shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1])
