"""Chromium for the browser tests: people, their pages, what these write to the console."""

from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

from workshop.check.inside.chromium import HOW_TO_INSTALL, find_browser


class Visitors:
    """People with a browser each, which shares nothing with the others' but its window.

    What their pages write to the console and which hosts they ask is kept.
    """

    def __init__(self, chromium):
        self.chromium = chromium
        self.console, self.hosts = [], set()
        self.contexts = ExitStack()

    def open_page(self, **options):
        """Open an empty page in a new context of the browser."""
        # One site of the tests has a certificate of its own making.
        context = self.chromium.new_context(ignore_https_errors=True, **options)
        self.contexts.enter_context(context)
        context.on("console", lambda message: self.console.append(message.text))
        context.on("weberror", lambda error: self.console.append(str(error.error)))
        context.on("request", self._note_host)
        context.on("page", lambda page: page.on("websocket", self._note_host))
        return context.new_page()

    def _note_host(self, request):
        url = urlsplit(request.url)
        if url.scheme != "data":
            self.hosts.add(url.hostname)

    def leave(self, expected_errors):
        """Close all pages; none may leave errors in the console or call other servers."""
        self.contexts.close()
        errors = [
            line for line in self.console if not any(part in line for part in expected_errors)
        ]
        assert not errors, "Errors in the browser's console"
        assert self.hosts == {"127.0.0.1"}, "A page calls other servers"


@pytest.fixture(scope="module")
def chromium():
    if not (path := find_browser()):
        pytest.skip(HOW_TO_INSTALL)
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path)


@pytest.fixture
def expected_errors():
    """Parts of console messages that a test provokes."""
    return []


# `start` is asked for so that the pages close before the servers of the test are killed.
@pytest.fixture
def visitors(chromium, start, expected_errors):
    visitors = Visitors(chromium)
    yield visitors
    visitors.leave(expected_errors)


@pytest.fixture
def page(visitors):
    return visitors.open_page()
