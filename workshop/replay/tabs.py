"""Chromium for a lesson: its tabs, what their pages show, and their consoles."""

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from workshop.check.inside.chromium import find_chromium, make_options

PAUSE_SECONDS = 0.2
# After so long a person loads a page again: a site that restarts can leave it unanswered.
PATIENCE_SECONDS = 30
# So long a page may be silent before it is taken for one that waits for the next one.
ANSWER_SECONDS = 1
# Chromium keeps a socket there, and the path of a socket has to be shorter than 108 bytes.
LONGEST_DIRECTORY = 50
VISIBLE = "document.body ? document.body.innerText : ''"
BUTTON = """\
const form = arguments[0].form;
return form && form.querySelector("button:not([type=button]):not([type=reset]),[type=submit]");
"""


# The name of a command of the DevTools protocol, and its parameters.
Command = tuple[str, dict[str, Any]]


class NoChromium(Exception):
    """Chromium is not there or does not start; the message says why, in Russian."""


class Silence(Exception):
    """A page does not answer: it is busy, or the next one is on its way."""


class Tabs:
    """One browser, in which each number of the lesson has a tab."""

    def __init__(self, environment: dict[str, str]) -> None:
        """Start the browser. Raises NoChromium."""
        if not (found := find_chromium()):
            raise NoChromium
        chromium, driver = found
        base = tempfile.gettempdir()
        self._directory = tempfile.TemporaryDirectory(
            prefix="tab-",
            dir=base if len(base) < LONGEST_DIRECTORY else "/tmp",
            ignore_cleanup_errors=True,
        )
        directory = self._directory.name
        options = make_options(chromium)
        # A proxy of the machine's user knows nothing of these servers.
        options.add_argument("--no-proxy-server")
        # Otherwise it shows the old page again where one reloads the page of an error.
        options.add_argument("--disable-back-forward-cache")
        # A reader looks at the tab that the lesson shows; in those that nobody looks at, the
        # browser lets timers wait for up to a minute.
        options.add_argument("--disable-background-timer-throttling")
        # Nobody reads the logs of the driver.
        options.set_capability("goog:loggingPrefs", {})
        # A page may answer after 20 seconds, and meanwhile the old one is to be seen.
        options.page_load_strategy = "none"
        own = {"HOME": directory, "TMPDIR": directory}
        service = webdriver.ChromeService(driver, env=environment | own)
        try:
            self._driver = webdriver.Chrome(options, service)
        except WebDriverException as error:
            self._directory.cleanup()
            raise NoChromium(reason(error)) from None
        # What each page has shown last.
        self._seen: dict[str, str] = {}
        # The browser's own tab stays empty: without any the browser would end.
        self._handles: dict[str, str] = {}
        # What an expression typed into a console has shown: the document, the time, the text.
        self._results: list[tuple[str, float, str]] = []

    def __contains__(self, number: str) -> bool:
        """Tell whether a tab is open."""
        return number in self._handles

    def open(self, number: str, address: str, deadline: float) -> None:
        """Open an address, in a new tab if there is none of this number.

        A server that has just been started may not answer yet, so it is patient: up to the
        deadline in seconds. Raises TimeoutError if no page has come then.
        """
        if number not in self._handles:
            self._driver.switch_to.new_window("tab")
            self._handles[number] = self._driver.current_window_handle
        self._navigate(number, partial(self._driver.get, address), deadline)

    def reload(self, number: str, deadline: float, *, anew: bool = False) -> None:
        """Load the page again, as patiently; all of it anew if wanted. Raises TimeoutError."""
        load = partial(self._driver.execute_cdp_cmd, "Page.reload", {"ignoreCache": anew})
        self._navigate(number, load, deadline)

    def close(self, number: str) -> None:
        """Close a tab."""
        self._look_at(number)
        self._driver.close()
        del self._handles[number]
        # The driver would go on looking at what is no longer there.
        self._driver.switch_to.window(self._driver.window_handles[0])

    def text(self, number: str) -> str:
        """Return the lines that a person sees on the page.

        A page that waits for its form's answer says nothing, but it is still to be seen.
        """
        with suppress(Silence):
            text = self._value(number, VISIBLE)
            lines = (" ".join(line.split()) for line in text.splitlines())
            self._seen[number] = "".join(f"{line}\n" for line in lines if line)
        return self._seen.get(number, "")

    def missing(self, number: str, names: list[str]) -> list[str]:
        """Return those of the names that no field of the page has."""
        self._look_at(number)
        return [name for name in names if not self._driver.find_elements(By.NAME, name)]

    def send_form(self, number: str, fields: dict[str, str]) -> bool:
        """Fill in the fields and click on the button of their form.

        Returns whether there was a button. Does not wait for the next page.
        """
        self.text(number)
        self._look_at(number)
        for name, value in fields.items():
            element = self._driver.find_element(By.NAME, name)
            element.clear()
            element.send_keys(value)
        button = self._driver.execute_script(BUTTON, element)
        if isinstance(button, WebElement):
            button.click()
            return True
        return False

    def type(self, number: str, expression: str, deadline: float) -> None:
        """Type an expression into the tab's console, which shows its value or its error.

        Raises Silence if there is none up to the deadline in seconds.
        """
        # As the console of DevTools does it: `let` and `await` are possible.
        parameters = {"expression": expression, "replMode": True, "userGesture": True}
        came = self._ask(number, "Runtime.evaluate", parameters, deadline)
        details = came.get("exceptionDetails")
        text = _exception(details) if details else _shown(came["result"])
        self._results.append((self._document(number), time.time() * 1000, text))

    def console(self, number: str) -> list[str]:
        """Return the lines of a tab's console since its page was opened, oldest first.

        Chromium sends what it has kept, as it does to DevTools that are opened late. (The log
        of the driver is one for all tabs and does not say which of them has written a line.)
        """
        document = self._document(number)
        timed = [(when, text) for where, when, text in self._results if where == document]
        with suppress(Silence):
            commands: list[Command] = [("Runtime.enable", {}), ("Log.enable", {})]
            for event in self._talk(number, commands, ANSWER_SECONDS):
                timed += _message(event.get("method"), event.get("params", {}))
        timed.sort(key=lambda pair: pair[0])
        return [line for _, text in timed for line in text.splitlines()]

    def end(self) -> None:
        """Close the browser."""
        with suppress(WebDriverException, OSError):
            self._driver.quit()
        self._directory.cleanup()

    def _look_at(self, number: str) -> None:
        self._driver.switch_to.window(self._handles[number])

    def _talk(
        self, number: str, commands: list[Command], seconds: float
    ) -> Iterator[dict[str, Any]]:
        """Send commands of the DevTools protocol to a tab.

        The driver's own way would wait for the next page, if one has been asked for. Yields
        all that comes up to the last answer. Raises Silence if something is too late.
        """
        browser = self._driver.capabilities["goog:chromeOptions"]["debuggerAddress"]
        url = f"ws://{browser}/devtools/page/{self._handles[number]}"
        end = time.monotonic() + seconds
        try:
            with connect(url, proxy=None, max_size=None, close_timeout=0) as socket:
                for turn, (method, parameters) in enumerate(commands):
                    command = {"id": turn, "method": method, "params": parameters}
                    socket.send(json.dumps(command))
                waited = len(commands)
                while waited:
                    event = json.loads(socket.recv(max(0, end - time.monotonic())))
                    waited -= "id" in event
                    yield event
        except (OSError, WebSocketException):
            raise Silence from None

    def _ask(
        self,
        number: str,
        method: str,
        parameters: dict[str, Any],
        seconds: float = ANSWER_SECONDS,
    ) -> dict[str, Any]:
        """Send one command. Returns what it results in. Raises Silence."""
        *_, answer = self._talk(number, [(method, parameters)], seconds)
        if "result" not in answer:
            raise Silence
        result: dict[str, Any] = answer["result"]
        return result

    def _value(self, number: str, expression: str) -> str:
        """Return the value of an expression on the page. Raises Silence."""
        parameters = {"expression": expression, "returnByValue": True}
        came = self._ask(number, "Runtime.evaluate", parameters)
        return str(came["result"].get("value", ""))

    def _navigate(self, number: str, load: Callable[[], object], deadline: float) -> None:
        """Load an address, or the page again, until a page has come, and its scripts."""
        self._look_at(number)
        self._seen.pop(number, None)
        end = time.monotonic() + deadline
        while True:
            old = self._document(number)
            load()
            with suppress(TimeoutError):
                turn = min(end, time.monotonic() + PATIENCE_SECONDS)
                _wait(partial(self._has_left, number, old), turn)
                _wait(partial(self._is_complete, number), turn)
                # The browser has a page of its own about a site that does not answer.
                if "unreachableUrl" not in self._frame(number):
                    return
            if time.monotonic() > end:
                raise TimeoutError
            time.sleep(PAUSE_SECONDS)

    def _frame(self, number: str) -> dict[str, Any]:
        """What Chromium knows of a tab's page; between two pages nothing."""
        with suppress(Silence):
            frame: dict[str, Any] = self._ask(number, "Page.getFrameTree", {})["frameTree"]
            return dict(frame["frame"])
        return {}

    def _document(self, number: str) -> str:
        """What distinguishes the page from any other that comes into the tab."""
        return str(self._frame(number).get("loaderId", ""))

    def _has_left(self, number: str, document: str) -> bool:
        return self._document(number) not in ("", document)

    def _is_complete(self, number: str) -> bool:
        with suppress(Silence):
            return self._value(number, "document.readyState") == "complete"
        return False


def reason(error: WebDriverException) -> str:
    """Return the first line of what the driver says."""
    return (error.msg or "").partition("\n")[0]


def _wait(condition: Callable[[], bool], end: float) -> None:
    """Wait for a condition up to a moment of the monotonic clock. Raises TimeoutError."""
    while not condition():
        time.sleep(PAUSE_SECONDS / 4)
        if time.monotonic() > end:
            raise TimeoutError


def _message(method: str | None, parameters: dict[str, Any]) -> Iterator[tuple[float, str]]:
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
