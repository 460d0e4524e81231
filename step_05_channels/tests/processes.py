import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

BASE_DIR = Path(__file__).resolve().parent.parent


class Process:
    """Настоящий процесс шага: его вывод читается построчно, нужной строки можно дождаться."""

    def __init__(self, *command, env):
        self.command = " ".join(command)
        self.output = ""
        self.popen = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=BASE_DIR,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.popen.stdout:
            self.output += line

    def wait_for(self, text, seconds=15):
        """Ждёт, пока процесс напечатает text."""
        wait_until(
            lambda: text in self.output,
            seconds,
            lambda: f"«{self.command}» не напечатал «{text}». Его вывод:\n{self.output}",
        )

    def kill(self):
        """Снимает процесс вместе со всеми его потомками."""
        with suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()


def wait_until(condition, seconds, message):
    """Ждёт условия; если за seconds оно не наступило, тест падает с message()."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"Не дождались за {seconds} с. {message()}")
        time.sleep(0.02)
