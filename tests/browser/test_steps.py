"""The pages in a real browser, as a person sees them."""

import uuid

import pytest
from playwright.sync_api import expect

from ..conftest import wait_until
from .page import fill_in_form, next_wait, open_jokes, see, stop_clock, waits
from .sites import Site

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


def test_mail_and_jokes(page, visitors, workshop, free_port, html_joke):
    """The form answers at once, its page follows the mail; a joke comes to all who look."""
    api, joke = html_joke
    runner = workshop("run", "--port", str(free_port), env={"JOKES_API_URL": api})
    runner.wait_for("Сайт работает")
    runner.wait_for("ready.")
    url = f"http://127.0.0.1:{free_port}"

    fill_in_form(page, url)
    see(page, "Спасибо за отзыв!", seconds=10)
    see(page, "Письмо отправляется…", seconds=10)

    # Two tabs of the same person, and somebody else.
    jokes_pages = [page.context.new_page(), page.context.new_page(), visitors.open_page()]
    for jokes_page in jokes_pages:
        open_jokes(jokes_page, url)
    for jokes_page in jokes_pages:
        see(jokes_page, joke, seconds=30)
        assert jokes_page.title() == "Шутки", "HTML of the joke was executed"
        assert not jokes_page.locator("article *").count(), "The joke has brought tags"

    see(page, "Письмо отправлено.", seconds=30)


def open_mail(page, site):
    """Open the page of a mail with a stopped clock. Returns the task's id."""
    task_id = str(uuid.uuid4())
    stop_clock(page)
    page.goto(f"{site.url}/success/{task_id}/")
    return task_id


def expect_mail(page, text):
    expect(page.locator("#mail-state")).to_have_text(text, use_inner_text=True)


def ask_again(page, expected):
    """Let the page ask once more; it has to show the expected text."""
    page.clock.run_for(next_wait(page))
    expect_mail(page, expected)


def test_mail_page_follows_a_real_mail(page, mail_site):
    stop_clock(page)
    fill_in_form(page, mail_site.url)
    see(page, MAIL_TEXTS["PENDING"])
    mail_site.start_worker().wait_for("received")
    state = page.locator("#mail-state")
    for text in (MAIL_TEXTS["STARTED"], MAIL_TEXTS["SUCCESS"]):

        def is_shown(text=text):
            page.clock.run_for(15_000)
            return state.inner_text() == text

        wait_until(is_shown, 20, state.inner_text)


# It is Celery that calls redis-py in the old way.
@pytest.mark.filterwarnings("ignore:Call to deprecated setex:DeprecationWarning")
@pytest.mark.parametrize("final", ["SUCCESS", "FAILURE"])
def test_mail_page_says_what_happens(page, mail_site, expected_errors, final):
    """It names each state, outlives refusals of the server, and is silent at the end."""
    expected_errors += ["503 (Service Unavailable)", "ERR_CONNECTION_REFUSED"]
    task_id = open_mail(page, mail_site)
    see(page, MAIL_TEXTS["PENDING"])
    for state in ("STARTED", "RETRY"):
        mail_site.store(task_id, state)
        ask_again(page, MAIL_TEXTS[state])

    mail_site.spoil(task_id)
    ask_again(page, UNKNOWN)
    mail_site.store(task_id, "STARTED")
    ask_again(page, MAIL_TEXTS["STARTED"])

    mail_site.stop()
    ask_again(page, UNKNOWN)
    mail_site.start()
    ask_again(page, MAIL_TEXTS["STARTED"])

    mail_site.store(task_id, final)
    ask_again(page, MAIL_TEXTS[final])
    assert waits(page) == [], "The page goes on asking"


def test_mail_page_asks_more_and_more_rarely(page, mail_site):
    open_mail(page, mail_site)
    see(page, MAIL_TEXTS["PENDING"])
    page.evaluate("""() => {
        window.changes = 0;
        const observer = new MutationObserver((records) => (window.changes += records.length));
        const options = { childList: true, characterData: true, subtree: true };
        observer.observe(document.querySelector("#mail-state"), options);
    }""")
    for _ in range(14):
        page.clock.run_for(next_wait(page))
    next_wait(page)
    pauses = page.evaluate("timers.pauses")
    growing, longest = pauses[:12], pauses[11:]
    assert pauses[0] == 1000
    assert growing == sorted(set(growing)), f"The pauses do not grow: {pauses}"
    assert set(longest) == {15_000}, f"The pauses do not end at 15 seconds: {pauses}"
    assert page.evaluate("changes") == 0, "The same text was shown anew"


def test_mail_page_gives_up_after_half_an_hour(page, mail_site):
    open_mail(page, mail_site)
    next_wait(page)
    page.clock.fast_forward(29 * MINUTE)
    next_wait(page)
    expect_mail(page, MAIL_TEXTS["PENDING"])
    page.clock.fast_forward(2 * MINUTE)
    see(page, "Письмо всё ещё не отправлено. Обновите страницу позже, чтобы узнать о нём.")
    assert waits(page) == [], "The page goes on asking"


def test_newest_joke_is_on_top_and_fifty_are_kept(page, jokes_site):
    open_jokes(page, jokes_site.url)
    jokes = [f"Шутка {number}" for number in range(60)]
    jokes_site.send_jokes(*jokes)
    expect(page.locator("article")).to_have_text(jokes[:9:-1], use_inner_text=True)
    expect(page.locator("#waiting")).to_have_count(0)


def test_jokes_over_https(page, jokes_site, https):
    open_jokes(page, https(jokes_site.port))
    jokes_site.send_jokes("Шифрованная шутка")
    see(page, "Шифрованная шутка")


@pytest.mark.parametrize(
    ("stop", "start"), [(Site.stop, Site.start), (Site.stop_redis, Site.start_redis)]
)
def test_page_reconnects_after_a_restart(page, jokes_site, expected_errors, stop, start):
    expected_errors += ["ERR_CONNECTION_REFUSED", "WebSocket connection to"]
    open_jokes(page, jokes_site.url)
    stop(jokes_site)
    see(page, LOST)
    expect(page.locator("#connection.open")).to_have_count(0)
    start(jokes_site)
    see(page, "Связь с сервером есть.")
    jokes_site.send_jokes("После перезапуска")
    see(page, "После перезапуска")


def test_tab_that_was_silent_for_a_day_comes_back(page, jokes_site):
    """The laptop slept: its timers are due all at once, and the group has forgotten the tab."""
    stop_clock(page)
    open_jokes(page, jokes_site.url)
    jokes_site.redis.flushall()
    page.clock.fast_forward("24:00:00")
    see(page, LOST)
    page.clock.run_for(next_pause(page, 1000))
    see(page, "Связь с сервером есть.")
    jokes_site.send_jokes("Доброе утро")
    see(page, "Доброе утро")


def next_pause(page, longest):
    """Wait until the page waits for its next connection. Returns the milliseconds."""
    # While it connects, it waits for a joke.
    wait_until(lambda: next_wait(page) <= 30_000, 10, lambda: f"{waits(page)}")
    pause = next_wait(page)
    assert longest / 2 <= pause <= longest, f"A pause of {pause} instead of {longest}"
    return pause


def test_pauses_before_reconnecting(page, jokes_site, expected_errors):
    """They grow up to 30 seconds and differ by chance; after a joke they are short again."""
    expected_errors.append("ERR_CONNECTION_REFUSED")
    stop_clock(page)
    open_jokes(page, jokes_site.url)
    jokes_site.stop()
    see(page, LOST)
    shares = []
    for longest in (1000, 2000, 4000, 8000, 16_000, 30_000, 30_000):
        pause = next_pause(page, longest)
        shares.append(round(pause / longest, 3))
        page.clock.run_for(pause)
    assert len(set(shares)) > 1, f"The pauses are not random: {shares}"

    next_pause(page, 30_000)
    jokes_site.start()
    page.clock.run_for(30_000)
    see(page, "Связь с сервером есть.")
    jokes_site.send_jokes("После перезапуска")
    see(page, "После перезапуска")
    jokes_site.stop()
    see(page, LOST)
    next_pause(page, 1000)


def test_page_reconnects_after_a_silence(page, jokes_site):
    """The group is gone: the connection is open, but brings nothing for 45 seconds."""
    sockets = []
    page.on("websocket", lambda socket: sockets.append(socket))
    stop_clock(page)
    open_jokes(page, jokes_site.url)
    page.clock.run_for(44_000)
    jokes_site.send_jokes("До молчания")
    see(page, "До молчания")
    assert waits(page) == [45_000], "A joke does not put off the reconnection"

    jokes_site.redis.flushall()
    # A connection that brings no joke does not make the pauses short again.
    for longest in (1000, 2000):
        page.clock.run_for(44_999)
        expect(page.locator("#connection.open")).to_have_count(1)
        page.clock.run_for(1)
        see(page, LOST)
        if not sockets[-1].is_closed():
            sockets[-1].wait_for_event("close", timeout=10_000)
        assert len(waits(page)) == 1, "The page connects twice"
        page.clock.run_for(next_pause(page, longest))
        see(page, "Связь с сервером есть.")
    jokes_site.send_jokes("После молчания")
    see(page, "После молчания")
    assert page.locator("article").all_inner_texts() == ["После молчания", "До молчания"]
