"""Many open pages as light as can be: they count the bytes that come, and note when.

Run it with the port, the number of pages and that of the jokes: python -m workshop.bench.pages
8000 100 5. It prints `ready` once all are connected, then `joke-0` and so on, each with the
moment in which the last page had it (seconds of the monotonic clock, which all processes
share), or, in Russian, what is wrong.
"""

import asyncio
import sys
import time

# A server gives up a handshake that takes 5 seconds.
AT_A_TIME = 50
REQUEST = """\
GET /ws/jokes/ HTTP/1.1
Host: 127.0.0.1:{port}
Origin: http://127.0.0.1:{port}
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Key: d29ya3Nob3AtYmVuY2gtMQ==
Sec-WebSocket-Version: 13

"""


def joke(number: int) -> str:
    """Return a joke of usual length that no other is equal to."""
    return f"{number:03} Таймаут — это вежливый способ сказать серверу, что пора расстаться."


def frame(text: str) -> bytes:
    """Return the bytes in which a server sends a text of 126 to 65,535 bytes."""
    content = text.encode()
    return b"\x81\x7e" + len(content).to_bytes(2, "big") + content


class Crowd:
    """What all pages know: which joke they wait for, and how many have it."""

    def __init__(self, port: int, number: int, jokes: int) -> None:
        self.number = number
        self.over: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.request = REQUEST.format(port=port).replace("\n", "\r\n").encode()
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
        transport.write(self.crowd.request)

    def data_received(self, data: bytes) -> None:
        """Count a joke once all of its bytes have come."""
        self.buffer += data
        if not self.opened.done():
            head, end, self.buffer = self.buffer.partition(b"\r\n\r\n")
            if not end:
                self.buffer = head
            elif head.startswith(b"HTTP/1.1 101 "):
                self.opened.set_result(True)
            else:
                self.crowd.fail(f"сервер отказал: {head.splitlines()[0].decode()}")
                self.opened.set_result(False)
        elif len(self.buffer) >= len(self.crowd.expected):
            if self.buffer != self.crowd.expected:
                self.crowd.fail(f"пришло не то, что отправлено: {self.buffer[:80]!r}")
            self.buffer = b""
            self.crowd.count()

    def connection_lost(self, error: Exception | None) -> None:
        """A page that is closed too early is a failure."""
        self.crowd.fail(f"сервер закрыл соединение: {error}")
        if not self.opened.done():
            self.opened.set_result(False)


async def main(port: int, number: int, jokes: int) -> str:
    """Open the pages and wait for the jokes. Returns what went wrong, "" if nothing did."""
    crowd = Crowd(port, number, jokes)
    loop = asyncio.get_running_loop()
    for start in range(0, number, AT_A_TIME):
        some = range(start, min(start + AT_A_TIME, number))
        connecting = (
            loop.create_connection(lambda: Page(crowd), "127.0.0.1", port) for _ in some
        )
        for _, page in await asyncio.gather(*connecting):
            if not await page.opened:
                return await crowd.over
    print("ready", flush=True)
    return await crowd.over


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*map(int, sys.argv[1:4]))) or None)
