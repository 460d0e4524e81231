import base64
import os
import socket

from .processes import fail


class WebSocketClient:
    """Умеет ровно то, что нужно тестам: соединиться и читать текстовые сообщения."""

    def __init__(self, port, path, origin):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=15)
        self.stream = self.socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}",
        ]
        lines += [f"Origin: {origin}"] if origin else []
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        try:
            self.status = int(self.stream.readline().split()[1])
            while self.stream.readline().strip():
                pass
        except (OSError, IndexError, ValueError) as error:
            fail(
                "Проверьте `await self.accept()` в `jokes/consumers.py`: сервер не ответил на "
                f"просьбу открыть WebSocket: {error!r}"
            )

    def read_text(self, hint):
        """Возвращает следующее сообщение; если его нет, тест падает с hint и причиной."""
        __tracebackhide__ = True
        try:
            first, length = self.stream.read(2)
            if length == 126:
                length = int.from_bytes(self.stream.read(2))
            data = self.stream.read(length)
        except (OSError, ValueError) as error:
            fail(f"{hint} Сообщение так и не пришло: {error!r}")
        if first == 0x88:
            fail(f"{hint} Сервер закрыл соединение с кодом {int.from_bytes(data[:2])}.")
        if first == 0x89:
            fail(f"{hint} Сервер только спросил, живо ли соединение.")
        if first == 0x82:
            fail(f"{hint} Пришли байты, а не текст: проверьте `text_data`.")
        return data.decode()

    def close(self):
        self.stream.close()
        self.socket.close()
