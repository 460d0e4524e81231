"""What the browser tests do with a page: look at it, stop its clock, see what it waits for."""

from pathlib import Path

from playwright.sync_api import expect

TIMERS = Path(__file__).with_name("timers.js")
# A busy machine may take its time.
expect.set_options(timeout=15_000)


def see(page, text, seconds=15):
    """Wait until the page shows a text to a person."""
    body = expect(page.locator("body"))
    body.to_contain_text(text, use_inner_text=True, timeout=seconds * 1000)


def stop_clock(page):
    """From the next page on, time passes there only when the test says so."""
    page.clock.install(time=0)
    page.clock.pause_at(1)
    page.add_init_script(path=TIMERS)


def waits(page):
    """What the page's timers wait for, in milliseconds by the stopped clock."""
    return page.evaluate("timers.waits()")


def next_wait(page):
    """Wait until the page has exactly one timer. Returns its milliseconds."""
    page.wait_for_function("timers.waits().length === 1", polling=50, timeout=10_000)
    return waits(page)[0]


def fill_in_form(page, url, **options):
    page.goto(url)
    page.locator("[name=email]").fill("anna@example.com")
    page.locator("[name=message]").fill("Мне всё понравилось")
    page.locator("button").click(**options)


def open_jokes(page, url):
    page.goto(f"{url}/jokes/")
    connection = expect(page.locator("#connection.open"))
    connection.to_have_text("Связь с сервером есть.", use_inner_text=True)
    assert page.locator("#waiting").all_inner_texts() == ["Ждём шутку…"]
