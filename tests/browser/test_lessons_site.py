"""The lessons as a site: what it says of bad lessons, what it shows, copies and finds."""

import shutil
import signal
import threading
from functools import partial
from http.server import ThreadingHTTPServer
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from workshop import cli
from workshop.lesson.console import INTERRUPT, OUTPUT, read_turns
from workshop.lesson.reading import kind_of, read_blocks
from workshop.processes.ports import free_port
from workshop.site.command import Handler, build
from workshop.site.source import DIAGRAMS, THEMES, diagram_name
from workshop.steps import ROOT

from ..conftest import RUNNING_LEAVES, wait_until
from ..errors.test_catalogue import ENTRIES, SEARCHED, lines_of
from .conftest import Visitors
from .page import see

# MyST still uses what Sphinx has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::sphinx.deprecation.RemovedInSphinx11Warning")

LESSONS = ROOT / "docs_ru"
PAGES = sorted(path.stem for path in LESSONS.glob("*.md"))
WIDTHS = (320, 768, 1280)
VIOLATIONS = {"resultTypes": ["violations"]}
CONTRAST = "color-contrast"
# Marks what has the place and the classes of something that was there before. Returns all of
# them.
MARK_KNOWN = """(before) => {
  const known = new Set(before);
  const mark = (element, place) => {
    if (!element.checkVisibility()) return true;
    const here = [...place.slice(-3), `${element.tagName}.${element.className}`];
    let isKnown = known.has(here.join(" "));
    known.add(here.join(" "));
    for (const child of element.children) isKnown = mark(child, here) && isKnown;
    element.toggleAttribute("data-known", isKnown);
    return isKnown;
  };
  mark(document.body, []);
  return [...known];
}"""
# A copied text, caught on its way to the clipboard.
CATCH = """() => {
window.copied = [];
document.execCommand = () => window.copied.push(document.activeElement.value) > 0;
navigator.clipboard.writeText = async (text) => void window.copied.push(text);
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The address of the site of today's lessons, which are built without a complaint."""
    directory = tmp_path_factory.mktemp("site")
    assert build(directory) == ""
    handler = partial(Handler, directory=str(directory))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def page(chromium):
    """One page for all tests; it asks no other server and writes no errors to the console."""
    visitors = Visitors(chromium)
    yield visitors.open_page()
    visitors.leave([])


@pytest.fixture(scope="module", params=[*PAGES, "search"])
def opened(site, page, request):
    """A page of the site, all of it unfolded, and its name; loaded once for several tests."""
    page.set_viewport_size({"width": WIDTHS[-1], "height": 900})
    page.goto(f"{site}/{request.param}.html")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    return page, request.param


@pytest.fixture(scope="module")
def looks():
    """How the elements look that were measured in each colour scheme."""
    return {"light": [], "dark": []}


def is_copied(block):
    """What the button of a block should copy: what is typed, of a file all of it."""
    kind = kind_of(block)
    if block.language == "console":
        turns = [turn for turn in read_turns(block) if turn.prompt not in (OUTPUT, INTERRUPT)]
        lines = [turn.typed for turn in turns] or block.lines
    elif block.language == "diff":
        lines = [line[1:] for line in block.lines if line[0:1] == "+" and line[:4] != "+++ "]
        lines = lines or block.lines
    elif kind in ("tab", "tab_console"):
        lines = [line[2:] for line in block.lines if line.startswith("> ")] or block.lines
    else:
        lines = block.lines
    return "\n".join(lines).strip()


def test_axe_finds_nothing(opened):
    page, _ = opened
    page.emulate_media(color_scheme="light")
    found = Axe().run(page, options=VIOLATIONS | {"rules": {CONTRAST: {"enabled": False}}})
    assert not found.violations_count, found.generate_report()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_enough(opened, looks, scheme):
    """Of what looks alike on all pages, the first is measured."""
    page, _ = opened
    page.emulate_media(color_scheme=scheme)
    looks[scheme] = page.evaluate(MARK_KNOWN, looks[scheme])
    hidden = page.add_style_tag(content="[data-known] { display: none }")
    found = Axe().run(page, options=VIOLATIONS | {"runOnly": [CONTRAST]})
    hidden.evaluate("style => style.remove()")
    assert not found.violations_count, found.generate_report()


def test_no_page_is_wider_than_the_window(opened):
    page, _ = opened
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        # On a narrow screen the theme lets this part scroll, and the window would not tell.
        for part in ("html", ".content"):
            assert page.locator(part).evaluate("one => one.scrollWidth") <= width, (part, width)


def test_the_buttons_copy_what_is_typed(opened):
    page, name = opened
    blocks = read_blocks(LESSONS / f"{name}.md") if name in PAGES else []
    wanted = [is_copied(block) for block in blocks if block.language != "mermaid"]
    if not wanted:
        return
    page.evaluate(CATCH)
    expect(page.locator(".copybtn")).to_have_count(len(wanted))
    page.evaluate("document.querySelectorAll('.copybtn').forEach(one => one.click())")
    copied = page.evaluate("window.copied")
    assert [text.strip() for text in copied] == wanted


def test_keyboard_alone_is_enough(site, page):
    """It leads past the menus to the text; the button of a block is seen, and copies."""
    page.goto(f"{site}/03_1_task.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "К тексту"
    page.keyboard.press("Enter")
    page.evaluate(CATCH)
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.copybtn')"):
            break
    expect(page.locator(".copybtn:focus")).to_have_css("opacity", "1")
    page.keyboard.press("Enter")
    page.wait_for_function("window.copied.length === 1")


def test_a_pasted_error_finds_its_entry(site, page):
    page.goto(f"{site}/search.html")
    lost = []
    for heading in ENTRIES:
        lines = [line.replace("…", "7") for line in lines_of(heading) if len(line) >= SEARCHED]
        found = page.evaluate(
            "lines => lines.map(line => findKnownError(line, window.knownErrors)?.title)", lines
        )
        if lines and heading.replace("`", "") not in found:
            lost.append((heading, lines, found))
    assert not lost


def test_the_search_shows_the_entry_first(site, page):
    pasted = "[2026-11-29 10:15:42,123: ERROR/MainProcess] consumer: Cannot connect to amqp://"
    page.goto(f"{site}/search.html?q={quote(pasted)}")
    see(page, "Об этом в каталоге ошибок: Cannot connect to amqp")
    page.locator(".known-error a").click()
    see(page, "Celery ищет RabbitMQ")
    page.goto(f"{site}/search.html?q={quote('канального слоя')}")
    see(page, "Урок 05. Шутки в браузере: Channels и WebSocket")
    assert not page.locator(".known-error").count()


def test_a_diagram_is_drawn_for_each_theme():
    blocks = [block for path in LESSONS.glob("*.md") for block in read_blocks(path)]
    diagrams = [block for block in blocks if block.language == "mermaid"]
    wanted = {diagram_name(block, theme) for block in diagrams for theme in THEMES}
    found = {path.name for path in (LESSONS / DIAGRAMS).iterdir()}
    assert found == wanted, "python3 -m workshop.maintain diagrams"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[урок](99_nothing.md)", "99_nothing.md"),
        ("[ошибка](errors.md#no-such-error)", "no-such-error"),
        ("![картинка](images/nothing.png)", "images/nothing.png"),
        ("```python run\nx = 1\n```", "неизвестный вид блока: python run"),
        ("```klingon read\nx = 1\n```", "klingon"),
    ],
)
def test_what_is_broken_is_named(tmp_path, text, complaint):
    lessons = tmp_path / "docs_ru"
    lessons.mkdir()
    (lessons / "README.md").write_text(f"# Содержание\n\n{text}\n", encoding="utf-8")
    (lessons / "errors.md").write_text("# Ошибки\n\n## Одна\n", encoding="utf-8")
    (lessons / "next.md").write_text("# Дальше\n", encoding="utf-8")
    said = build(tmp_path / "site", lessons)
    assert complaint in said
    assert "README.md" in said


def test_the_site_is_served_until_it_is_stopped(workshop, workshop_copy):
    shutil.copytree(LESSONS, workshop_copy / "docs_ru", ignore=RUNNING_LEAVES)
    port = free_port()
    process = workshop("lessons", "--port", str(port))
    said = f"Уроки: http://localhost:{port}/  Остановить: Ctrl-C.\n"
    wait_until(lambda: process.output == said, 60, lambda: process.output)
    with urlopen(f"http://127.0.0.1:{port}/") as answer:
        assert "README.html" in answer.read().decode()
    other = workshop("lessons", "--port", str(port))
    assert other.wait() == 1
    assert other.output.startswith(f"Порт {port} занят или недоступен: укажите другой, ")
    process.send(signal.SIGINT)
    assert process.wait() == 130
    assert process.output.endswith("Остановлено.\n") and "Traceback" not in process.output


def test_the_site_is_built_into_a_directory(tmp_path, capsys):
    assert cli.main(["lessons", "--build", str(tmp_path / "site")]) == 0
    assert capsys.readouterr().out.startswith("Сайт собран: откройте")
    assert (tmp_path / "site" / "index.html").exists()
