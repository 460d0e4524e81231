"""```http: a request from the learner's browser and what it shows.

The browser keeps cookies, opens the page before it sends its form, takes the hidden fields from
there and follows redirects.
"""

import re
import time
from concurrent.futures import Future
from threading import Thread
from typing import Any

import requests
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from workshop.lesson import expected
from workshop.lesson.reading import Block
from workshop.replay.learner import Learner
from workshop.replay.page import fields_of, lines_of

COLLECT = "(ответ)"
REQUEST = re.compile(r"(GET|POST) ((?:https?|ws)://localhost:\d+/\S*)")
FIELD = re.compile(r"([\w-]+): ?(.*)")
SECONDS = re.compile(r" \((\d+) с\)")
# What a busy machine may add to the seconds of an answer.
SLACK_SECONDS = 5
PAUSE_SECONDS = 0.2


def run(block: Block, learner: Learner) -> None:
    """Send the request and compare the answer, or do only one of these."""
    request, shown = _split(block)
    if request == [COLLECT]:
        if not learner.pending:
            raise block.error("нет запроса, который ждёт ответа", 0)
        _, pending = learner.pending.pop(0)
        _compare(block, shown, pending.result())
        return
    method, url, fields = _parse(block, request)
    learner.turn_to_browser()
    if url.startswith("ws:"):
        _open_websocket(block, learner, url, fields, shown)
    elif block.words:
        answer: Future[requests.Response] = Future()
        learner.pending.append((block, answer))
        arguments = (answer, block, learner, method, url, fields)
        # Nobody waits for an answer when the lesson has failed.
        Thread(target=_answer_later, args=arguments, daemon=True).start()
    else:
        _compare(block, shown, _send(block, learner, method, url, fields))


def _split(block: Block) -> tuple[list[str], list[str]]:
    """Split a block at its first empty line: the request and what is shown of the answer."""
    lines = block.lines or [""]
    end = lines.index("") if "" in lines else len(lines)
    shown = lines[end + 1 :]
    if bool(shown) == bool(block.words):
        raise block.error("после запроса и пустой строки нужен ответ, а у background его нет")
    return lines[:end], shown


def _parse(block: Block, request: list[str]) -> tuple[str, str, dict[str, str]]:
    """Read a request: its method, its URL and a dictionary of its fields or headers."""
    first, *others = request or [""]
    parts = REQUEST.fullmatch(first)
    fields = [FIELD.fullmatch(line) for line in others]
    if not parts or None in fields:
        raise block.error("непонятный запрос: нужны GET или POST, адрес, строки поле: значение")
    method, url = parts.groups()
    if fields and method == "GET" and url.startswith("http"):
        raise block.error("непонятный запрос: у GET нет полей")
    return method, url, {field[1]: field[2] for field in fields if field}


def _site(url: str) -> str:
    """Return what a browser calls the origin of a page with this address."""
    return "/".join(url.split("/", 3)[:3])


def _answer_later(answer: Future[requests.Response], *request: Any) -> None:
    try:
        answer.set_result(_send(*request))
    except Exception as error:
        answer.set_exception(error)


def _send(
    block: Block, learner: Learner, method: str, url: str, fields: dict[str, str]
) -> requests.Response:
    response = _get(block, learner, url)
    if method == "GET":
        return response
    form = fields_of(response.text)
    if missing := fields.keys() - form.keys():
        raise block.error(f"на странице {url} нет полей: {', '.join(sorted(missing))}")
    headers = {"Referer": url, "Origin": _site(url)}
    try:
        return learner.browser.post(
            url, form | fields, headers=headers, timeout=learner.deadline
        )
    except requests.RequestException as error:
        raise block.error(f"браузер не получил ответа: {error}") from None


def _get(block: Block, learner: Learner, url: str) -> requests.Response:
    """Open a page, patiently: a server that has just been started may not answer yet."""
    deadline = time.monotonic() + learner.deadline
    while True:
        try:
            return learner.browser.get(url, timeout=learner.deadline)
        except requests.RequestException as error:
            if time.monotonic() > deadline:
                raise block.error(f"браузер не получил ответа: {error}") from None
        time.sleep(PAUSE_SECONDS)


def _compare(block: Block, shown: list[str], response: requests.Response) -> None:
    lines = [*map(_status, [*response.history, response]), *_text(response)]
    for number, answer in enumerate([*response.history, response]):
        if number < len(shown) and (wanted := SECONDS.search(shown[number])):
            seconds = int(answer.elapsed.total_seconds())
            is_near = 0 <= seconds - int(wanted[1]) < SLACK_SECONDS
            lines[number] += wanted[0] if is_near else f" ({seconds} с)"
    _compare_lines(block, shown, lines)


def _status(response: requests.Response) -> str:
    if response.is_redirect:
        return f"{response.status_code} → {response.headers['Location']}"
    return f"{response.status_code} {response.reason}"


def _text(response: requests.Response) -> list[str]:
    if response.headers.get("Content-Type", "").startswith("text/html"):
        return lines_of(response.text)
    return response.text.splitlines()


def _compare_lines(block: Block, shown: list[str], lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    if not expected.matches(shown, text):
        raise expected.explain(block, len(block.lines) - len(shown), shown, text)


def _open_websocket(
    block: Block, learner: Learner, url: str, headers: dict[str, str], shown: list[str]
) -> None:
    """Do what `new WebSocket(url)` does in a page of the site, until the messages have come."""
    origin = Origin(headers.pop("Origin", _site(url.replace("ws:", "http:"))))
    try:
        socket = connect(url, origin=origin, additional_headers=headers, proxy=None)
    except InvalidStatus as refusal:
        status = f"{refusal.response.status_code} {refusal.response.reason_phrase}"
        _compare_lines(block, shown, [status])
        return
    except (OSError, InvalidHandshake) as error:
        raise block.error(f"браузер не получил ответа: {error}") from None
    lines = ["101 Switching Protocols"]
    deadline = time.monotonic() + learner.deadline
    with socket:
        while not expected.pattern(shown).match("".join(f"{line}\n" for line in lines)):
            try:
                lines.append(str(socket.recv(max(0, deadline - time.monotonic()))))
            except (TimeoutError, ConnectionClosed):
                _compare_lines(block, shown, lines)
                return
