"""Every page of every step: in narrow and wide windows, in the dark, by keyboard alone."""

import uuid

import pytest
from axe_playwright_python.sync_playwright import Axe

from .page import fill_in_form, open_jokes, see

WIDTHS = (320, 768, 1280)
OVERFLOW = "document.documentElement.scrollWidth - window.innerWidth"
REFUSED = "Сейчас письмо не отправить: очередь задач недоступна."
BUSY = "the server responded with a status of 503"


def open_form(page, site):
    page.goto(site.url)


def open_form_with_errors(page, site):
    page.goto(site.url)
    page.locator("form").evaluate("form => { form.noValidate = true; }")
    page.locator("button").click()
    see(page, "Обязательное поле.")


def open_thanks(page, site):
    page.goto(f"{site.url}/success/")


def open_mail(state):
    def open_mail(page, site):
        task_id = str(uuid.uuid4())
        site.store(task_id, state)
        page.goto(f"{site.url}/success/{task_id}/")
        page.locator("#mail-state:not(:text('Письмо уже в пути.'))").wait_for()

    open_mail.__name__ = f"open_mail_{state}"
    return open_mail


def open_page_of_jokes(page, site):
    open_jokes(page, site.url)
    site.send_jokes("Ш" * 1000, "Две шутки.\nВ двух строках.")
    see(page, "ШШШ")


FORM = (open_form, open_form_with_errors)
MAIL = tuple(open_mail(state) for state in ("STARTED", "RETRY", "SUCCESS", "FAILURE"))
PAGES = {
    "00": (*FORM, open_thanks),
    "01": (*FORM, open_thanks),
    "02": (*FORM, open_thanks),
    "03": (*FORM, *MAIL),
    "04": (*FORM, *MAIL),
    "05": (*FORM, *MAIL, open_page_of_jokes),
}
EACH = pytest.mark.parametrize(
    ("step", "open_page"), [(step, opens) for step, pages in PAGES.items() for opens in pages]
)


@EACH
def test_page_is_for_everybody(visitors, whole_site, step, open_page):
    """In any window nothing is cut off, and axe finds nothing in light or dark colours."""
    page = visitors.open_page()
    open_page(page, whole_site(step))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate(OVERFLOW) <= 0, f"Wider than {width}"
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page)
        assert not found.violations_count, f"{scheme}: {found.generate_report()}"


def is_seen(page):
    """Tell whether what has the focus shows it."""
    return page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.parametrize("step", PAGES)
def test_keyboard_alone_is_enough(page, whole_site, step):
    page.goto(whole_site(step).url)
    for text in ("anna@example.com", "Без мыши"):
        page.keyboard.press("Tab")
        assert is_seen(page)
        page.keyboard.type(text)
    page.keyboard.press("Tab")
    assert is_seen(page)
    page.keyboard.press("Enter")
    see(page, "Спасибо за отзыв!")
    page.keyboard.press("Tab")
    assert is_seen(page)
    page.keyboard.press("Enter")
    see(page, "Отправить")
    if step == "05":
        for _ in range(4):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        see(page, "Ждём шутку…")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        see(page, "Отправить")


def test_tab_is_busy_until_the_mail_has_gone(page, whole_site):
    """Nothing comes to the tab before; another one is answered meanwhile."""
    site = whole_site("00")
    other = page.context.new_page()
    answered = []
    page.context.on("response", lambda response: answered.append(response.request.method))
    fill_in_form(page, site.url, no_wait_after=True)
    other.goto(site.url)
    assert "POST" not in answered
    see(page, "Спасибо за отзыв!")
    assert "POST" in answered


@pytest.mark.parametrize("has_javascript", [True, False])
def test_mail_page_needs_no_javascript(visitors, mail_site, has_javascript):
    page = visitors.open_page(java_script_enabled=has_javascript)
    fill_in_form(page, mail_site.url)
    see(page, "Спасибо за отзыв!")
    see(page, "Письмо ждёт в очереди" if has_javascript else "Письмо уже в пути.")


@pytest.mark.parametrize("has_javascript", [True, False])
def test_redis_is_down(visitors, site_without_redis, expected_errors, has_javascript):
    """The form says so at once and keeps what was typed."""
    expected_errors.append(BUSY)
    page = visitors.open_page(java_script_enabled=has_javascript)
    fill_in_form(page, site_without_redis.url)
    see(page, REFUSED)
    assert page.locator("[name=message]").input_value() == "Мне всё понравилось"
    if has_javascript:
        found = Axe().run(page)
        assert not found.violations_count, found.generate_report()


def test_jokes_page_says_that_it_needs_javascript(visitors, jokes_site):
    page = visitors.open_page(java_script_enabled=False)
    page.goto(f"{jokes_site.url}/jokes/")
    see(page, "включите в браузере JavaScript")
