"""Chromium for a lesson: its tabs, what their pages show, and their consoles."""

import json
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from playwright.async_api import Error, Page, async_playwright

from workshop.check.inside.chromium import Loop, find_browser

PAUSE_SECONDS = 0.2
# After so long a person loads a page again: a site that restarts can leave it unanswered.
PATIENCE_SECONDS = 30
# So long a page may be silent before it is taken for one that waits for the next one.
ANSWER_SECONDS = 1
# Chromium keeps a socket there, and the path of a socket has to be shorter than 108 bytes.
LONGEST_DIRECTORY = 50
VISIBLE = "document.body ? document.body.innerText : ''"
BUTTON = """\
({form}) =>
form && form.querySelector("button:not([type=button]):not([type=reset]),[type=submit]")
"""
MESSAGES = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")

Value = TypeVar("Value")


class NoChromium(Exception):
    """Chromium is not there or does not start; the message says why, in Russian."""


class Silence(Exception):
    """A page does not answer: it is busy, or the next one is on its way."""


class Tabs:
    """One browser, in which each number of the lesson has a tab."""

    def __init__(self, environment: dict[str, str]) -> None:
        """Start the browser. Raises NoChromium."""
        if not (path := find_browser()):
            raise NoChromium
        base = tempfile.gettempdir()
        self._directory = tempfile.TemporaryDirectory(
            prefix="tab-",
            dir=base if len(base) < LONGEST_DIRECTORY else "/tmp",
            ignore_cleanup_errors=True,
        )
        own = {"HOME": self._directory.name, "TMPDIR": self._directory.name}
        self._loop = Loop()
        self._playwright = self._loop.run(async_playwright().start())
        start = self._playwright.chromium.launch(
            executable_path=path,
            env={**environment, **own},
            # A proxy of the machine's user knows nothing of these servers.
            args=["--no-proxy-server"],
        )
        try:
            self._context = self._loop.run(
                self._loop.run(start).new_context(ignore_https_errors=True)
            )
        except Error as error:
            self.end()
            raise NoChromium(reason(error)) from None
        # What each page has shown last.
        self._seen: dict[str, str] = {}
        self._pages: dict[str, Page] = {}
        # What an expression typed into a console has shown: the document, the time, the text.
        self._results: list[tuple[str, float, str]] = []

    def __contains__(self, number: str) -> bool:
        """Tell whether a tab is open."""
        return number in self._pages

    def open(self, number: str, address: str, deadline: float) -> None:
        """Open an address, in a new tab if there is none of this number.

        A server that has just been started may not answer yet, so it is patient: up to the
        deadline in seconds. Raises TimeoutError if no page has come then.
        """
        if number not in self._pages:
            self._pages[number] = self._run(self._context.new_page())
        self._navigate(number, partial(_go_to, self._pages[number], address), deadline)

    def reload(self, number: str, deadline: float, *, anew: bool = False) -> None:
        """Load the page again, as patiently; all of it anew if wanted. Raises TimeoutError."""
        self._navigate(number, partial(_reload, self._pages[number], anew), deadline)

    def close(self, number: str) -> None:
        """Close a tab."""
        self._run(self._pages.pop(number).close())

    def text(self, number: str) -> str:
        """Return the lines that a person sees on the page.

        A page that waits for its form's answer says nothing, but it is still to be seen.
        """
        with suppress(Silence):
            text = self._ask(self._pages[number].evaluate(VISIBLE))
            lines = (" ".join(line.split()) for line in text.splitlines())
            self._seen[number] = "".join(f"{line}\n" for line in lines if line)
        return self._seen.get(number, "")

    def missing(self, number: str, names: list[str]) -> list[str]:
        """Return those of the names that no field of the page has."""
        page = self._pages[number]
        return [name for name in names if not self._run(page.locator(_field(name)).count())]

    def send_form(self, number: str, fields: dict[str, str]) -> bool:
        """Fill in the fields and click on the button of their form.

        Returns whether there was a button. Does not wait for the next page.
        """
        self.text(number)
        return self._run(_send_form(self._pages[number], fields))

    def type(self, number: str, expression: str, deadline: float) -> None:
        """Type an expression into the tab's console, which shows its value or its error.

        Raises Silence if there is none up to the deadline in seconds.
        """
        # As the console of DevTools does it: `let` and `await` are possible.
        parameters = {"expression": expression, "replMode": True, "userGesture": True}
        came = self._ask(_send(self._pages[number], "Runtime.evaluate", parameters), deadline)
        details = came.get("exceptionDetails")
        text = _exception(details) if details else _shown(came["result"])
        self._results.append((self._document(number), time.time() * 1000, text))

    def console(self, number: str) -> list[str]:
        """Return the lines of a tab's console since its page was opened, oldest first."""
        document = self._document(number)
        timed = [(when, text) for where, when, text in self._results if where == document]
        with suppress(Silence):
            timed += self._ask(_messages(self._pages[number]))
        timed.sort(key=lambda pair: pair[0])
        return [line for _, text in timed for line in text.splitlines()]

    def end(self) -> None:
        """Close the browser."""
        with suppress(Error, TimeoutError):
            self._run(self._playwright.stop())
        self._loop.end()
        self._directory.cleanup()

    def _run(self, action: Coroutine[Any, Any, Value]) -> Value:
        """Return what an action results in. Raises TimeoutError if the page has crashed."""
        return self._loop.run(action, PATIENCE_SECONDS)

    def _ask(
        self, answer: Coroutine[Any, Any, Value], seconds: float = ANSWER_SECONDS
    ) -> Value:
        """Return what a page answers. Raises Silence if it is too late."""
        try:
            return self._loop.run(answer, seconds)
        except (Error, TimeoutError):
            raise Silence from None

    def _navigate(
        self, number: str, load: Callable[[float], Coroutine[Any, Any, None]], deadline: float
    ) -> None:
        """Load an address, or the page again, until a page has come, and its scripts."""
        self._seen.pop(number, None)
        end = time.monotonic() + deadline
        while (left := end - time.monotonic()) > 0:
            seconds = min(left, PATIENCE_SECONDS)
            # The browser has a page of its own about a site that does not answer; and one that
            # has crashed says nothing, not even that it has.
            with suppress(Error, TimeoutError):
                return self._loop.run(load(1000 * seconds), seconds + ANSWER_SECONDS)
            time.sleep(PAUSE_SECONDS)
        raise TimeoutError

    def _document(self, number: str) -> str:
        """What distinguishes the page from any other that comes into the tab."""
        with suppress(Silence):
            tree = self._ask(_send(self._pages[number], "Page.getFrameTree"))
            return str(tree["frameTree"]["frame"]["loaderId"])
        return ""


async def _go_to(page: Page, address: str, milliseconds: float) -> None:
    await page.goto(address, timeout=milliseconds)


async def _reload(page: Page, anew: bool, milliseconds: float) -> None:
    async with page.expect_navigation(timeout=milliseconds):
        await _send(page, "Page.reload", {"ignoreCache": anew})


async def _send_form(page: Page, fields: dict[str, str]) -> bool:
    for name, value in fields.items():
        field = page.locator(_field(name))
        await field.fill(value)
    button = (await field.evaluate_handle(BUTTON)).as_element()
    if button:
        # A page may answer after 20 seconds, and meanwhile the old one is to be seen.
        await button.click(no_wait_after=True)
    return bool(button)


async def _send(
    page: Page, method: str, parameters: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Send a command of the DevTools protocol to a page. Returns what it results in."""
    session = await page.context.new_cdp_session(page)
    result: dict[str, Any] = await session.send(method, parameters)
    await session.detach()
    return result


async def _messages(page: Page) -> list[tuple[float, str]]:
    """Return the times and the texts of the messages in a page's console.

    Chromium sends what it has kept, as it does to DevTools that are opened late.
    """
    messages: list[tuple[float, str]] = []
    session = await page.context.new_cdp_session(page)
    for method in MESSAGES:
        session.on(
            method, lambda event, method=method: messages.extend(_message(method, event))
        )
    for domain in ("Runtime", "Log"):
        await session.send(f"{domain}.enable")
    await session.detach()
    return messages


def _field(name: str) -> str:
    return f"[name={json.dumps(name)}] >> nth=0"


def reason(error: Error) -> str:
    """Return the first line of what Playwright says."""
    return error.message.partition("\n")[0]


def _message(method: str, parameters: dict[str, Any]) -> Iterator[tuple[float, str]]:
    """Yield the time and the text of a message, if an event of the protocol is one."""
    if method == "Runtime.consoleAPICalled":
        yield parameters["timestamp"], " ".join(map(_shown, parameters["args"]))
    elif method == "Runtime.exceptionThrown":
        yield parameters["timestamp"], _exception(parameters["exceptionDetails"])
    elif method == "Log.entryAdded":
        yield parameters["entry"]["timestamp"], parameters["entry"]["text"]


def _shown(value: dict[str, Any]) -> str:
    """Return what the console shows of a value: a text without its quotes."""
    if value["type"] == "string":
        return str(value["value"])
    if value["type"] == "undefined":
        return "undefined"
    return str(value.get("description") or json.dumps(value.get("value")))


def _exception(details: dict[str, Any]) -> str:
    """Return what the console shows of an exception, without where it comes from."""
    value = _shown(details["exception"]) if "exception" in details else ""
    return f"{details['text']} {value}".strip().partition("\n")[0]
