import socket

import pytest

from .processes import starter


@pytest.fixture
def start(tmp_path):
    """Запускает процессы шага и снимает их после теста."""
    with starter(tmp_path) as start:
        yield start


@pytest.fixture
def closed_port():
    """Порт, на котором никто не отвечает."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]
