import base64
import os
import socket


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
            f"Origin: {origin}",
        ]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self.status = int(self.stream.readline().split()[1])
        while self.stream.readline().strip():
            pass

    def read_text(self):
        """Ждёт следующего сообщения; если соединение закрыто, объясняет это."""
        first, length = self.stream.read(2)
        if length == 126:
            length = int.from_bytes(self.stream.read(2))
        data = self.stream.read(length)
        if first != 0x81:
            raise ConnectionError(f"Вместо сообщения пришёл кадр {first:#x}: {data!r}")
        return data.decode()

    def close(self):
        self.stream.close()
        self.socket.close()
