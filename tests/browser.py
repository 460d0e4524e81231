"""Chromium for the browser tests: what a page shows, its clock, its errors and requests."""

import json
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By

from workshop.check.inside.chromium import HOW_TO_INSTALL, find_chromium, make_options

from .conftest import wait_until

PAGE_CLOCK = Path(__file__).with_name("page_clock.js").read_text(encoding="utf-8")


class Browser(webdriver.Chrome):
    """A browser whose tests each begin in a new tab."""

    def __init__(self, chromium, driver):
        options = make_options(chromium)
        # One site of the tests has a certificate of its own making.
        options.add_argument("--ignore-certificate-errors")
        super().__init__(options, webdriver.ChromeService(driver))
        self.empty_tab = self.current_window_handle

    def close_tabs(self):
        """Close whatever a test has opened."""
        for tab in set(self.window_handles) - {self.empty_tab}:
            self.switch_to.window(tab)
            self.close()
        self.switch_to.window(self.empty_tab)

    def text(self, selector="body"):
        """The text that a person sees; between two pages there is none."""
        with suppress(WebDriverException):
            return self.find_element(By.CSS_SELECTOR, selector).text
        return ""

    def see(self, text, seconds=15):
        """Wait until the page shows a text."""
        wait_until(
            lambda: text in self.text(),
            seconds,
            lambda: f"{text!r} on the page:\n{self.text()}",
            pause=0.25,
        )

    def texts(self, selector):
        return [element.text for element in self.find_elements(By.CSS_SELECTOR, selector)]

    def ask(self, expression):
        """The value of a JavaScript expression on the page."""
        return self.execute_script(f"return {expression}")

    def stop_clock(self):
        """From the next page on, time in this tab passes only when the test says so."""
        script = {"source": PAGE_CLOCK}
        self.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", script)

    def pass_time(self, milliseconds):
        """Let the page's stopped clock go on."""
        self.execute_script("pageClock.pass(arguments[0])", milliseconds)

    def waits(self):
        """What the page's timers wait for, in milliseconds by the stopped clock."""
        return self.ask("pageClock.waits()")

    def next_wait(self):
        """Wait until the page has exactly one timer. Returns its milliseconds."""
        wait_until(lambda: len(self.waits()) == 1, 10, lambda: f"one timer: {self.waits()}")
        return self.waits()[0]

    def console(self):
        """What was written to the console of any tab since the last call."""
        return [entry["message"] for entry in self.get_log("browser")]

    def requested_hosts(self):
        """The hosts that any tab has asked for anything since the last call."""
        hosts = set()
        for entry in self.get_log("performance"):
            event = json.loads(entry["message"])["message"]
            if event["method"] in ("Network.requestWillBeSent", "Network.webSocketCreated"):
                parameters = event["params"]
                url = urlsplit(parameters.get("request", parameters)["url"])
                if url.scheme != "data":
                    hosts.add(url.hostname)
        return hosts


@pytest.fixture(scope="module")
def chromium():
    if not (found := find_chromium()):
        pytest.skip(HOW_TO_INSTALL)
    with Browser(*found) as browser:
        yield browser


@pytest.fixture
def expected_errors():
    """Parts of console messages that a test provokes."""
    return []


# `start` is asked for so that the tabs close before the servers of the test are killed.
@pytest.fixture
def browser(chromium, start, expected_errors):
    """A new tab; no test leaves errors in the console or makes a page call other servers."""
    chromium.switch_to.new_window("tab")
    chromium.console(), chromium.requested_hosts()
    yield chromium
    console, hosts = chromium.console(), chromium.requested_hosts()
    chromium.close_tabs()
    errors = [line for line in console if not any(part in line for part in expected_errors)]
    assert not errors, "Errors in the browser's console"
    assert hosts == {"127.0.0.1"}, "A page calls other servers"
