import socketserver
import threading
from email import message_from_bytes, policy


class SMTPServer(socketserver.ThreadingTCPServer):
    """Почтовый сервер: складывает письма в messages, а если велено, отказывает."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), SMTPSession)
        self.port = self.server_address[1]
        self.attempts = 0
        self.messages = []
        self.refusals = []
        threading.Thread(target=self.serve_forever, args=[0.05], daemon=True).start()


class SMTPSession(socketserver.StreamRequestHandler):
    def handle(self):
        self.reply("220 localhost")
        while line := self.rfile.readline().decode().strip():
            command = line.split(":")[0].upper()
            if command == "QUIT":
                return self.reply("221 Bye")
            if command == "RCPT TO":
                self.reply(self.answer_to_recipient())
            elif command == "DATA":
                self.reply("354 End data with <CR><LF>.<CR><LF>")
                self.server.messages.append(self.read_message())
                self.reply("250 OK")
            else:
                self.reply("250 OK")

    def reply(self, text):
        self.wfile.write(f"{text}\r\n".encode())

    def answer_to_recipient(self):
        self.server.attempts += 1
        return self.server.refusals.pop(0) if self.server.refusals else "250 OK"

    def read_message(self):
        lines = iter(self.rfile.readline, b".\r\n")
        return message_from_bytes(b"".join(lines), policy=policy.default)
