"""Runs the processes of a step together: shows their lines, stops them in order, leaves none.

Each process is the leader of a session of its own, so a Ctrl-C in the terminal reaches the
runner alone, and everything that a process has started can be killed as one group.
"""

import itertools
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field

# Beat first, so that nothing new is queued; Redis last, since all the others need it.
STOP_ORDER = ("beat", "web", "worker", "redis")
# A worker finishes its tasks first, and a mail may take 60 seconds.
GRACE_SECONDS = {"worker": 100}
DEFAULT_GRACE_SECONDS = 10
# Only after a Ctrl-C does pytest stop what its tests have started.
STOP_SIGNALS = {"pytest": signal.SIGINT}
INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
QUIET_SECONDS = 2
TAIL_LINES = 20
COLOURS = {"web": 32, "worker": 36, "beat": 35}
# Nobody needs its log, unless it dies: then the last lines are shown.
HIDDEN = {"redis"}
# What leads the processes of a step to the Celery, the settings or the packages of another
# project. (Celery reads an option of its commands from any CELERY_… variable.)
FOREIGN = {
    "BROKER_URL",
    "DJANGO_CONFIGURATION",
    "DJANGO_SETTINGS_MODULE",
    "LOADER",
    "PYTHONPATH",
    "RESULT_BACKEND",
}


@dataclass
class Process:
    """A process, the last lines that it printed, and the thread that reads them."""

    name: str
    popen: subprocess.Popen
    tail: deque = field(default_factory=lambda: deque(maxlen=TAIL_LINES))
    reader: threading.Thread = None


def clean_environment(*more):
    """Return the environment without other projects' variables, and without these ones."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in FOREIGN.union(more) and not name.startswith("CELERY_")
    }


def start(name, command, events, *, cwd=None, env=None):
    """Start a process whose lines and end become events.

    Takes a name, a command (a list), the queue for the events, a directory and an environment.
    Returns a Process. Puts ("line", process, text) and, once, ("exit", process, None) into the
    queue. Raises OSError if the command cannot be started.
    """
    output, end_of_process = os.pipe()
    try:
        popen = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=end_of_process,
            stderr=subprocess.STDOUT,
            # The process holds the reading end too: after a killed runner, a worker's last
            # words would be a broken pipe, and it would not stop.
            pass_fds=[output],
            start_new_session=True,
        )
    finally:
        os.close(end_of_process)
    process = Process(name, popen)

    def read():
        with open(output, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                process.tail.append(line.rstrip("\n"))
                events.put(("line", process, line.rstrip("\n")))

    def wait():
        popen.wait()
        kill_group(popen.pid)
        process.reader.join(timeout=1)
        events.put(("exit", process, None))

    process.reader = threading.Thread(target=read, daemon=True)
    process.reader.start()
    threading.Thread(target=wait, daemon=True).start()
    return process


def kill_group(pid):
    """Kill the session leader `pid` and everything that it has started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def terminate(name, pid):
    """Ask the main process alone to stop: a worker's children must finish their tasks."""
    with suppress(ProcessLookupError):
        os.kill(pid, STOP_SIGNALS.get(name, signal.SIGTERM))


def stop(process):
    """Stop a Process and everything that it has started, and wait for its end."""
    if process.popen.poll() is None:
        terminate(process.name, process.popen.pid)
        with suppress(subprocess.TimeoutExpired):
            process.popen.wait(DEFAULT_GRACE_SECONDS)
    kill_group(process.popen.pid)
    process.popen.wait()


def stop_rank(name):
    """Return the place of a process of this name in the order of stopping, for sorting."""
    return STOP_ORDER.index(name) if name in STOP_ORDER else -1


def grace_seconds(name):
    """Return how many seconds a process of this name may take to stop."""
    return GRACE_SECONDS.get(name, DEFAULT_GRACE_SECONDS)


def stop_on_signals(events):
    """Turn Ctrl-C, SIGTERM and a closed terminal into ("signal", None, number) events."""
    for number in INTERRUPTS:
        signal.signal(number, lambda number, frame: events.put(("signal", None, number)))


def interrupt_once():
    """Turn Ctrl-C, SIGTERM and a closed terminal into one KeyboardInterrupt.

    A second one would only disturb the stopping that the first one has begun.
    """

    def interrupt(number, frame):
        for number in INTERRUPTS:
            signal.signal(number, lambda number, frame: None)
        raise KeyboardInterrupt

    for number in INTERRUPTS:
        signal.signal(number, interrupt)


def supervise(processes, events, show):
    """Show what the processes print until they are told to stop, or one of them dies.

    Takes a list of Process, the queue of their events (signals too) and a function that
    prints a name and a line. Returns the exit status: 0 if they were told to stop, 1 if a
    process died or had to be killed. When it returns, none of the processes is left.
    """
    running = {process.name: process for process in processes}
    status, stopping = 0, None
    deadline, quiet_until = None, None

    def stop_next():
        nonlocal stopping, deadline, quiet_until
        stopping = min(running, key=stop_rank)
        terminate(stopping, running[stopping].popen.pid)
        now = time.monotonic()
        deadline = now + grace_seconds(stopping)
        quiet_until = now + QUIET_SECONDS

    while running:
        try:
            kind, process, value = events.get(timeout=_remaining(quiet_until, deadline))
        except queue.Empty:
            if quiet_until:
                quiet_until = None
                show(None, _what_it_waits_for(stopping))
            else:
                show(None, f"{stopping} не остановился вовремя, снимаю его.")
                kill_group(running[stopping].popen.pid)
                status, deadline = 1, None
            continue
        if kind == "line":
            show(process and process.name, value)
        elif kind == "signal" and stopping is None:
            show(None, f"Останавливаю: {', '.join(sorted(running, key=stop_rank))}.")
            stop_next()
        elif kind == "signal" and value != signal.SIGHUP:
            show(None, "Останавливаю всё сразу.")
            for other in running.values():
                kill_group(other.popen.pid)
            status, quiet_until, deadline = 1, None, None
        elif kind == "exit" and running.get(process.name) is process:
            del running[process.name]
            if stopping is None:
                status = 1
                _show_death(process, show)
            if running and process.name == (stopping or process.name):
                stop_next()
    return status


def _remaining(*moments):
    moments = [moment for moment in moments if moment]
    return max(0, min(moments) - time.monotonic()) if moments else None


def _what_it_waits_for(name):
    if name == "worker":
        return (
            "Жду worker: он доделывает начатые задачи, письмо отправляется 20 секунд. "
            "Ctrl-C ещё раз — остановить всё сразу."
        )
    return f"Жду, пока остановится {name}."


def _show_death(process, show):
    code = process.popen.returncode
    how = f"снят сигналом {signal.Signals(-code).name}" if code < 0 else f"код {code}"
    show(None, f"Процесс {process.name} завершился ({how}). Его последние строки:")
    for line in process.tail:
        show(None, f"    {line}")


def prefix_of(name, names):
    """Return what stands before the lines of a name: nothing if there is no other."""
    return f"{name:{max(map(len, names))}} │ " if name and len(names) > 1 else ""


def printer(names):
    """Make the function that prints lines with the aligned, coloured name of their process.

    Takes the names. Returns a function of a name (None for the runner itself) and a line. When
    nobody can read the output any more (the terminal is closed, the reader of the pipe is
    gone), the function hangs up on the runner and falls silent.
    """
    names = [name for name in names if name not in HIDDEN]
    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    colours = dict(zip(names, itertools.cycle((32, 36, 35, 33, 34)), strict=False)) | COLOURS

    def show(name, line):
        if name in HIDDEN:
            return
        prefix = prefix_of(name, names)
        if coloured and prefix:
            prefix = f"\x1b[{colours[name]}m{prefix}\x1b[0m"
        elif coloured and not name:
            line = f"\x1b[1m{line}\x1b[0m"
        try:
            print(f"{prefix}{line}", flush=True)
        except OSError:
            silence()
            signal.pthread_kill(threading.main_thread().ident, signal.SIGHUP)

    return show


def silence():
    """Print to nowhere from now on: nobody reads the standard output any more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
