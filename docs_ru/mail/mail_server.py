"""Маленький почтовый сервер для урока 03_2: принимает письма, а адресатам nobody@… отказывает.

Слушает только эту машину, порт 1025, и никуда писем не отправляет.
"""

from contextlib import suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer

PORT = 1025


class Conversation(StreamRequestHandler):
    """Разговор с одним отправителем по протоколу SMTP."""

    def handle(self):
        self.answer("220 ready")
        for line in self.rfile:
            command, _, argument = line.decode().strip().partition(" ")
            command = command.upper()
            if command == "RCPT" and "nobody@" in argument:
                print(f"Отказано: {argument}", flush=True)
                self.answer("550 no such user")
            elif command == "DATA":
                self.answer("354 go on")
                self.read_letter()
                self.answer("250 accepted")
            elif command == "QUIT":
                self.answer("221 bye")
                return
            else:
                self.answer("250 ok")

    def answer(self, text):
        self.wfile.write(f"{text}\r\n".encode())

    def read_letter(self):
        """Читает письмо до строки с одной точкой и печатает, кому оно."""
        for line in self.rfile:
            if line.startswith(b"To:"):
                print(f"Принято: {line.decode().strip()}", flush=True)
            if line == b".\r\n":
                return


class Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    with Server(("127.0.0.1", PORT), Conversation) as server:
        print(f"Почтовый сервер слушает порт {PORT}. Остановить: Ctrl-C.", flush=True)
        with suppress(KeyboardInterrupt):
            server.serve_forever()
