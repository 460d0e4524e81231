"""The tab blocks: pages in Chromium, whose JavaScript runs and changes them."""

import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from workshop.check.inside import chromium
from workshop.lesson.course import complaints
from workshop.lesson.errors import LessonError
from workshop.replay.tabs import Tabs

from .conftest import free_port  # noqa: F401
from .replay_lessons import run_lesson, write_lesson

FORM = """\
<h1>Отзыв</h1>
<form method="post"><input type="hidden" name="token" value="secret">
<label>Почта: <input name="email" value="чужое"></label><br>
<button type="button">Ничего</button><br><button>Отправить</button></form>
<p hidden>Не видно</p>"""
CHANGING = """\
<h1>Шутки</h1><p id="state">Соединяюсь…</p><ul></ul><script>
console.log("загружается", 1);
function show(text) { document.querySelector("#state").textContent = text; }
setTimeout(() => { show("Связь есть."); console.warn("связь есть"); }, 700);
const list = document.querySelector("ul");
setTimeout(() => { list.innerHTML = "<li>Раз <b>два</b><li>Три"; }, 1200);
Promise.reject(new Error("никто не ждёт"));
</script>"""
CHANGED = "Шутки\nСвязь есть.\nРаз два\nТри"

needs_chromium = pytest.mark.skipif(not chromium.find_browser(), reason=chromium.HOW_TO_INSTALL)


class Site(BaseHTTPRequestHandler):
    """A form that is answered late, a page that changes, one that counts its visits."""

    visits = 0
    # Chromium opens a connection in advance; it must not outlive a server that is stopped.
    timeout = 0.3

    def do_GET(self):
        pages = {
            "/": FORM,
            "/changing": CHANGING,
            "/buttonless": "<form><input name='a'></form>",
        }
        if self.path in ("/count", "/slow"):
            Site.visits += 1
        time.sleep(0.5 if self.path == "/slow" else 0)
        self.answer(pages.get(self.path, f"<p>Просмотров: {Site.visits}</p>"))

    def do_POST(self):
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        time.sleep(1)
        self.answer(f"<p>Спасибо, {sent['email'][0]}! {sent['token'][0]}</p>")

    def answer(self, page):
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *arguments):
        pass


def serve(port=0):
    server = ThreadingHTTPServer(("127.0.0.1", port), Site)
    threading.Thread(target=server.serve_forever).start()
    return server


def stop(server):
    server.shutdown()
    server.server_close()


@pytest.fixture
def site():
    Site.visits = 0
    server = serve()
    yield f"http://localhost:{server.server_port}"
    stop(server)


@pytest.fixture(scope="module")
def tabs():
    tabs = Tabs(dict(os.environ))
    yield tabs
    tabs.end()


@pytest.fixture
def one_browser(tabs, monkeypatch):
    """The lessons share a browser, which takes two seconds to start; each closes its tabs."""

    def end():
        for number in [*tabs._pages]:
            tabs.close(number)

    monkeypatch.setattr("workshop.replay.learner.Tabs", lambda environment: tabs)
    monkeypatch.setattr(tabs, "end", end)


def tab(does, shows="", number=1):
    """Return the text of a tab block with its introduction."""
    return f"Вкладка {number}:\n\n```text tab={number}\n{does}\n\n{shows}\n```\n\n"


def tab_console(lines, number=1):
    return f"Консоль вкладки {number}:\n\n```text console={number}\n{lines}\n```\n\n"


def fails(root, text, message, deadline=1.5):
    """Replay a lesson that must fail; the message is a regular expression."""
    with pytest.raises(LessonError, match=message):
        run_lesson(root, text, deadline=deadline)


@needs_chromium
@pytest.mark.usefixtures("one_browser")
def test_shows_pages_that_change(tmp_path, site):
    text = (
        tab(f"{site}/changing", "Шутки\nСоединяюсь…")
        + tab("(эта же страница)", CHANGED)
        + tab("(обновить)", "...\nСоединяюсь…")
        + tab("(эта же страница)", "Шутки\n...\nТри")
        + tab(f"{site}/count", "Просмотров: 1", 2)
        + tab("(обновить)", "Просмотров: 2", 2)
        + tab(f"{site.replace('localhost', 'evil.localhost')}/count", "Просмотров: ...", 3)
        + tab("(эта же страница)", CHANGED)
    )
    assert run_lesson(tmp_path, text) == (8, [])


@needs_chromium
@pytest.mark.usefixtures("one_browser")
def test_sends_forms_without_waiting_for_the_answer(tmp_path, site):
    text = (
        tab(f"{site}/", "Отзыв\nПочта:\nНичего\nОтправить")
        # While the answer is awaited, the old page is what one sees.
        + tab(f"{site}/\nemail: анна@example.com", "Отзыв\n...")
        + tab("(эта же страница)", "Спасибо, анна@example.com! secret")
        + tab(f"{site}/\nemail: b@example.com", "Спасибо, b@example.com! secret", 2)
    )
    assert run_lesson(tmp_path, text) == (4, [])


@needs_chromium
@pytest.mark.usefixtures("one_browser")
def test_each_tab_has_a_console(tmp_path, site):
    text = (
        tab(f"{site}/changing", "...\nСвязь есть.\n...")
        + tab(f"{site}/\n> console.error('другая')\n> let a = 20\n> a + 22", "Отзыв\n...", 2)
        + tab_console("загружается 1\nUncaught (in promise) Error: никто не...\nсвязь есть")
        + tab_console("другая\nundefined\n42", 2)
        + tab(f"> fetch('{site}/count', {{mode: 'no-cors'}})", "Шутки\n...")
        + tab(f"{site}/count", "Просмотров: 2", 2)
        + tab("> document.body.textContent = nothing", "Просмотров: 2", 2)
        + tab_console("Uncaught ReferenceError: nothing is not defined", 2)
        + tab("(обновить)\n> new WebSocket('ws://localhost:9/')", "Просмотров: 3", 2)
        + tab_console("...\nWebSocket connection to 'ws://localhost:9/' failed: ...", 2)
    )
    assert run_lesson(tmp_path, text) == (10, [])


@needs_chromium
@pytest.mark.usefixtures("one_browser")
def test_a_console_begins_anew_with_the_page(tmp_path, site):
    text = (
        tab(f"{site}/\n> console.log('старое')", "Отзыв\n...")
        + tab_console("старое")
        + tab("(обновить)\n> console.log('новое')", "Отзыв\n...")
        + tab_console("новое")
        + tab_console("старое")
    )
    message = r":36: .*ожидалось:\n +старое\nпришло:\n +новое\n +undefined$"
    fails(tmp_path, text, message)


@needs_chromium
@pytest.mark.usefixtures("one_browser")
def test_waits_for_a_server_that_starts(tmp_path, free_port):  # noqa: F811
    servers = []
    timer = threading.Timer(2, lambda: servers.append(serve(free_port)))
    timer.start()
    try:
        text = tab(f"http://localhost:{free_port}/", "Отзыв\n...") + tab("(закрыть)").replace(
            "\n\n\n```", "\n```"
        )
        assert run_lesson(tmp_path, text) == (2, [])
    finally:
        timer.join()
        for server in servers:
            stop(server)


@needs_chromium
def test_reloads_when_the_server_is_back(free_port):  # noqa: F811
    Site.visits = 0
    tabs = Tabs(dict(os.environ))
    try:
        server = serve(free_port)
        tabs.open("1", f"http://localhost:{free_port}/count", 10)
        assert tabs.text("1") == "Просмотров: 1\n"
        stop(server)
        timer = threading.Timer(2, lambda: servers.append(serve(free_port)))
        servers = []
        timer.start()
        tabs.reload("1", 10)
        # Not the old page, which Chromium has kept for who goes back to it.
        assert tabs.text("1") == "Просмотров: 2\n"
        timer.join()
        stop(servers[0])
        time.sleep(2 * Site.timeout)
        with pytest.raises(TimeoutError):
            tabs.reload("1", 1)
    finally:
        tabs.end()


@needs_chromium
@pytest.mark.usefixtures("one_browser")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            tab("{site}/changing", "Шутки\nСвязь есть.\nПять\nТри"),
            r":8: за 1.5 с не дождались; ожидалось:\n +Пять\n +Три\nпришло:\n +Шутки\n +Связь",
        ),
        (tab("{site}/", "Отзыв\nПочта:"), r":7: .*ожидалось:\n +\(больше ничего\)\nпришло:"),
        (tab("{site}/\nphone: 1", "Отзыв"), r":4: на странице нет полей: phone"),
        (tab("{site}/buttonless\na: 1", "Отзыв"), r":4: у формы нет кнопки"),
        (tab("http://localhost:9/", "Отзыв"), r":4: за 1.5 с страница не открылась, браузер"),
        (
            tab("{site}/", "Отзыв\n...")
            + "Вкладка 1:\n\n```text tab=1\n(закрыть)\n```\n\n"
            # An open tab that is closed is no tab any more.
            + tab("(эта же страница)", "Отзыв\n..."),
            r":19: вкладка 1 не открыта",
        ),
        (
            # The old page is not taken for the new one.
            tab("{site}/slow", "Просмотров: 1") + tab("(обновить)", "Просмотров: 1"),
            r":14: .*\n +Просмотров: 1\nпришло:\n +Просмотров: 2",
        ),
        (tab_console("загружается"), r":3: вкладка 1 не открыта"),
        (
            tab("{site}/changing", CHANGED) + tab_console("связь есть\nзагружается 1"),
            r":16: за 1.5 с не дождались; ожидалось:\n +загружается 1\nпришло:",
        ),
    ],
)
def test_the_tabs_compare(tmp_path, site, text, message):
    fails(tmp_path, text.replace("{site}", site), message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (tab("(обновить)", "а").replace("Вкладка 1:", "Во вкладке 1:"), r":3: .*«Вкладка 1:»"),
        (tab("(обновить)", "а").replace("Вкладка 1", "Вкладка 2"), r":3: .*«Вкладка 1:»"),
        (tab_console("а").replace("Консоль вкладки", "Вкладка"), r":3: .*«Консоль вкладки 1:»"),
        (tab("http://example.com/", "а"), r":4: непонятное действие"),
        (tab("(обновить вкладку)", "а"), r":4: непонятное действие"),
        (tab("http://localhost:1/\nпочта", "а"), r":5: непонятная строка"),
        (tab("http://localhost:1/\n> 1\nemail: a", "а"), r":6: непонятная строка"),
        (tab("http://localhost:1/", "..."), r":3: после пустой строки нужен текст"),
        (tab("http://localhost:1/", "а\n\nб"), r":7: пустых строк"),
        (tab("http://localhost:1/"), r":3: после пустой строки нужен текст"),
        (tab("(закрыть)", "а"), r":5: после \(закрыть\)"),
    ],
)
def test_what_can_not_be_done_is_known_before_anything_runs(tmp_path, text, message):
    errors = complaints(write_lesson(tmp_path, text, {}, {}))
    with pytest.raises(LessonError, match=message):
        raise errors[-1]


def test_without_chromium_the_error_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setattr("workshop.replay.tabs.find_browser", lambda: None)
    text = tab("http://localhost:1/", "а")
    fails(tmp_path, text, r":3: нет ни chromium, ни google-chrome \(apt install chromium")
    monkeypatch.setattr("workshop.replay.tabs.find_browser", lambda: "/bin/false")
    fails(tmp_path / "2", text, r":3: chromium не запускается: ")
