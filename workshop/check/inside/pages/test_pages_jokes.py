"""The page of jokes in a browser: copied beside a step's own tests."""

from itertools import count

import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from .conftest import run_site
from .processes import starter

SCRIPT = "`jokes/static/jokes/jokes.js`"
JOKES = "#jokes > *"
TAGS = "#jokes > * *"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """One site for all tests of the file; the last one ends it."""
    with starter(tmp_path_factory.mktemp("site")) as start:
        yield run_site(start)


@pytest.fixture
def open_jokes(open_in_browser, site):
    return lambda: open_in_browser(f"http://127.0.0.1:{site.port}/jokes/")


def send(*jokes):
    for joke in jokes:
        event = {"type": "jokes.joke", "text": joke}
        async_to_sync(get_channel_layer().group_send)("jokes", event)


def wait_for_joke(page, hint):
    """Send joke after joke until the page shows one: at first it is not connected yet."""
    numbers = count()
    before = len(page.texts(JOKES))

    def comes():
        send(f"<b>Шутка</b> {next(numbers)}")
        return len(page.texts(JOKES)) > before

    page.wait_for(comes, f"{hint} в {SCRIPT}.", "#connection")


def test_jokes_come(open_jokes):
    """В браузере: шутка приходит на каждую открытую страницу, HTML в ней остаётся текстом."""
    for page in (open_jokes(), open_jokes()):
        wait_for_joke(page, "Шутка не появляется: проверьте `onmessage`, `addJoke(event.data)`")
        text = page.texts(JOKES)[0]
        assert text.startswith("<b>Шутка</b>") and not page.texts(TAGS), (
            f"На странице «{text}» вместо «<b>Шутка</b> …»: проверьте `addJoke(event.data)` и "
            f"`article.textContent = text` в {SCRIPT}"
        )


def test_fifty_jokes(open_jokes):
    """В браузере: новая шутка сверху, а страница хранит последние пятьдесят."""
    page = open_jokes()
    wait_for_joke(page, "Шутка не появляется: проверьте `onmessage`, `addJoke(event.data)`")
    send(*(f"Шутка номер {number}" for number in range(60)))
    last = "Шутка номер 59"
    hint = "Новая шутка не появляется: проверьте `jokes.prepend`, `jokes.lastChild`"
    page.wait_for(lambda: last in page.texts(JOKES), f"{hint} в {SCRIPT}.", JOKES)
    texts = page.texts(JOKES)
    assert texts[0] == last, f"Новая шутка не сверху: проверьте `jokes.prepend` в {SCRIPT}"
    assert len(texts) == 50, (
        f"Шуток на странице {len(texts)}, а не 50: проверьте `MOST_JOKES` в {SCRIPT}"
    )


def test_jokes_page_outlives_the_site(open_jokes, site, start):
    """В браузере: сайт перезапущен, и страница шуток сама соединяется заново."""
    page = open_jokes()
    wait_for_joke(page, "Шутка не появляется: проверьте `onmessage`, `addJoke(event.data)`")
    site.kill()
    start("django", "runserver", "--noreload", str(site.port))
    hint = "После перезапуска сайта шутки не приходят: проверьте `onclose = reconnect`"
    wait_for_joke(page, hint)
