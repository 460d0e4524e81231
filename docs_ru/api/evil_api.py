"""Недобрый API шуток для урока 04: отвечает не так, как договаривались.

Запуск: python3 evil_api.py ВИД. Слушает только эту машину, порт 8001.
"""

import json
import sys
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = 8001


def joke(text):
    return json.dumps({"type": "success", "value": {"id": 1, "joke": text}}).encode()


# Вид ответа: тело. Остальные виды ведут себя по-своему.
ANSWERS = {
    "html": "<h1>Сайт переехал</h1>".encode(),
    "list": b"[]",
    "number": joke(42),
    "colour": joke("\x1b[31mТеперь у вас красный терминал"),
    "other": json.dumps(
        {"setup": "Сколько программистов нужно?", "punchline": "Ноль."}
    ).encode(),
}
KINDS = ["silent", "drip", "error", "huge", *ANSWERS]


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        print(f"Запрос пришёл, отвечаю: {KIND}", flush=True)
        if KIND == "silent":
            time.sleep(3600)
        self.send_response(500 if KIND == "error" else 200)
        self.end_headers()
        if KIND == "drip":
            while True:
                self.wfile.write(b" ")
                time.sleep(0.5)
        elif KIND == "huge":
            for _ in range(20):
                self.wfile.write(b"x" * 1_000_000)
        else:
            self.wfile.write(ANSWERS.get(KIND, b""))

    def log_message(self, *arguments):
        """Свою строку о запросе уже напечатали."""


class Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        print("Клиент ушёл, не дослушав.", flush=True)


if __name__ == "__main__":
    KIND = sys.argv[1] if len(sys.argv) == 2 else ""
    if KIND not in KINDS:
        sys.exit(f"Укажите, как отвечать: {', '.join(KINDS)}.")
    with Server(("127.0.0.1", PORT), Answer) as server:
        print(f"Недобрый API слушает порт {PORT}. Остановить: Ctrl-C.", flush=True)
        with suppress(KeyboardInterrupt):
            server.serve_forever()
