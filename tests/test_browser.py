"""The pages in a real browser, as a person sees them."""

import asyncio
import json
import shutil
import socket
import sys
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import redis
from channels_redis.core import RedisChannelLayer
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By

from workshop import redis_server

from .conftest import wait_until

HTML_JOKE = "<img src=x onerror=\"document.title='взломано'\"><b>жирная</b> шутка"
CHROMIUM_OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def browser():
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and driver):
        pytest.skip("нет chromium и chromedriver (apt install chromium chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for option in CHROMIUM_OPTIONS:
        options.add_argument(option)
    browser = webdriver.Chrome(options, webdriver.ChromeService(driver))
    yield browser
    browser.quit()


@pytest.fixture
def see(browser):
    """Wait until the page shows a text."""

    def see(text, seconds=30):
        def page():
            # Between two pages there is none.
            with suppress(WebDriverException):
                return browser.find_element(By.TAG_NAME, "body").text
            return ""

        wait_until(lambda: text in page(), seconds, lambda: f"«{text}» на странице:\n{page()}")

    return see


@pytest.fixture
def html_jokes():
    """An API whose jokes are HTML."""

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
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def fill_in_form(browser, site):
    browser.get(site)
    browser.find_element(By.NAME, "email").send_keys("anna@example.com")
    browser.find_element(By.NAME, "message").send_keys("Мне всё понравилось")
    browser.find_element(By.CSS_SELECTOR, "button").click()


def articles(browser):
    return [article.text for article in browser.find_elements(By.TAG_NAME, "article")]


def test_mail_and_jokes(browser, see, workshop, free_port, html_jokes):
    """Форма отвечает сразу, страница следит за письмом; шутка приходит в две вкладки сразу."""
    runner = workshop("run", "--port", str(free_port), env={"JOKES_API_URL": html_jokes})
    runner.wait_for("Сайт работает")
    runner.wait_for("ready.")
    site = f"http://127.0.0.1:{free_port}"

    fill_in_form(browser, site)
    see("Спасибо за отзыв!", seconds=10)
    see("Письмо отправляется…", seconds=10)
    mail_page = browser.current_window_handle

    tabs = []
    for _ in range(2):
        browser.switch_to.new_window("tab")
        browser.get(f"{site}/jokes/")
        see("Связь с сервером есть.")
        tabs.append(browser.current_window_handle)
    assert "Новая шутка приходит каждые 15 секунд." in browser.page_source
    for tab in tabs:
        browser.switch_to.window(tab)
        see(HTML_JOKE)
        assert browser.title == "Шутки", "HTML из шутки выполнился"
        assert not browser.find_elements(By.CSS_SELECTOR, "article *"), "В шутке появились теги"

    browser.switch_to.window(mail_page)
    see("Письмо отправлено.")


class Site:
    """Step 05 by hand: its runserver can be stopped and started again on the same port."""

    def __init__(self, start, step, port, redis_url):
        self.start_process, self.step, self.port = start, step, port
        self.url = f"http://127.0.0.1:{port}"
        self.layer = {"hosts": [{"address": redis_url, "socket_timeout": None}]}
        # A joke each second is due: a silence of three seconds is a long one.
        (step / "quick_settings.py").write_text(
            "from django_celery.settings import *\n"
            "CELERY_BEAT_SCHEDULE['get_random_joke']['schedule'] = 1.0\n"
        )
        self.redis_url = redis_url
        self.start()

    def start(self, settings="django_celery.settings"):
        env = {"REDIS_URL": self.redis_url, "DJANGO_SETTINGS_MODULE": settings}
        command = [sys.executable, "manage.py", "runserver", "--noreload", str(self.port)]
        self.process = self.start_process(command, cwd=self.step, env=env)
        wait_until(self._listens, 20, lambda: self.process.output)

    def _listens(self):
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        self.process.kill()

    def send_jokes(self, *jokes):
        async def send():
            layer = RedisChannelLayer(**self.layer)
            for joke in jokes:
                await layer.group_send("jokes", {"type": "jokes.joke", "text": joke})

        asyncio.run(send())


@pytest.fixture
def site(start, workshop_copy, tmp_path, free_port):
    """Step 05 with a Redis of its own."""
    _, redis_url = redis_server.start_private(lambda cmd: start(cmd, cwd=tmp_path), tmp_path)
    return Site(start, workshop_copy / "step_05_channels", free_port, redis_url)


def open_jokes(browser, see, site):
    browser.get(f"{site.url}/jokes/")
    see("Связь с сервером есть.")


def test_newest_joke_is_on_top_and_fifty_are_kept(browser, see, site):
    """Новая шутка наверху, на странице их не больше пятидесяти."""
    open_jokes(browser, see, site)
    jokes = [f"Шутка {number}" for number in range(60)]
    site.send_jokes(*jokes)
    see("Шутка 59")
    assert articles(browser) == jokes[:9:-1]


def test_page_reconnects_after_a_restart_of_the_server(browser, see, site):
    """Сервер перезапущен: страница сама соединяется снова и получает шутки."""
    open_jokes(browser, see, site)
    site.stop()
    see("Связи с сервером нет.")
    site.start()
    see("Связь с сервером есть.")
    site.send_jokes("После перезапуска")
    see("После перезапуска")


def test_page_reconnects_after_a_silence(browser, see, site):
    """Группа пропала, соединение открыто, но молчит: страница соединяется заново."""
    site.stop()
    site.start("quick_settings")
    open_jokes(browser, see, site)
    redis.Redis.from_url(site.redis_url).flushall()

    def joke_arrives():
        site.send_jokes("После молчания")
        return "После молчания" in articles(browser)

    wait_until(joke_arrives, 30, lambda: site.process.output)


def test_page_without_javascript(browser, see, workshop, free_port):
    """Без JavaScript форма работает, а страница успеха говорит, что письмо в пути."""
    workshop("run", "03", "--port", str(free_port)).wait_for("Сайт работает")
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        fill_in_form(browser, f"http://127.0.0.1:{free_port}")
        see("Письмо уже в пути.")
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.mark.parametrize("width", [320, 1280])
def test_pages_fit_the_window(browser, see, site, width):
    """На телефоне и на широком экране страницы не прокручиваются вбок."""
    size = {"width": width, "height": 700, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    open_jokes(browser, see, site)
    site.send_jokes("Ш" * 1000)
    see("ШШШ")
    for page in ("/jokes/", "/"):
        if page == "/":
            browser.get(site.url)
        overflow = "return document.documentElement.scrollWidth - window.innerWidth"
        assert browser.execute_script(overflow) <= 0, f"Страница {page} шире окна"
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
