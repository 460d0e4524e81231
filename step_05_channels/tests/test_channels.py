import select
from pathlib import Path
from urllib.request import urlopen

import pytest
import redis
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from django.contrib.staticfiles import finders

from .conftest import run_site
from .processes import fail, starter, wait_until
from .project import setting, task
from .websocket_client import WebSocketClient

HANDSHAKE = (
    "Сервер не открыл WebSocket: проверьте `daphne` в INSTALLED_APPS (он должен быть первым), "
    "ASGI_APPLICATION, `django_celery/asgi.py`, `jokes/routing.py` и `jokes/consumers.py`."
)
NOT_SENT = (
    "Потребитель не отправил шутку странице: проверьте `group_add`, `jokes_joke`, `send` и "
    "каждый `await` в `jokes/consumers.py`."
)
NO_JOKE = "Шутка не дошла до страницы: проверьте `group_send` в `jokes/tasks.py`."


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Настоящий runserver, один на все тесты."""
    with starter(tmp_path_factory.mktemp("site")) as start:
        yield run_site(start)


@pytest.fixture
def open_page(site):
    """Соединяется с сайтом так же, как открытая страница."""
    pages = []

    def open_page(origin=f"http://127.0.0.1:{site.port}"):
        __tracebackhide__ = True
        pages.append(WebSocketClient(site.port, "/ws/jokes/", origin))
        return pages[-1]

    yield open_page
    for page in pages:
        page.close()


@pytest.fixture
def open_two_pages(open_page):
    """Соединяет две страницы; если сервер отказал, показывает его вывод."""

    def open_two_pages():
        __tracebackhide__ = True
        pages = open_page(), open_page()
        for page in pages:
            if page.status != 101:
                fail(f"{HANDSHAKE} Ответ {page.status}.")
        return pages

    return open_two_pages


def test_page(client):
    """Страница шуток знает свои стили и скрипт, на неё и с неё ведут ссылки."""
    response = client.get("/jokes/")
    assert response.status_code == 200, (
        "Страницы /jokes/ нет: проверьте `django_celery/urls.py`"
    )
    page = response.content.decode()
    for part in (
        '<link rel="stylesheet" href="/static/jokes/jokes.css">',
        '<script src="/static/jokes/jokes.js" defer></script>',
        'id="connection"',
        'id="waiting"',
        'id="jokes"',
        'href="/"',
    ):
        assert part in page, f"В `jokes/templates/jokes/index.html` нет {part}"
    assert 'href="/jokes/"' in client.get("/").content.decode(), (
        "Нет ссылки на шутки: проверьте `feedback/templates/feedback/feedback.html`"
    )


@pytest.mark.parametrize("name", ["jokes.css", "jokes.js"])
def test_static_file(name):
    """Стили и скрипт страницы лежат там, где их найдёт Django."""
    assert finders.find(f"jokes/{name}"), f"Нет файла `jokes/static/jokes/{name}`"


def test_script_knows_the_address():
    """Скрипт соединяется с тем адресом, который слушает потребитель."""
    path = finders.find("jokes/jokes.js")
    assert path and "/ws/jokes/`" in Path(path).read_text(encoding="utf-8"), (
        "Проверьте адрес /ws/jokes/ в `jokes/static/jokes/jokes.js`"
    )


def test_channel_layer():
    """Канальный слой — Redis из REDIS_URL, и страницы не спорят за соединения с ним."""
    layer = setting("CHANNEL_LAYERS").get("default", {})
    assert layer.get("BACKEND") == "channels_redis.core.RedisChannelLayer", (
        'Проверьте "BACKEND" в CHANNEL_LAYERS'
    )
    (host,) = layer.get("CONFIG", {}).get("hosts") or [None]
    assert isinstance(host, dict), 'В "hosts" в CHANNEL_LAYERS нужен словарь {"address": …}'
    assert host.get("address") == setting("REDIS_URL"), 'Проверьте "address" в CHANNEL_LAYERS'
    for option, value in {"socket_timeout": 15, "max_connections": 10_000}.items():
        assert host.get(option) == value, f'Проверьте "{option}" в CHANNEL_LAYERS'


def test_site_answers_http(site):
    """Тот же сервер отдаёт и обычные страницы."""
    try:
        urlopen(f"http://127.0.0.1:{site.port}/", timeout=10).close()
    except OSError as error:
        fail(f'Страницы нет ({error!r}): проверьте "http" в `django_celery/asgi.py`.')


def test_foreign_page_is_refused(open_page):
    """Странице чужого сайта и запросу без Origin сервер отвечает 403."""
    for origin in ("http://evil.example.com", None):
        status = open_page(origin).status
        assert status == 403, (
            f"Ответ {status} на Origin: {origin}: проверьте AllowedHostsOriginValidator в "
            "`django_celery/asgi.py`"
        )


def test_consumer_joins_and_leaves_group(open_two_pages):
    """Пока соединение открыто, потребитель получает события группы jokes."""
    assert setting("CHANNEL_LAYERS"), "Проверьте CHANNEL_LAYERS"
    send = async_to_sync(get_channel_layer().group_send)
    stays, leaves = open_two_pages()

    send("jokes", {"type": "jokes.joke", "text": "<b>Первая</b>"})
    for page in (stays, leaves):
        text = page.read_text(NOT_SENT)
        assert text == "<b>Первая</b>", f"Шутка изменилась в `jokes/consumers.py`: {text}"

    leaves.close()
    group = redis.Redis.from_url(settings.REDIS_URL)
    wait_until(
        lambda: group.zcard("asgi:group:jokes") == 1,
        lambda: (
            "Закрытое соединение осталось в группе jokes: проверьте `group_discard` в "
            "`jokes/consumers.py`."
        ),
    )
    send("jokes", {"type": "jokes.joke", "text": "Вторая"})
    assert stays.read_text(NOT_SENT) == "Вторая", "Вторая шутка не такая, как отправлена"


def test_idle_socket_stays_open_and_gets_jokes(
    open_two_pages, start_worker, start_beat, jokes_api
):
    """Соединение молчит больше 6 секунд, а потом получает шутку от beat и воркера."""
    first, second = open_two_pages()
    silence, _, _ = select.select([first.socket, second.socket], [], [], 6.1)
    if silence:
        first.read_text("Страница молчала недолго: проверьте `socket_timeout`.")

    jokes_api.behave = lambda request: request.send_joke("<script>alert(1)</script>")
    start_worker(JOKES_API_URL=jokes_api.url)
    start_beat()
    for page in (first, second):
        text = page.read_text(NO_JOKE)
        assert text == "<script>alert(1)</script>", f"HTML в шутке изменился: {text}"


def test_joke_is_logged_without_channel_layer(start_worker, jokes_api):
    """Канальный слой недоступен: шутка всё равно в логе, задача не повторяется."""
    layers = setting("CHANNEL_LAYERS")
    # На первом порту Redis нет и не будет.
    layers["default"]["CONFIG"]["hosts"] = [{"address": "redis://127.0.0.1:1"}]
    worker = start_worker(JOKES_API_URL=jokes_api.url, CHANNEL_LAYERS=layers)
    task("jokes.tasks.get_random_joke").delay()
    hint = "Проверьте `except RedisError` в `jokes/tasks.py`."
    worker.wait_for("'Шутка номер 1'", "Шутка пишется в лог раньше, чем рассылается.")
    worker.wait_for("Шутка не дошла до открытых страниц: ", hint)
    worker.wait_for("succeeded", hint)
