"""Many users who send one form after the other, through nginx and over TLS.

Run it with the port, the number of users, the seconds and the first number of their addresses:
python -m workshop.bench.forms 8443 50 5 0. It prints JSON: see `Sent`.
"""

import asyncio
import json
import ssl
import sys
import time
from dataclasses import asdict, dataclass, field
from itertools import count
from urllib.parse import urlencode

# The slowest that is still an answer: longer than nginx waits for a site.
PATIENCE_SECONDS = 90
# A refusal is quick, and who gets one does not try again in the same moment.
PAUSE_SECONDS = 0.1
MESSAGE = "Мне всё понравилось"


@dataclass
class Sent:
    """What became of the forms: seconds and address of each that was accepted, refusals.

    `begun` and `ended` are seconds of the monotonic clock, which all processes share;
    `processor` has the part of a core that each program has taken, by its name in Russian.
    """

    accepted: list[tuple[float, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    begun: float = 0.0
    ended: float = 0.0
    processor: dict[str, float] = field(default_factory=dict)


class WrongPage(Exception):
    """Another page than the one that should come; the message says which, in Russian."""


class User:
    """A browser: a connection that is kept, and a cookie."""

    def __init__(self, port: int, tls: ssl.SSLContext) -> None:
        self._port, self._tls = port, tls
        self.token = ""
        self._writer: asyncio.StreamWriter | None = None

    async def open(self) -> None:
        """Open the page of the form. Raises WrongPage and OSError."""
        await self._ask("GET", "/", expected=200)

    async def send(self, email: str) -> None:
        """Send the form and see the page of success. Raises WrongPage and OSError."""
        if not self.token:
            await self.open()
        fields = {"csrfmiddlewaretoken": self.token, "email": email, "message": MESSAGE}
        place = await self._ask("POST", "/", urlencode(fields), expected=302)
        if not place.startswith("/success/"):
            raise WrongPage(f"форма ведёт на {place}")
        await self._ask("GET", place, expected=200)

    async def _ask(self, method: str, path: str, content: str = "", *, expected: int) -> str:
        """Ask for a page. Returns where it leads to; raises WrongPage and OSError."""
        if not self._writer:
            self._reader, self._writer = await asyncio.open_connection(
                "127.0.0.1", self._port, ssl=self._tls, server_hostname="localhost"
            )
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: localhost:{self._port}",
            f"Origin: https://localhost:{self._port}",
            f"Cookie: csrftoken={self.token}",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(content)}",
        ]
        self._writer.write(("\r\n".join([*lines, "", ""]) + content).encode())
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in head[1:] if line)
        await self._reader.readexactly(int(headers["Content-Length"]))
        if headers.get("Connection") == "close":
            self.leave()
        status = int(head[0].split()[1])
        if status != expected:
            raise WrongPage(str(status))
        cookie = headers.get("Set-Cookie", "")
        if cookie.startswith("csrftoken="):
            self.token = cookie.removeprefix("csrftoken=").partition(";")[0]
        return headers.get("Location", "")

    def leave(self) -> None:
        """Close the connection; the next request opens another one."""
        if self._writer:
            self._writer.close()
        self._writer = None


async def main(port: int, users: int, seconds: float, first: int) -> Sent:
    """Let so many users send forms for so long; what has begun by then is finished."""
    tls = ssl.create_default_context()
    # The lesson's certificate is its own.
    tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    crowd = [User(port, tls) for _ in range(users)]
    # Who does not get it now asks again with the first form.
    opening = (asyncio.wait_for(user.open(), PATIENCE_SECONDS) for user in crowd)
    await asyncio.gather(*opening, return_exceptions=True)
    sent, numbers = Sent(begun=time.monotonic()), count(first)
    spent = time.process_time()

    async def send_forms(user: User) -> None:
        while time.monotonic() < sent.begun + seconds:
            email, started = f"user{next(numbers)}@example.com", time.monotonic()
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await user.send(email)
            except WrongPage as error:
                sent.refused.append(str(error))
            except TimeoutError:
                sent.refused.append("нет ответа")
            except (OSError, EOFError, KeyError):
                sent.refused.append("обрыв")
            else:
                sent.accepted.append((time.monotonic() - started, email))
                continue
            user.leave()
            await asyncio.sleep(PAUSE_SECONDS)
        user.leave()

    await asyncio.gather(*(send_forms(user) for user in crowd))
    sent.ended = time.monotonic()
    sent.processor["клиент"] = (time.process_time() - spent) / (sent.ended - sent.begun)
    return sent


if __name__ == "__main__":
    port, users, seconds, first = map(float, sys.argv[1:5])
    print(json.dumps(asdict(asyncio.run(main(int(port), int(users), seconds, int(first))))))
