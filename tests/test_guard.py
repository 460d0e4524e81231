"""What a guard has started does not outlive it, whenever somebody interrupts."""

import os
import signal
import sys

import psutil
import pytest

from workshop.processes import guard
from workshop.processes.process import Process

SLEEP = [sys.executable, "-c", "import time; time.sleep(1000)"]


def test_interrupt_while_a_process_starts(monkeypatch, tmp_path):
    started = []

    class Interrupted(Process):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            started.append(self)
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(guard, "Process", Interrupted)
    with pytest.raises(KeyboardInterrupt), guard.Guard() as watching:
        watching.start("sleeper", SLEEP, cwd=tmp_path, env=dict(os.environ))
    (process,) = started
    try:
        assert not psutil.pid_exists(process.pid)
    finally:
        process.kill()
