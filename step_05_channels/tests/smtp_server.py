import socketserver
import threading
from email import message_from_bytes, policy


class SMTPServer(socketserver.ThreadingTCPServer):
    """
    Почтовый сервер: складывает письма в messages и считает попытки.

    Отказы в refusals — пары из начала команды и ответа на неё, каждый на один раз; команда
    "." — это конец письма.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), SMTPSession)
        self.port = self.server_address[1]
        self.forget()
        threading.Thread(target=self.serve_forever, args=[0.05], daemon=True).start()

    def forget(self):
        self.attempts = 0
        self.messages = []
        self.refusals = []


class SMTPSession(socketserver.StreamRequestHandler):
    def handle(self):
        self.server.attempts += 1
        self.reply("220 localhost")
        while command := self.rfile.readline().decode().strip().upper():
            if command == "QUIT":
                return self.reply("221 Bye")
            if command.startswith("EHLO"):
                self.reply("250-localhost")
                self.reply("250 AUTH PLAIN")
            elif command == "DATA":
                self.reply("354 End data with <CR><LF>.<CR><LF>")
                message = self.read_message()
                if self.answer(".") == "250 OK":
                    self.server.messages.append(message)
            else:
                self.answer(command)

    def reply(self, text):
        self.wfile.write(f"{text}\r\n".encode())

    def answer(self, command):
        answer = "235 OK" if command.startswith("AUTH") else "250 OK"
        for refusal in self.server.refusals:
            if command.startswith(refusal[0]):
                self.server.refusals.remove(refusal)
                answer = refusal[1]
                break
        self.reply(answer)
        return answer

    def read_message(self):
        lines = iter(self.rfile.readline, b".\r\n")
        text = b"".join(lines).replace(b"\r\n", b"\n")
        return message_from_bytes(text, policy=policy.default)
