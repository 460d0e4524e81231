"""Each kind of block does what it says, and says where it could not."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from websockets.sync.server import serve

from workshop.lesson.errors import LessonError

from .replay_lessons import ENTER, console, run_lesson, whole_file

FORM = """\
<html><head><title>Не на странице</title></head><body>
<h1>Отзыв</h1>
<form method="post"><input type="hidden" name="token" value="secret">
<label>Почта: <input name="email"></label><button>Отправить</button></form>
<p hidden>Не видно</p><p>Два <b>слова</b><br>и строка</p>
</body></html>"""


def fails(root, text, message, **lesson):
    """Replay a lesson that must fail; the message is a regular expression."""
    with pytest.raises(LessonError, match=message):
        run_lesson(root, text, **lesson)


def test_writes_and_changes_and_deletes_files(tmp_path):
    text = (
        whole_file("new/file.py", "x = 1\n")
        + "```diff\n--- a/old.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-y\n"
        + "--- a/new/file.py\n+++ b/new/file.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n```\n"
        + "```text tree\nmy_project/\n└── new/\n```\n```mermaid\n```\n"
    )
    following = {"new/file.py": "x = 2\n"}
    assert run_lesson(tmp_path, text, {"old.py": "y\n"}, following) == (3, [(21, "схема")])


def test_the_project_has_to_be_the_next_step(tmp_path):
    text = whole_file("a.py", "x = 1\n") + console("$ echo 'x = 2' > ~/my_project/a.py")
    fails(tmp_path, text, r":3: после урока a.py не такой", following={"a.py": "x = 1\n"})


def test_compares_output(tmp_path):
    commands = "$ echo один; echo; echo 'два слова'\nодин\n\nдва слова\n$ seq 5\n1\n...\n5"
    commands += "\n$ echo раз два три\nраз...три\n$ printf без\\ конца\nбез конца"
    assert run_lesson(tmp_path, console(commands)) == (1, [])


@pytest.mark.parametrize(
    ("commands", "line"),
    [
        ("$ echo один\nдва", 5),
        ("$ echo один\nодин\nдва", 6),
        ("$ seq 2\n1", 5),
        ("$ seq 2\n1\n2\n3", 7),
        ("$ true\n$ echo 'один '\nодин", 6),
        ("$ echo один", 4),
        ("$ seq 9\n...\n4\n...\n3\n...", 8),
    ],
)
def test_points_at_the_line_that_did_not_come(tmp_path, commands, line):
    message = rf"docs_ru/01_next.md:{line}: ожидалось:\n(.*\n)+пришло:"
    fails(tmp_path, console(commands), message)


def test_a_command_that_fails_is_an_ordinary_one(tmp_path):
    run_lesson(tmp_path, console("$ cat nothing\ncat: nothing: No such file or directory"))


def test_terminals_live_side_by_side(tmp_path):
    text = (
        # One program: between two of them a Ctrl-C may reach nobody.
        console("$ mkfifo pipe\n$ sh -c 'echo готов; cat pipe; exec sleep 1000'\nготов")
        + console("$ cd /\n$ pwd\n/\n$ echo привет > ~/pipe", 2)
        + "Терминал 1:\n\n```console terminal=1\nпривет\n^C\n$ rm pipe\n```\n"
    )
    assert run_lesson(tmp_path, text) == (3, [])


def test_types_into_programs(tmp_path):
    commands = "$ python3 -q\n>>> x = 3\n>>> print(x * 2)\n6\n>>> exit()\n$ echo всё\nвсё"
    run_lesson(tmp_path, console(commands))


def test_the_terminals_know_nothing_of_the_caller(tmp_path, monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://example.com")
    commands = '$ echo "$REDIS_URL, $HOME, $TERM"\n, .../home, dumb\n$ pwd\n.../home'
    run_lesson(tmp_path, console(commands))


@pytest.mark.parametrize(
    ("commands", "message"),
    [
        ("$ echo a; false\na\n^C", r":6: останавливать нечего"),
        ("$ echo a\nb\n^C", r":5: ожидалось:\n +b\nпришло:\n +a"),
        ("$ sleep 1000\n^C", r":4: .*чего от неё ждать"),
        ("готов", r":4: в терминале 1 ещё ничего не запущено"),
    ],
)
def test_a_command_runs_on_or_does_not(tmp_path, commands, message):
    fails(tmp_path, console(commands), message)


def test_a_terminal_is_named_in_the_text(tmp_path):
    for label in ("В консоли", "В терминале 1", "Терминал 12"):
        text = console("$ true").replace("Терминал 1", label)
        fails(tmp_path / label, text, r":3: .*«Терминал 1:»")


class Site(BaseHTTPRequestHandler):
    """A form that wants its token and cookie back, and a page with JSON."""

    def do_GET(self):
        self.send_response(200 if self.path in ("/", "/json", "/thanks") else 404)
        kind = "application/json" if self.path == "/json" else "text/html; charset=utf-8"
        self.send_header("Content-Type", kind)
        self.send_header("Set-Cookie", "visited=yes")
        self.end_headers()
        page = {"/": FORM, "/json": '{"state": null}', "/thanks": "<p>Спасибо!</p>"}
        self.wfile.write(page.get(self.path, "<h1>Нет</h1>").encode())

    def do_POST(self):
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        is_browser = sent["token"] == ["secret"] and self.headers["Cookie"] == "visited=yes"
        self.send_response(302 if is_browser else 403)
        self.send_header("Location", "/thanks")
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def site():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_browser_shows_pages(tmp_path, site):
    page = "200 OK\nОтзыв\nПочта:\nОтправить\nДва слова\nи строка"
    text = (
        f"```http\nGET {site}/\n\n{page}\n```\n"
        f'```http\nGET {site}/json\n\n200 OK (0 с)\n{{"state": null}}\n```\n'
        f"```http\nGET {site}/nowhere\n\n404 Not Found\nНет\n```\n"
        f"```http\nPOST {site}/\nemail: a@example.com\n\n302 → /thanks\n200 OK\nСпасибо!\n```\n"
    )
    assert run_lesson(tmp_path, text) == (4, [])


def test_the_browser_can_wait_in_the_background(tmp_path, site):
    text = (
        f"```http background\nPOST {site}/\nemail: a@example.com\n```\n"
        + console("$ true")
        + "```http\n(ответ)\n\n302 → /thanks\n...\n```\n"
    )
    assert run_lesson(tmp_path, text) == (3, [])


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("http\nGET {site}/thanks\n\n200 OK\nСпасибо", r":5: ожидалось:\n +Спасибо\nпришло:"),
        ("http\nGET {site}/thanks\n\n200 OK (9 с)\n...", r":4: ожидалось:\n +200 OK \(9 с\)"),
        ("http\nPOST {site}/\nphone: 1\n\n302 → /thanks\n...", r":1: .*нет полей: phone"),
        ("http\nGET {site}/thanks", r":1: после запроса"),
        ("http\nGET {site}/thanks\nemail: a\n\n200 OK", r":1: непонятный запрос"),
        ("http\nGET http://example.com/\n\n200 OK", r":1: непонятный запрос"),
        ("http\n(ответ)\n\n200 OK", r":2: нет запроса"),
        ("http background\nGET {site}/", r":1: урок не показал ответ"),
    ],
)
def test_the_browser_compares(tmp_path, site, block, message):
    fails(tmp_path, f"```{block.format(site=site)}\n```\n", message)


@pytest.fixture
def jokes():
    """A WebSocket server that lets in the pages of its own site only."""

    def send(socket):
        for number in (1, 2, 3):
            socket.send(f"Шутка {number}")
        socket.recv()

    def check(socket, request):
        if request.headers["Origin"] == f"http://localhost:{socket.socket.getsockname()[1]}":
            return None
        return socket.respond(403, "")

    with serve(send, "127.0.0.1", 0, process_request=check) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"ws://localhost:{server.socket.getsockname()[1]}/ws/"
        server.shutdown()


def test_the_browser_opens_websockets(tmp_path, jokes):
    text = (
        f"```http\nGET {jokes}\n\n101 Switching Protocols\n...\nШутка 2\n```\n"
        f"```http\nGET {jokes}\nOrigin: http://evil.example\n\n403 Forbidden\n```\n"
    )
    assert run_lesson(tmp_path, text) == (2, [])


def test_a_websocket_has_a_deadline(tmp_path, jokes):
    text = f"```http\nGET {jokes}\n\n101 Switching Protocols\n...\nШутка 4\n```\n"
    fails(tmp_path, text, r":6: ожидалось:\n +Шутка 4", deadline=0.5)


def test_finds_unknown_blocks_before_anything_runs(tmp_path):
    witness = tmp_path / "witness"
    fails(tmp_path, console(f"$ touch {witness}") + "```x\n```\n", r":6: неизвестный вид")
    assert not witness.exists()


def test_leaves_aside_the_tests_and_what_running_creates(tmp_path):
    commands = (
        f"{ENTER}\n$ mkdir -p venv tests a/__pycache__\n$ touch venv/x tests/y a/__pycache__/z"
    )
    files = {".gitignore": "__pycache__/\nvenv/\n", "a/b.py": ""}
    run_lesson(tmp_path, console(commands), files, files)
    text = console("$ touch ~/my_project/dump.rdb")
    fails(tmp_path / "2", text, "лишний файл dump.rdb", previous=files, following=files)
