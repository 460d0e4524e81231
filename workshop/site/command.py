"""`python3 -m workshop lessons`: the lessons as a site on this machine."""

import errno
import sys
import webbrowser
from argparse import Namespace
from contextlib import redirect_stderr
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.console import nocolor
from sphinx.util.docutils import docutils_namespace, patch_docutils

from workshop.processes.ports import is_taken
from workshop.steps import ROOT, STATE_DIR

HERE = Path(__file__).parent
START = "README.html"
# What the address of a site's directory leads to.
INDEX = f'<!doctype html><meta http-equiv="refresh" content="0; url={START}">\n'


class Handler(SimpleHTTPRequestHandler):
    """Sends files; what it sends is nobody's concern."""

    def log_message(self, format: str, *arguments: object) -> None:
        """Print nothing."""


def main(arguments: Namespace) -> int:
    """Build the site and serve it until it is stopped, or build it into a directory.

    Takes the parsed arguments: build (a directory or None), port, open. Returns the exit
    status: 0, 1 if the site can't be built or served, 130 after a Ctrl-C.
    """
    target = arguments.build or STATE_DIR / "site"
    try:
        if complaints := build(target):
            print("Уроки не собираются в сайт:", complaints, sep="\n", file=sys.stderr)
            return 1
        if arguments.build:
            print(f"Сайт собран: откройте {target / START} в браузере.")
            return 0
        return _serve(target, arguments.port, arguments.open)
    except KeyboardInterrupt:
        print("\nОстановлено.")
        return 130


def build(target: Path, lessons: Path = ROOT / "docs_ru") -> str:
    """Build the site. Takes its directory and that of the lessons.

    Returns what is wrong with the lessons: a broken link, an unknown fence; "" if nothing is.
    Raises OSError if the directory can't be written.
    """
    target.mkdir(parents=True, exist_ok=True)
    said = StringIO()
    nocolor()
    try:
        with patch_docutils(str(HERE)), docutils_namespace(), redirect_stderr(said):
            app = Sphinx(
                str(lessons),
                str(HERE),
                str(target),
                str(target / ".doctrees"),
                "html",
                status=None,
                warning=said,
            )
            app.build()
    except SphinxError as error:
        print(error, file=said)
    (target / "index.html").write_text(INDEX, encoding="utf-8")
    return said.getvalue().strip()


def _serve(directory: Path, port: int, open_browser: bool) -> int:
    try:
        if is_taken(port):
            raise OSError(errno.EADDRINUSE, "")
        server = ThreadingHTTPServer(
            ("127.0.0.1", port), partial(Handler, directory=str(directory))
        )
    except OSError:
        print(
            f"Порт {port} занят или недоступен: укажите другой, например --port {port + 1}.",
            file=sys.stderr,
        )
        return 1
    site = f"http://localhost:{port}/"
    print(f"Уроки: {site}  Остановить: Ctrl-C.", flush=True)
    if open_browser:
        webbrowser.open(site)
    with server:
        server.serve_forever()
    return 0
