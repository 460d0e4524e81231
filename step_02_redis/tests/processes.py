import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

BASE_DIR = Path(__file__).resolve().parent.parent

# Процессы идущего теста: их вывод объясняет, почему он чего-то не дождался.
running = []


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
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.popen.stdout:
            self.output += line

    def wait_for(self, text, hint="", unless=None):
        """Ждёт, пока процесс напечатает text, завершится или напечатает unless."""
        __tracebackhide__ = True
        wait_until(
            lambda: (
                text in self.output or (unless and unless in self.output) or self.has_ended()
            ),
            lambda: f"{hint} «{self.command}» не печатает «{text}».",
        )
        if text not in self.output:
            end = "завершился, но так и " if self.has_ended() else ""
            fail(f"{hint} Процесс «{self.command}» {end}не напечатал «{text}».")

    def has_ended(self):
        """Сообщает, завершился ли процесс; к этому времени прочитан весь его вывод."""
        if self.popen.poll() is None:
            return False
        self.reader.join(5)
        return True

    def kill(self):
        """Снимает процесс вместе со всеми его потомками."""
        with suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()


@contextmanager
def starter(directory):
    """
    Даёт функцию, которая запускает процесс с настройками тестов: `start("celery", …)`.

    Именованные аргументы меняют настройки только этого процесса, а env — его окружение.
    """
    started = []

    def start(*command, env=None, **settings):
        module = f"process_settings_{len(started)}"
        lines = ["from tests.settings import *"]
        lines += [f"{name} = {value!r}" for name, value in settings.items()]
        (directory / f"{module}.py").write_text("\n".join(lines), encoding="utf-8")
        env = os.environ | {
            "DJANGO_SETTINGS_MODULE": module,
            "PYTHONPATH": str(directory),
            "PYTHONUNBUFFERED": "1",
            # Здесь убитый воркер оставит свои каталоги pymp-…
            "TMPDIR": str(directory),
            **(env or {}),
        }
        env = {name: value for name, value in env.items() if value is not None}
        started.append(Process(*command, env=env))
        running.append(started[-1])
        return started[-1]

    try:
        yield start
    finally:
        for process in started:
            process.kill()
            running.remove(process)


def wait_until(condition, message, seconds=15):
    """Ждёт условия; если оно так и не наступило, тест падает с message()."""
    __tracebackhide__ = True
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            fail(f"{message()} Не дождались за {seconds} с.")
        time.sleep(0.02)


def fail(message):
    """Тест падает: сначала message, потом всё, что напечатали процессы."""
    __tracebackhide__ = True
    outputs = [f"Вывод «{process.command}»:\n{process.output}" for process in running]
    pytest.fail("\n\n".join([message.strip(), *outputs]))
