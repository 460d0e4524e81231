"""Runs processes together: shows their lines, and if one ends or is told to, all of them do."""

import math
import queue
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

from workshop.processes.guard import Guard
from workshop.processes.printer import Show
from workshop.processes.process import Process
from workshop.processes.signals import INTERRUPTS

QUIET_SECONDS = 2


class Supervisor:
    """Processes that live and end together."""

    def __init__(self, guard: Guard, show: Show) -> None:
        """Take the guard that starts the processes, and the function that shows their lines.

        From now on Ctrl-C, SIGTERM and a closed terminal are only noted, for `supervise`.
        """
        self._guard, self._show = guard, show
        self._running: dict[str, Process] = {}
        self._status = 0
        self._stopping: Process | None = None
        self._deadline = self._quiet_until = math.inf
        # Each event is what has to be done about it, in the order in which they happened.
        self._events: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        for number in INTERRUPTS:
            signal.signal(number, self._note_signal)

    def start(self, name: str, command: list[str], **options: Any) -> Process:
        """Start a Process. Raises OSError if the command can't be started."""
        process = self._guard.start(name, command, show=partial(self._say, name), **options)
        self._running[name] = process

        def note_end() -> None:
            process.wait()
            self._events.put(partial(self._on_end, process))

        threading.Thread(target=note_end, daemon=True).start()
        return process

    def say(self, line: str) -> None:
        """Show a line of the runner between those of the processes, from any thread."""
        self._say(None, line)

    def supervise(self) -> int:
        """Show what the processes print until they are told to stop, or one of them dies.

        Returns the exit status: 1 if a process died, or 128 and the number of the signal that
        stopped them. When it returns, none of the processes is left.
        """
        while self._running:
            until = min(self._quiet_until, self._deadline)
            seconds = None if until == math.inf else max(0, until - time.monotonic())
            try:
                event = self._events.get(timeout=seconds)
            except queue.Empty:
                event = self._lose_patience
            event()
        return self._status

    def _say(self, name: str | None, line: str) -> None:
        self._events.put(partial(self._show, name, line))

    def _note_signal(self, number: int, frame: FrameType | None) -> None:
        self._events.put(partial(self._on_signal, number))

    def _on_signal(self, number: int) -> None:
        if not self._stopping:
            names = sorted(self._running, key=lambda name: self._running[name].stopping.turn)
            self._show(None, f"Останавливаю: {', '.join(names)}.")
            self._status = 128 + number
            self._stop_next()
        elif number != signal.SIGHUP:
            self._show(None, "Останавливаю всё сразу.")
            for process in self._running.values():
                process.kill()
            self._quiet_until = self._deadline = math.inf

    def _on_end(self, process: Process) -> None:
        # Another one may have taken the place of a server that did not get ready.
        if self._running.get(process.name) is not process:
            return
        del self._running[process.name]
        if not self._stopping:
            self._status = 1
            self._show_death(process)
        if self._running and self._stopping in (None, process):
            self._stop_next()

    def _stop_next(self) -> None:
        process = min(self._running.values(), key=lambda process: process.stopping.turn)
        process.ask_to_stop()
        self._stopping, now = process, time.monotonic()
        self._deadline, self._quiet_until = now + process.stopping.seconds, now + QUIET_SECONDS

    def _lose_patience(self) -> None:
        process = self._stopping
        assert process
        if self._quiet_until < math.inf:
            self._quiet_until = math.inf
            self._show(None, _what_it_waits_for(process))
        else:
            self._deadline = math.inf
            self._show(None, f"{process.name} не остановился вовремя, снимаю его.")
            process.kill()

    def _show_death(self, process: Process) -> None:
        code = process.popen.returncode
        how = f"снят сигналом {signal.Signals(-code).name}" if code < 0 else f"код {code}"
        title = f"Процесс {process.name} завершился ({how}). Его последние строки:"
        for line in [title, *(f"    {line}" for line in process.tail)]:
            self._show(None, line)


def _what_it_waits_for(process: Process) -> str:
    if reason := process.stopping.reason:
        return f"Жду {process.name}: {reason}. Ctrl-C ещё раз — остановить всё сразу."
    return f"Жду, пока остановится {process.name}."
