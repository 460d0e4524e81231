"""Chromium for the browser tests: people, their pages, what these write to the console."""

import json
import threading
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

from workshop.check.inside.chromium import HOW_TO_INSTALL, find_browser
from workshop.lesson.project import copy_step
from workshop.processes.ports import free_port
from workshop.processes.private_redis import start_redis
from workshop.steps import find_step

from ..conftest import Process
from .sites import HTML_JOKE, Site, tls_proxy


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


@pytest.fixture(scope="module")
def find_site(tmp_path_factory):
    """Return a step's site with a Redis of its own; the first test that asks starts it."""
    directory = tmp_path_factory.mktemp("sites")
    sites, processes = {}, []

    def start(command, *, cwd, **options):
        processes.append(Process(command, cwd=cwd, **options))
        return processes[-1]

    def find_site(step):
        if step not in sites:
            copy_step(find_step(step), directory / step, tests=False)
            redis = start_redis(partial(start, cwd=directory), directory / f"{step}_redis")
            sites[step] = Site(start, directory / step, free_port(), *redis)
        return sites[step]

    yield find_site
    for process in processes:
        process.kill_all()


@contextmanager
def _whole(site):
    """Lend a test the site, whatever the test before has done to it."""
    if not site.process.runs():
        site.start()
    site.redis.flushall()
    yield site
    if site.worker:
        site.worker.kill()


@pytest.fixture
def whole_site(find_site):
    """Return a step's site as if no test had used it yet."""
    with ExitStack() as stack:
        yield lambda step: stack.enter_context(_whole(find_site(step)))


@pytest.fixture
def mail_site(whole_site):
    return whole_site("03")


@pytest.fixture
def jokes_site(whole_site):
    return whole_site("05")


@pytest.fixture
def site_without_redis(whole_site, monkeypatch):
    """The site of step 03 while nobody listens where its Redis should be."""
    site = whole_site("03")
    site.stop()
    with monkeypatch.context() as context:
        context.setattr(site, "redis_url", f"redis://127.0.0.1:{free_port()}")
        site.start()
        yield site
        site.stop()


@pytest.fixture
def html_joke():
    """The address of an API whose only joke is HTML, and that joke."""

    class Request(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            answer = {"type": "success", "value": {"id": 1, "joke": HTML_JOKE}}
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *arguments):
            """Keep the test's output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Request) as server:
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", HTML_JOKE
        server.shutdown()


@pytest.fixture
def https(tmp_path):
    """Serve a site over HTTPS as well. Returns the address."""
    with ExitStack() as stack:
        yield lambda port: stack.enter_context(tls_proxy(port, tmp_path))
