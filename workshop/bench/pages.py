"""Many open pages as light as can be: they count the bytes that come, and note when.

Run it with the port, the number of pages and that of the jokes: python -m workshop.bench.pages
8000 100 5. It prints `ready` once all are connected, then `joke-0` and so on, each with the
moment in which the last page had it (seconds of the monotonic clock, which all processes
share), or, in Russian, what is wrong.

With `https` as a fourth word it opens them over TLS, and only as many as the server lets it:
`ready` comes with their number and, in Russian, what the next one has met.
"""

import asyncio
import ssl
import sys
import time
from asyncio import sslproto

# A server gives up a handshake that takes 5 seconds.
AT_A_TIME = 50
REQUEST = """\
GET /ws/jokes/ HTTP/1.1
Host: localhost:{port}
Origin: {scheme}://localhost:{port}
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Key: d29ya3Nob3AtYmVuY2gtMQ==
Sec-WebSocket-Version: 13

"""
PING, PONG = 0x89, 0x8A
# Otherwise asyncio keeps 256 KB for each page, and ten thousand are a crowd.
TLS_BUFFER = 8192


def joke(number: int) -> str:
    """Return a joke of usual length that no other is equal to."""
    return f"{number:03} Таймаут — это вежливый способ сказать серверу, что пора расстаться."


def frame(text: str) -> bytes:
    """Return the bytes in which a server sends a text of 126 to 65,535 bytes."""
    content = text.encode()
    return b"\x81\x7e" + len(content).to_bytes(2, "big") + content


def _pong(content: bytes) -> bytes:
    """Return the answer to a ping; a client masks what it sends, here with zeros."""
    return bytes([PONG, 0x80 | len(content), 0, 0, 0, 0]) + content


class Crowd:
    """What all pages know: which joke they wait for, and how many have it."""

    def __init__(self, port: int, number: int, jokes: int, scheme: str) -> None:
        self.number = number
        # What has ended the opening of pages, in Russian.
        self.limit = ""
        self.is_limited = scheme == "https"
        self.over: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.request = REQUEST.format(port=port, scheme=scheme).replace("\n", "\r\n").encode()
        self._frames = [frame(joke(number)) for number in range(jokes)]
        self._joke = self._have_it = 0
        self.expected = self._frames[0]

    def count(self) -> None:
        """Note that one more page has the joke; once all have it, go on to the next one."""
        self._have_it += 1
        if self._have_it < self.number:
            return
        print(f"joke-{self._joke}", time.monotonic(), flush=True)
        self._joke, self._have_it = self._joke + 1, 0
        if self._joke < len(self._frames):
            self.expected = self._frames[self._joke]
        elif not self.over.done():
            self.over.set_result("")

    def refuse(self, reason: str) -> None:
        """Note that a page did not open, in Russian: it may be the limit that is looked for."""
        self.limit = self.limit or reason
        if not self.is_limited:
            self.fail(reason)

    def fail(self, reason: str) -> None:
        """End everything with a reason, in Russian."""
        if not self.over.done():
            self.over.set_result(reason)


class Page(asyncio.Protocol):
    """A connection: the answer to the handshake, then jokes and nothing else."""

    def __init__(self, crowd: Crowd) -> None:
        self.crowd = crowd
        self.opened: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a WebSocket."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self.crowd.request)

    def data_received(self, data: bytes) -> None:
        """Count a joke once all of its bytes have come, and answer to pings."""
        self.buffer += data
        if not self.opened.done():
            head, blank, self.buffer = self.buffer.partition(b"\r\n\r\n")
            if not blank:
                self.buffer = head
                return
            if not head.startswith(b"HTTP/1.1 101 "):
                self.crowd.refuse(f"сервер отказал: {head.splitlines()[0].decode()}")
                self.opened.set_result(False)
                self.transport.abort()
                return
            self.opened.set_result(True)
        while self.buffer:
            if self.buffer[0] == PING:
                if len(self.buffer) < 2 or len(self.buffer) < (end := 2 + self.buffer[1]):
                    return
                self.transport.write(_pong(self.buffer[2:end]))
                self.buffer = self.buffer[end:]
                continue
            size = len(self.crowd.expected)
            if len(self.buffer) < size:
                return
            if not self.buffer.startswith(self.crowd.expected):
                self.crowd.fail(f"пришло не то, что отправлено: {self.buffer[:80]!r}")
                self.buffer = b""
                return
            self.buffer = self.buffer[size:]
            self.crowd.count()

    def connection_lost(self, error: Exception | None) -> None:
        """A page that is closed too early is a failure."""
        reason = f"сервер закрыл соединение: {error}"
        if not self.opened.done():
            self.crowd.refuse(reason)
            self.opened.set_result(False)
        elif self.opened.result():
            self.crowd.fail(reason)


async def main(port: int, number: int, jokes: int, scheme: str) -> str:
    """Open the pages and wait for the jokes. Returns what went wrong, "" if nothing did."""
    crowd = Crowd(port, number, jokes, scheme)
    loop = asyncio.get_running_loop()
    tls = None
    if crowd.is_limited:
        sslproto.SSLProtocol.max_size = TLS_BUFFER
        tls = ssl.create_default_context()
        # The lesson's certificate is its own.
        tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE

    async def open_page() -> bool:
        try:
            _, page = await loop.create_connection(
                lambda: Page(crowd), "127.0.0.1", port, ssl=tls
            )
        except OSError as error:
            crowd.refuse(f"сервер не принял соединение: {error}")
            return False
        return await page.opened

    opened, at_once = 0, AT_A_TIME
    while opened < number and not crowd.over.done():
        some = min(at_once, number - opened)
        opened += sum(await asyncio.gather(*(open_page() for _ in range(some))))
        if crowd.limit and at_once == 1:
            break
        if crowd.limit:
            # Those who come together are in each other's way: the rest come one by one.
            at_once, crowd.limit = 1, ""
    if crowd.over.done():
        return await crowd.over
    crowd.number = opened
    print("ready", *([opened, crowd.limit] if crowd.is_limited else []), flush=True)
    return await crowd.over


if __name__ == "__main__":
    words = sys.argv[1:]
    scheme = words[3] if len(words) > 3 else "http"
    port, number, jokes = map(int, words[:3])
    sys.exit(asyncio.run(main(port, number, jokes, scheme)) or None)
