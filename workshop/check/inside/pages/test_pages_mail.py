"""The success page in a browser: copied beside a step's own tests."""

import pytest

from .conftest import FEEDBACK, run_site
from .processes import starter

STATE = "#mail-state"
SCRIPT = "`feedback/static/feedback/mail_state.js`"
WITHOUT_SCRIPT = "Письмо уже в пути."


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """One site for all tests of the file; the last one ends it."""
    with starter(tmp_path_factory.mktemp("site")) as start:
        yield run_site(start)


def wait_for_change(page, text, hint):
    """Wait until the page says something else of the mail than this."""
    page.wait_for(lambda: page.texts(STATE) not in ([text], []), f"{hint} в {SCRIPT}.", STATE)
    return page.texts(STATE)[0]


def wait_for_first_answer(page):
    hint = "Страница не спрашивает, что с письмом: проверьте `follow(1000)` и `fetchState()`"
    return wait_for_change(page, WITHOUT_SCRIPT, hint)


def test_success_page(open_in_browser, site, start_worker):
    """В браузере: страница успеха говорит, что письмо ждёт, отправляется, отправлено."""
    page = open_in_browser(f"http://127.0.0.1:{site.port}/")
    page.send_form(**FEEDBACK)
    text = wait_for_first_answer(page)
    start_worker(EMAIL_DELAY_SECONDS=4)
    hint = "Письмо отправляется, а страница молчит: проверьте `setTimeout(follow` и `await`"
    text = wait_for_change(page, text, hint)
    hint = "Письмо отправлено, а страница молчит: проверьте `SUCCESS` и `STARTED`"
    wait_for_change(page, text, hint)


def test_success_page_outlives_the_site(open_in_browser, site, start, post):
    """В браузере: сайт перезапущен, а страница успеха спрашивает дальше."""
    page = open_in_browser(f"http://127.0.0.1:{site.port}/success/{post()}/")
    text = wait_for_first_answer(page)
    site.kill()
    hint = "Сайт остановлен, а страница об этом молчит: проверьте `.catch(() => null)`"
    text = wait_for_change(page, text, hint)
    start("django", "runserver", "--noreload", str(site.port))
    hint = "Сайт снова работает, а страница не спрашивает: проверьте `setTimeout(follow`"
    wait_for_change(page, text, hint)
