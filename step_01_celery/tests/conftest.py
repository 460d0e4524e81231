import os
import socket

import pytest

from .processes import Process


@pytest.fixture
def start(tmp_path):
    """
    Запускает процесс шага с настройками тестов: `start("celery", "-A", …)`.

    Именованные аргументы меняют настройки только этого процесса.
    """
    processes = []

    def start(*command, **settings):
        module = f"process_settings_{len(processes)}"
        lines = ["from tests.settings import *"]
        lines += [f"{name} = {value!r}" for name, value in settings.items()]
        (tmp_path / f"{module}.py").write_text("\n".join(lines), encoding="utf-8")
        env = os.environ | {
            "DJANGO_SETTINGS_MODULE": module,
            "PYTHONPATH": str(tmp_path),
            "PYTHONUNBUFFERED": "1",
        }
        process = Process(*command, env=env)
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()


@pytest.fixture
def closed_port():
    """Порт, на котором никто не отвечает."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]
