"""A process: its lines as they come, and an end for it and for all that it has started."""

import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NamedTuple

TAIL_LINES = 30
READER_SECONDS = 1


class Stopping(NamedTuple):
    """How a process is stopped: its turn (the lowest is first) and the number of the signal.

    It has so many seconds before it is killed; `reason` says why that may be long.
    """

    turn: int = 0
    number: int = signal.SIGTERM
    seconds: float = 10
    reason: str = ""


ORDINARY = Stopping()


class Process:
    """A process in a session of its own, and the last lines that it has printed.

    A Ctrl-C in the terminal does not reach it, and all that it starts can be killed with it.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stopping: Stopping = ORDINARY,
        show: Callable[[str], object] = lambda line: None,
        terminal: bool = False,
        **options: Any,
    ) -> None:
        """Start a command.

        Takes a function that gets each line as soon as it is printed, in a thread of its own
        (or `terminal`: the process has the runner's terminal, nobody reads its lines), and
        what else Popen may need. Raises OSError if the command can't be started.
        """
        self.name, self.command, self.stopping = name, command, stopping
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._reader: threading.Thread | None = None
        self._is_gone = False
        options |= {"cwd": cwd, "env": env, "start_new_session": True}
        if terminal:
            self.popen = subprocess.Popen(command, **options)
            return
        output, end_of_process = os.pipe()
        lines = open(output, encoding="utf-8", errors="replace")  # noqa: SIM115
        options |= {
            "stdin": subprocess.DEVNULL,
            "stdout": end_of_process,
            "stderr": subprocess.STDOUT,
            # The process holds the reading end too: after a killed runner, a worker's last
            # words would be a broken pipe, and it would not stop.
            "pass_fds": [output],
        }
        try:
            self.popen = subprocess.Popen(command, **options)
        except OSError:
            lines.close()
            raise
        finally:
            os.close(end_of_process)
        self._reader = threading.Thread(target=self._read, args=[lines, show], daemon=True)
        self._reader.start()

    def _read(self, lines: IO[str], show: Callable[[str], object]) -> None:
        with lines:
            for line in lines:
                self.tail.append(line.rstrip("\n"))
                show(line.rstrip("\n"))

    @property
    def pid(self) -> int:
        """The process's id, which is also that of its group."""
        return self.popen.pid

    def runs(self) -> bool:
        """Tell whether the process has not ended yet."""
        return self.popen.poll() is None

    def wait(self, seconds: float | None = None) -> int:
        """Wait for the end, kill what is left of the group, read the last lines.

        Returns the exit status as Popen has it. Raises TimeoutExpired.
        """
        status = self.popen.wait(seconds)
        self.kill()
        if self._reader:
            self._reader.join(READER_SECONDS)
        return status

    def send(self, number: int) -> None:
        """Send a signal to the process alone, if it is still there."""
        with suppress(ProcessLookupError):
            self.popen.send_signal(number)

    def ask_to_stop(self) -> None:
        """Ask the process alone to stop: what it has started may have to finish its work."""
        self.send(self.stopping.number)

    def kill(self) -> None:
        """Kill the process and everything that it has started, and wait for its end."""
        # Once only: later its id may be that of somebody else's process.
        if not self._is_gone:
            kill_group(self.pid)
            self.popen.wait()
            self._is_gone = True

    def stop(self) -> None:
        """Stop the process and everything that it has started, and wait for its end."""
        self.ask_to_stop()
        with suppress(subprocess.TimeoutExpired):
            self.popen.wait(self.stopping.seconds)
        self.kill()
        self.wait()


def kill_group(pid: int) -> None:
    """Kill the leader of a session, or what is left of it."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
