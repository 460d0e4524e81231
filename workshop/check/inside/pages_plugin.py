"""A pytest plugin: the learner's pages, opened in Chromium. It runs in a step's tests."""

# Without an annotation that is evaluated, selenium's half is loaded only if a browser starts.
from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module

import pytest
from chromium import (  # type: ignore[import-not-found]  # beside this file
    HOW_TO_INSTALL,
    find_chromium,
    make_options,
)
from django.contrib.staticfiles import finders
from facts import inside  # type: ignore[import-not-found]  # beside this file
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By

# An error of a script: the path of the script, the line and the message.
SCRIPT_ERROR = re.compile(r"http://\S+/static/(\S+) (\d+):\d+ (Uncaught .*)")
SECONDS = 12
PAUSE_SECONDS = 0.2
TEXTS = "return [...document.querySelectorAll(arguments[0])].map(found => found.innerText)"


class Page:
    """A tab with a page of the learner's site."""

    def __init__(self, driver: webdriver.Chrome, address: str) -> None:
        self.driver = driver
        driver.switch_to.new_window("tab")
        self.tab = driver.current_window_handle
        driver.get(address)

    def texts(self, selector: str) -> list[str]:
        """Return the texts that a person sees there; between two pages there are none."""
        with suppress(WebDriverException):
            self.driver.switch_to.window(self.tab)
            texts: list[str] = self.driver.execute_script(TEXTS, selector)
            return texts
        return []

    def send_form(self, **fields: str) -> None:
        """Fill in the form of the page and send it."""
        for name, value in fields.items():
            self.driver.find_element(By.NAME, name).send_keys(value)
        self.driver.find_element(By.CSS_SELECTOR, "button").click()

    def wait_for(self, is_there: Callable[[], object], hint: str, shown: str) -> None:
        """Wait for a condition; the test fails with the hint and what the page shows there.

        An error of a script ends it at once.
        """
        __tracebackhide__ = True
        processes = import_module("tests.processes")

        def shows(reason: str) -> str:
            texts = "», «".join(text.rstrip(".") for text in self.texts(shown)[:3])
            return f"{reason} Страница показывает: «{texts}»."

        def is_over() -> bool:
            if is_there():
                return True
            if error := self._script_error():
                processes.fail(shows(error))
            # Looking without a pause would take a whole processor from the site and its page.
            time.sleep(PAUSE_SECONDS)
            return False

        processes.wait_until(is_over, lambda: shows(hint), SECONDS)

    def _script_error(self) -> str:
        """Say which error of a script the browser has met first, if any."""
        for entry in _console(self.driver):
            if error := SCRIPT_ERROR.match(entry):
                path = inside(finders.find(error[1]) or "") or error[1]
                # The first line of a script is line 0 here.
                line = int(error[2]) + 1
                return f"Браузер не выполняет `{path}`, строка {line}: {error[3]}."
        return ""


@pytest.fixture(scope="session")
def chromium() -> Iterator[webdriver.Chrome]:
    if not (found := find_chromium()):
        pytest.skip(HOW_TO_INSTALL)
    browser, driver = found
    try:
        service = webdriver.ChromeService(driver)
        chromium = webdriver.Chrome(make_options(browser), service)
    except WebDriverException as error:
        pytest.skip(f"chromium не запускается: {(error.msg or '').splitlines()[0]}")
    with chromium:
        yield chromium


@pytest.fixture
def open_in_browser(chromium: webdriver.Chrome) -> Iterator[Callable[[str], Page]]:
    """Return the function that opens an address in a new tab."""
    empty = chromium.current_window_handle
    _console(chromium)
    pages: list[Page] = []

    def open_in_browser(address: str) -> Page:
        pages.append(Page(chromium, address))
        return pages[-1]

    yield open_in_browser
    for page in pages:
        chromium.switch_to.window(page.tab)
        chromium.close()
    chromium.switch_to.window(empty)


def _console(driver: webdriver.Chrome) -> list[str]:
    """Return what any tab has written to the console since the last call."""
    return [entry["message"] for entry in driver.get_log("browser")]  # type: ignore[no-untyped-call]
