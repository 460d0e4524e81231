"""A pytest plugin: the learner's pages, opened in Chromium. It runs in a step's tests."""

# Playwright is loaded only if a browser starts.
from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from chromium import (  # type: ignore[import-not-found]  # beside this file
    HOW_TO_INSTALL,
    Loop,
    find_browser,
)
from django.contrib.staticfiles import finders
from facts import inside  # type: ignore[import-not-found]  # beside this file

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext
    from playwright.async_api import Page as PlaywrightPage

SECONDS = 12
# A page that waits for the answer to its form says nothing; others answer at once.
ANSWER_SECONDS = 2
PAUSE_SECONDS = 0.2


class Page:
    """A page of the learner's site."""

    def __init__(self, loop: Loop, context: BrowserContext, address: str) -> None:
        self._loop = loop
        self._errors: list[str] = []
        self._page = loop.run(self._open(context, address))

    async def _open(self, context: BrowserContext, address: str) -> PlaywrightPage:
        page = await context.new_page()
        # Playwright's own event does not say where a script has an error of syntax.
        session = await context.new_cdp_session(page)
        session.on("Runtime.exceptionThrown", self._note_error)
        await session.send("Runtime.enable")
        await page.goto(address)
        return page

    def texts(self, selector: str) -> list[str]:
        """Return the texts that a person sees there; between two pages there are none."""
        from playwright.async_api import Error

        with suppress(Error, TimeoutError):
            there = self._page.locator(selector)
            texts: list[str] = self._loop.run(there.all_inner_texts(), ANSWER_SECONDS)
            return texts
        return []

    def send_form(self, **fields: str) -> None:
        """Fill in the form of the page and send it."""
        for name, value in fields.items():
            self._loop.run(self._page.locator(f"[name={name}]").fill(value))
        self._loop.run(self._page.locator("button").click())

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
            if self._errors:
                processes.fail(shows(self._errors[0]))
            # Looking without a pause would take a whole processor from the site and its page.
            time.sleep(PAUSE_SECONDS)
            return False

        processes.wait_until(is_over, lambda: shows(hint), SECONDS)

    def _note_error(self, event: dict[str, Any]) -> None:
        """Note which error of a script of the project the browser has met."""
        details = event["exceptionDetails"]
        _, _, static = urlsplit(details.get("url", "")).path.partition("/static/")
        if static:
            path = inside(finders.find(static) or "") or static
            value = details.get("exception", {})
            said = str(value.get("description", value.get("value"))).partition("\n")[0]
            # The first line of a script is line 0 here.
            line = details["lineNumber"] + 1
            self._errors.append(
                f"Браузер не выполняет `{path}`, строка {line}: {details['text']} {said}."
            )


@pytest.fixture(scope="session")
def chromium() -> Iterator[tuple[Loop, Browser]]:
    if not (path := find_browser()):
        pytest.skip(HOW_TO_INSTALL)
    from playwright.async_api import Error, async_playwright

    loop = Loop()
    playwright = loop.run(async_playwright().start())
    try:
        browser = loop.run(playwright.chromium.launch(executable_path=path))
    except Error as error:
        pytest.skip(f"браузер не запускается: {error.message.splitlines()[0]}")
    else:
        yield loop, browser
    finally:
        loop.run(playwright.stop())
        loop.end()


@pytest.fixture
def open_in_browser(chromium: tuple[Loop, Browser]) -> Iterator[Callable[[str], Page]]:
    """Return the function that opens an address in a new tab."""
    loop, browser = chromium
    context = loop.run(browser.new_context())
    context.set_default_timeout(SECONDS * 1000)
    yield partial(Page, loop, context)
    loop.run(context.close())
