import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class APIServer(ThreadingHTTPServer):
    """API шуток, который можно испортить: на каждый запрос отвечает behave(request)."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), APIRequest)
        self.url = f"http://127.0.0.1:{self.server_port}/api/jokes/random/"
        self.recover()
        threading.Thread(target=self.serve_forever, args=[0.05], daemon=True).start()

    def recover(self):
        self.requests = 0
        self.behave = APIRequest.send_joke


def joke_body(joke):
    """Ответ настоящего API с шуткой joke."""
    return json.dumps({"type": "success", "value": {"id": 1, "joke": joke}}).encode()


class APIRequest(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests += 1
        self.number = self.server.requests
        try:
            self.server.behave(self)
        except ConnectionError:
            self.close_connection = True

    def send(self, body, status=200, length=None):
        """Отвечает; если length больше длины body, остального можно ждать вечно."""
        self.send_response(status)
        self.send_header("Content-Length", length or len(body))
        self.end_headers()
        self.wfile.write(body)

    def send_joke(self, joke=None):
        self.send(joke_body(joke or f"Шутка номер {self.number}"))

    def log_message(self, *args):
        """Не мешает выводу тестов."""
