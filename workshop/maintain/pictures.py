"""`python3 -m workshop.maintain pictures`: the pictures of the lessons, from the running steps.

Each is made of what a real site, worker or Redis has just shown.
"""

import html
import io
import time
from argparse import Namespace
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Sequence

from PIL import Image
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from workshop.check.inside.chromium import HOW_TO_INSTALL, find_browser
from workshop.processes.guard import Guard
from workshop.processes.ports import free_port
from workshop.processes.process import Process
from workshop.stage import Project, Stage, Started, wait_for
from workshop.steps import ROOT

IMAGES = ROOT / "docs_ru" / "images"
ANIMATION = "workshop.gif"
MAIL_SERVER = ROOT / "docs_ru" / "mail" / "mail_server.py"
WIDTH = 750
# What a page shows of itself.
FORM, LETTER, REFUSAL, LIST = 590, 220, 700, 490
# A window beside another one.
NARROW = 500, 360
PAIR = 300
# The same letters on every machine that has this font.
FONT = "* { font-family: 'DejaVu Sans', sans-serif !important }"
MONOSPACED = "pre { font-family: 'DejaVu Sans Mono', monospace !important }"
SECONDS = 30
JOKES = (
    "Таймаут — это вежливый способ сказать серверу: «Нам надо расстаться».",
    "Переименовал переменную x в y. Понятнее не стало, зато x освободился.",
    "Есть две трудные задачи: придумать имя, сбросить кэш и не ошибиться на единицу.",
)
SEND = """\
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
for joke in {jokes!r}:
    send = async_to_sync(get_channel_layer().group_send)
    send("jokes", {{"type": "jokes.joke", "text": joke}})
"""
WINDOWS = """\
<style>
  body { display: grid; grid-auto-flow: column; grid-auto-columns: 1fr; gap: 13px;
    margin: 0; padding: 13px; background: #c8ccd5 }
  body.two-rows { grid-auto-flow: row; grid-template-columns: 1fr 1fr }
  figure { margin: 0; border-radius: 5px; overflow: hidden; background: #f4f5f7;
    box-shadow: 0 2px 6px #0006 }
  figcaption { padding: 4px 8px; background: #e3e6eb; color: #333; font-size: 11px }
  figcaption::before { content: "● ● ●"; margin-right: 8px; color: #444 }
  img { display: block; width: 100% }
  pre { margin: 0; padding: 6px 8px; background: #1d2129; color: #e8eaee; font-size: 7px;
    line-height: 1.5; white-space: pre-wrap; overflow-wrap: anywhere; height: 100% }
  table { width: 100%; border-collapse: collapse; font-size: 9px }
  td, th { padding: 4px 8px; border-bottom: 1px solid #d5d9e0; text-align: left }
</style>
"""


class Studio:
    """The steps' processes, and a browser that photographs their pages."""

    def __init__(self, guard: Guard, browser: Browser) -> None:
        self.stage, self.browser = Stage(guard, lambda line: None), browser

    def project(self, step: str, url: str = "", **settings: object) -> Project:
        """Copy a step. Takes the URL of its Redis and the settings that are others."""
        quick = {"EMAIL_DELAY_SECONDS": 0}
        return self.stage.project(step, url, settings=quick | settings)

    def site(self, step: str, url: str = "", **settings: object) -> Started:
        """Start a site and wait until it answers."""
        site = self.stage.site(self.project(step, url, **settings))
        site.wait()
        return site

    def worker(self, step: str, url: str, **settings: object) -> Process:
        """Start a worker and wait until it is ready."""
        worker = self.stage.worker(self.project(step, url, **settings))
        worker.wait()
        return worker.process

    def window(self, height: int, width: int = WIDTH) -> Page:
        """Open a window of this size."""
        return self.browser.new_page(
            viewport={"width": width, "height": height}, device_scale_factor=2
        )

    def compose(self, *figures: tuple[str, str], height: int) -> bytes:
        """Return a picture of windows side by side: the title and the HTML of each."""
        page = self.window(height)
        shown = "".join(
            f"<figure><figcaption>{title}</figcaption>{content}</figure>"
            for title, content in figures
        )
        rows = "two-rows" if len(figures) > 2 else ""
        page.set_content(f"{WINDOWS}<body class='{rows}'>{shown}</body>")
        return shoot(page)


def main(arguments: Namespace) -> int:
    """Make all pictures. Returns the exit status: 1 without a browser."""
    if not find_browser():
        print(HOW_TO_INSTALL)
        return 1
    for name, content in make(lambda studio: (*pictures(studio), animation(studio))):
        (IMAGES / name).write_bytes(content)
        print(f"{name}  {len(content) // 1000} kB")
    return 0


def make(
    scenes: Callable[[Studio], Sequence[tuple[str, bytes]]],
) -> Sequence[tuple[str, bytes]]:
    """Make pictures. Takes what a Studio is to make; returns the name and bytes of each."""
    with Guard() as guard, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser())
        return scenes(Studio(guard, browser))


def pictures(studio: Studio) -> Sequence[tuple[str, bytes]]:
    """Return the name and the bytes of each picture of the lessons."""
    return [*_form(studio), *_mail(studio), *_jokes(studio)]


def _form(studio: Studio) -> Iterator[tuple[str, bytes]]:
    address = studio.site("00").address
    page = studio.window(FORM)
    page.goto(address)
    yield "00_form.png", shoot(page)
    page = studio.window(LETTER)
    send_form(page, address)
    yield "00_success.png", shoot(page, "Спасибо за отзыв!")


def _mail(studio: Studio) -> Iterator[tuple[str, bytes]]:
    redis, url = studio.stage.redis()
    address = studio.site("03", url).address
    page = studio.window(LETTER)
    send_form(page, address)
    yield "03_queued.png", shoot(page, "Письмо ждёт в очереди")
    worker = studio.worker("03", url, EMAIL_DELAY_SECONDS=8)
    yield "03_sending.png", shoot(page, "Письмо отправляется…")
    yield "03_sent.png", shoot(page, "Письмо отправлено.")
    worker.stop()
    smtp = {"EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend"}
    port = free_port()
    worker = studio.worker("03", url, EMAIL_PORT=port, **smtp)
    send_form(page, address)
    yield "03_retry.png", shoot(page, "Оно снова в очереди")
    # The lesson's mail server, on a port that nobody else uses.
    server = MAIL_SERVER.read_text(encoding="utf-8").replace("PORT = 1025", f"PORT = {port}")
    studio.stage.start(studio.project("03"), "-c", server)
    send_form(page, address, "nobody@example.com")
    yield "03_failed.png", shoot(page, "Письмо отправить не удалось.")
    worker.kill()
    redis.kill()
    page = studio.window(REFUSAL)
    send_form(page, address)
    yield "03_no_redis.png", shoot(page, "очередь задач недоступна")


def _jokes(studio: Studio) -> Iterator[tuple[str, bytes]]:
    redis, url = studio.stage.redis()
    site = studio.site("05", url)
    frames: list[str | bytes] = []

    def keep(frame: str | bytes) -> None:
        frames.append(frame)

    page = studio.window(LIST)
    page.on("websocket", lambda socket: socket.on("framereceived", keep))
    narrow = [studio.window(NARROW[1], NARROW[0]) for _ in range(2)]
    for each in (page, *narrow):
        each.goto(f"{site.address}jokes/")
        each.locator("#connection.open").wait_for()
    _send_jokes(studio, url, *JOKES)
    yield "05_jokes.png", shoot(page, JOKES[-1])
    two = [("localhost:8000/jokes/", picture(shoot(each, JOKES[-1]))) for each in narrow]
    yield "05_two_windows.png", studio.compose(*two, height=PAIR)
    rows = "".join(f"<tr><td>↓</td><td>{html.escape(str(each))}</td></tr>" for each in frames)
    table = f"<table><tr><th></th><th>Data</th></tr>{rows}</table>"
    title = "Network › WS › jokes/ › Messages"
    yield "05_socket.png", studio.compose((title, table), height=120)
    yield "05_terminals.png", _terminals(studio, url, site, redis)


def _terminals(studio: Studio, url: str, site: Started, redis: Process) -> bytes:
    """Show what the site, a worker and beat print while jokes come."""
    api = f"{site.address}api/jokes/random/"
    schedule = {"joke": {"task": "jokes.tasks.get_random_joke", "schedule": 2.0}}
    worker = studio.worker("05", url, JOKES_API_URL=api)
    words = ("-m", "celery", "-A", "django_celery", "beat", "-l", "info")
    beat = studio.stage.start(studio.project("05", url, CELERY_BEAT_SCHEDULE=schedule), *words)
    wait_for(lambda: sum("succeeded" in line for line in worker.tail) >= 2, worker)
    shown = [
        (f"Терминал {number}: {name}", f"<pre>{html.escape(chr(10).join(lines))}</pre>")
        for number, name, lines in (
            (1, "сайт", [*site.process.tail][-6:]),
            (2, "Redis", [*redis.tail][-3:]),
            (3, "воркер", [*worker.tail][-4:]),
            (5, "beat", [*beat.tail][-3:]),
        )
    ]
    return studio.compose(*shown, height=300)


def _send_jokes(studio: Studio, url: str, *jokes: str) -> None:
    command = ("manage.py", "shell", "--no-imports", "-c", SEND.format(jokes=jokes))
    studio.stage.start(studio.project("05", url), *command).wait(SECONDS)


def animation(studio: Studio) -> tuple[str, bytes]:
    """Return the name and the bytes of README's: the tab that waits, the tab that does not."""
    delay = 20
    _, url = studio.stage.redis()
    sites = [studio.site("00", EMAIL_DELAY_SECONDS=delay), studio.site("03", url)]
    studio.worker("03", url, EMAIL_DELAY_SECONDS=delay)
    pages = [studio.window(NARROW[1], NARROW[0]) for _ in sites]
    sessions = [page.context.new_cdp_session(page) for page in pages]
    for page, site in zip(pages, sites, strict=True):
        send_form(page, site.address, no_wait_after=True)
    started = time.monotonic()
    frames, durations = [], []
    while (passed := time.monotonic() - started) < delay + 3:
        titles = (f"без Celery: {passed:.0f} с", f"с Celery: {passed:.0f} с")
        shown = [picture(glimpse(session)) for session in sessions]
        frames.append(studio.compose(*zip(titles, shown, strict=True), height=PAIR))
        durations.append(200)
        time.sleep(max(0, 1 - (time.monotonic() - started - passed)))
    durations[-1] = 2000
    site = studio.site("05", url)
    pages = [studio.window(NARROW[1], NARROW[0]) for _ in range(2)]
    for page in pages:
        page.goto(f"{site.address}jokes/")
        page.locator("#connection.open").wait_for()
    for joke in JOKES:
        _send_jokes(studio, url, joke)
        two = [("localhost:8000/jokes/", picture(shoot(page, joke))) for page in pages]
        frames.append(studio.compose(*two, height=PAIR))
        durations.append(1500)
    images = [Image.open(io.BytesIO(frame)).convert("RGB") for frame in frames]
    small = [image.resize((WIDTH, PAIR), Image.Resampling.LANCZOS) for image in images]
    made = io.BytesIO()
    small[0].save(
        made, "GIF", save_all=True, append_images=small[1:], duration=durations, loop=0
    )
    return ANIMATION, made.getvalue()


def send_form(
    page: Page, address: str, email: str = "anna@example.com", *, no_wait_after: bool = False
) -> None:
    """Fill in the form and send it."""
    page.goto(address)
    page.locator("[name=email]").fill(email)
    page.locator("[name=message]").fill("Мне всё понравилось")
    page.locator("button").click(no_wait_after=no_wait_after)


def shoot(page: Page, text: str = "") -> bytes:
    """Return a picture of a page once it shows a text."""
    page.get_by_text(text).first.wait_for(timeout=1000 * SECONDS)
    return page.screenshot(style=FONT + MONOSPACED, animations="disabled")


def glimpse(session: CDPSession) -> bytes:
    """Return a picture of a page that may still wait for the answer to its form."""
    return b64decode(session.send("Page.captureScreenshot")["data"])


def picture(content: bytes) -> str:
    """Return a picture as HTML."""
    return f'<img src="data:image/png;base64,{b64encode(content).decode()}">'
