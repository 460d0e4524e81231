"""The pages in a real browser, as a person sees them."""

import uuid

import pytest
from selenium.webdriver.common.by import By

from .conftest import wait_until

pytest_plugins = ["tests.browser", "tests.browser_site"]

LOST = "Связи с сервером нет. Соединяемся заново…"
UNKNOWN = "Сейчас не узнать, что с письмом. Спросим ещё раз."
MAIL_TEXTS = {
    "PENDING": "Письмо ждёт в очереди, или прошло больше суток и сведений о нём уже нет.",
    "STARTED": "Письмо отправляется…",
    "RETRY": "Письмо пока не ушло. Оно снова в очереди: попробуем ещё раз.",
    "SUCCESS": "Письмо отправлено.",
    "FAILURE": "Письмо отправить не удалось.",
}
MINUTE = 60_000


def fill_in_form(browser, url):
    browser.get(url)
    browser.find_element(By.NAME, "email").send_keys("anna@example.com")
    browser.find_element(By.NAME, "message").send_keys("Мне всё понравилось")
    browser.find_element(By.CSS_SELECTOR, "button").click()


def test_mail_and_jokes(browser, workshop, free_port, html_joke):
    """The form answers at once, its page follows the mail; a joke comes to both tabs."""
    api, joke = html_joke
    runner = workshop("run", "--port", str(free_port), env={"JOKES_API_URL": api})
    runner.wait_for("Сайт работает")
    runner.wait_for("ready.")
    url = f"http://127.0.0.1:{free_port}"

    fill_in_form(browser, url)
    browser.see("Спасибо за отзыв!", seconds=10)
    browser.see("Письмо отправляется…", seconds=10)
    mail_page = browser.current_window_handle

    tabs = []
    for _ in range(2):
        browser.switch_to.new_window("tab")
        open_jokes(browser, url)
        tabs.append(browser.current_window_handle)
    for tab in tabs:
        browser.switch_to.window(tab)
        browser.see(joke, seconds=30)
        assert browser.title == "Шутки", "HTML of the joke was executed"
        assert not browser.texts("article *"), "The joke has brought tags"

    browser.switch_to.window(mail_page)
    browser.see("Письмо отправлено.", seconds=30)


def open_mail(browser, site):
    """Open the page of a mail with a stopped clock. Returns the task's id."""
    task_id = str(uuid.uuid4())
    browser.stop_clock()
    browser.get(f"{site.url}/success/{task_id}/")
    return task_id


def mail_text(browser):
    return browser.text("#mail-state")


def ask_again(browser, expected):
    """Let the page ask once more; it has to show the expected text."""
    browser.pass_time(browser.next_wait())
    wait_until(
        lambda: mail_text(browser) == expected, 10, lambda: f"{expected}\n{browser.text()}"
    )


def test_mail_page_follows_a_real_mail(browser, mail_site):
    browser.stop_clock()
    fill_in_form(browser, mail_site.url)
    browser.see(MAIL_TEXTS["PENDING"])
    mail_site.start_worker().wait_for("received")
    for state in ("STARTED", "SUCCESS"):

        def is_shown(text=MAIL_TEXTS[state]):
            browser.pass_time(15_000)
            return mail_text(browser) == text

        wait_until(is_shown, 20, browser.text)


# It is Celery that calls redis-py in the old way.
@pytest.mark.filterwarnings("ignore:Call to deprecated setex:DeprecationWarning")
@pytest.mark.parametrize("final", ["SUCCESS", "FAILURE"])
def test_mail_page_says_what_happens(browser, mail_site, expected_errors, final):
    """It names each state, outlives refusals of the server, and is silent at the end."""
    expected_errors += ["503 (Service Unavailable)", "ERR_CONNECTION_REFUSED"]
    task_id = open_mail(browser, mail_site)
    browser.see(MAIL_TEXTS["PENDING"])
    for state in ("STARTED", "RETRY"):
        mail_site.store(task_id, state)
        ask_again(browser, MAIL_TEXTS[state])

    mail_site.spoil(task_id)
    ask_again(browser, UNKNOWN)
    mail_site.store(task_id, "STARTED")
    ask_again(browser, MAIL_TEXTS["STARTED"])

    mail_site.stop()
    ask_again(browser, UNKNOWN)
    mail_site.start()
    ask_again(browser, MAIL_TEXTS["STARTED"])

    mail_site.store(task_id, final)
    ask_again(browser, MAIL_TEXTS[final])
    assert browser.waits() == [], "The page goes on asking"


def test_mail_page_asks_more_and_more_rarely(browser, mail_site):
    open_mail(browser, mail_site)
    browser.see(MAIL_TEXTS["PENDING"])
    browser.execute_script("""
        window.changes = 0;
        const observer = new MutationObserver((records) => (window.changes += records.length));
        const options = { childList: true, characterData: true, subtree: true };
        observer.observe(document.querySelector("#mail-state"), options);
    """)
    for _ in range(14):
        browser.pass_time(browser.next_wait())
    browser.next_wait()
    pauses = browser.ask("pageClock.pauses")
    growing, longest = pauses[:12], pauses[11:]
    assert pauses[0] == 1000
    assert growing == sorted(set(growing)), f"The pauses do not grow: {pauses}"
    assert set(longest) == {15_000}, f"The pauses do not end at 15 seconds: {pauses}"
    assert browser.ask("changes") == 0, "The same text was shown anew"


def test_mail_page_gives_up_after_half_an_hour(browser, mail_site):
    open_mail(browser, mail_site)
    browser.next_wait()
    browser.pass_time(29 * MINUTE)
    browser.next_wait()
    assert mail_text(browser) == MAIL_TEXTS["PENDING"]
    browser.pass_time(2 * MINUTE)
    browser.see("Письмо всё ещё не отправлено. Обновите страницу позже, чтобы узнать о нём.")
    assert browser.waits() == [], "The page goes on asking"


def open_jokes(browser, url):
    browser.get(f"{url}/jokes/")
    browser.see("Связь с сервером есть.")
    assert browser.texts("#connection.open") == ["Связь с сервером есть."]
    assert browser.texts("#waiting") == ["Ждём шутку…"]


def test_newest_joke_is_on_top_and_fifty_are_kept(browser, jokes_site):
    open_jokes(browser, jokes_site.url)
    jokes = [f"Шутка {number}" for number in range(60)]
    jokes_site.send_jokes(*jokes)
    browser.see("Шутка 59")
    assert browser.texts("article") == jokes[:9:-1]
    assert browser.texts("#waiting") == []


def test_jokes_over_https(browser, jokes_site, https):
    open_jokes(browser, https(jokes_site.port))
    jokes_site.send_jokes("Шифрованная шутка")
    browser.see("Шифрованная шутка")


def test_page_reconnects_after_a_restart_of_the_server(browser, jokes_site, expected_errors):
    expected_errors.append("ERR_CONNECTION_REFUSED")
    open_jokes(browser, jokes_site.url)
    jokes_site.stop()
    browser.see(LOST)
    assert browser.texts("#connection.open") == []
    jokes_site.start()
    browser.see("Связь с сервером есть.")
    jokes_site.send_jokes("После перезапуска")
    browser.see("После перезапуска")


def next_pause(browser, longest):
    """Wait until the page waits for its next connection. Returns the milliseconds."""
    # While it connects, it waits for a joke.
    wait_until(lambda: browser.next_wait() <= 30_000, 10, lambda: f"{browser.waits()}")
    pause = browser.next_wait()
    assert longest / 2 <= pause <= longest, f"A pause of {pause} instead of {longest}"
    return pause


def test_pauses_before_reconnecting(browser, jokes_site, expected_errors):
    """They grow up to 30 seconds and differ by chance; after a joke they are short again."""
    expected_errors.append("ERR_CONNECTION_REFUSED")
    browser.stop_clock()
    open_jokes(browser, jokes_site.url)
    jokes_site.stop()
    browser.see(LOST)
    shares = []
    for longest in (1000, 2000, 4000, 8000, 16_000, 30_000, 30_000):
        pause = next_pause(browser, longest)
        shares.append(round(pause / longest, 3))
        browser.pass_time(pause)
    assert len(set(shares)) > 1, f"The pauses are not random: {shares}"

    next_pause(browser, 30_000)
    jokes_site.start()
    browser.pass_time(30_000)
    browser.see("Связь с сервером есть.")
    jokes_site.send_jokes("После перезапуска")
    browser.see("После перезапуска")
    jokes_site.stop()
    browser.see(LOST)
    next_pause(browser, 1000)


def test_page_reconnects_after_a_silence(browser, jokes_site):
    """The group is gone: the connection is open, but brings nothing for 45 seconds."""
    browser.stop_clock()
    open_jokes(browser, jokes_site.url)
    browser.pass_time(44_000)
    jokes_site.send_jokes("До молчания")
    browser.see("До молчания")
    assert browser.waits() == [45_000], "A joke does not put off the reconnection"

    jokes_site.redis.flushall()
    closed = "pageClock.sockets.at(-1).readyState === WebSocket.CLOSED"
    # A connection that brings no joke does not make the pauses short again.
    for longest in (1000, 2000):
        browser.pass_time(44_999)
        assert browser.texts("#connection.open"), "The page waits less than 45 seconds"
        browser.pass_time(1)
        browser.see(LOST)
        wait_until(lambda: browser.ask(closed), 10, lambda: "the old connection is closed")
        assert len(browser.waits()) == 1, "The page connects twice"
        browser.pass_time(next_pause(browser, longest))
        browser.see("Связь с сервером есть.")
    jokes_site.send_jokes("После молчания")
    browser.see("После молчания")
    assert browser.texts("article") == ["После молчания", "До молчания"]


def test_pages_without_javascript(browser, jokes_site):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    fill_in_form(browser, jokes_site.url)
    browser.see("Письмо уже в пути.")
    browser.get(f"{jokes_site.url}/jokes/")
    browser.see("включите в браузере JavaScript")


def test_pages_fit_the_window(browser, jokes_site):
    """Neither a phone nor a wide screen scrolls them sideways."""
    overflow = "document.documentElement.scrollWidth - window.innerWidth"
    for width in (320, 1280):
        size = {"width": width, "height": 700, "deviceScaleFactor": 1, "mobile": width < 500}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        browser.get(jokes_site.url)
        assert browser.ask(overflow) <= 0, f"The form is wider than {width}"
        open_jokes(browser, jokes_site.url)
        jokes_site.send_jokes("Ш" * 1000)
        browser.see("ШШШ")
        assert browser.ask(overflow) <= 0, f"The jokes are wider than {width}"
