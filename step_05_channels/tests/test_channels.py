import select
from copy import deepcopy

import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.conf import settings

from django_celery.asgi import application
from jokes.tasks import get_random_joke

from .websocket_client import WebSocketClient


@pytest.fixture
def open_page(start_site, free_port):
    """Соединяется с настоящим runserver так же, как открытая страница."""
    start_site(free_port)
    pages = []

    def open_page(origin=f"http://127.0.0.1:{free_port}"):
        page = WebSocketClient(free_port, "/ws/jokes/", origin)
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()


def communicator(origin=b"http://localhost"):
    headers = [(b"origin", origin)] if origin else []
    return WebsocketCommunicator(application, "/ws/jokes/", headers)


def send_to_group(text):
    return get_channel_layer().group_send("jokes", {"type": "jokes.joke", "text": text})


def test_consumer_joins_and_leaves_group():
    """Пока соединение открыто, потребитель получает события группы jokes."""
    async_to_sync(join_and_leave)()


async def join_and_leave():
    stays, leaves = communicator(), communicator()
    for page in (stays, leaves):
        connected, _ = await page.connect()
        assert connected, "Потребитель не принял соединение"

    await send_to_group("<b>Первая</b>")
    assert await stays.receive_from() == "<b>Первая</b>"
    assert await leaves.receive_from() == "<b>Первая</b>"

    await leaves.disconnect()
    await send_to_group("Вторая")
    assert await stays.receive_from() == "Вторая"
    layer = get_channel_layer()
    async with layer.connection(0) as redis:
        members = await redis.zcard(layer._group_key("jokes"))
    assert members == 1, "Закрытое соединение осталось в группе jokes"
    await stays.disconnect()


@pytest.mark.parametrize(
    "origin", [b"http://evil.example.com", None], ids=["foreign", "missing"]
)
def test_origin_is_checked(origin):
    """Страница чужого сайта и запрос без Origin соединиться не могут."""
    connected, _ = async_to_sync(communicator(origin).connect)()
    assert not connected, "Проверьте AllowedHostsOriginValidator в asgi.py"


def test_page(client):
    """На странице шуток сказано, как часто они приходят, и есть ссылка на форму."""
    page = client.get("/jokes/").content.decode()
    assert "Новая шутка приходит каждые 0.5 секунд" in page
    assert 'href="/"' in page, "Со страницы шуток нет ссылки на форму"
    assert 'href="/jokes/"' in client.get("/").content.decode(), "С формы нет ссылки на шутки"


def test_idle_socket_stays_open_and_gets_jokes(open_page, start_worker, start_beat, jokes_api):
    """Соединение молчит больше 6 секунд, а потом получает шутку от beat и воркера."""
    first, second = open_page(), open_page()
    assert (first.status, second.status) == (101, 101), "Сервер не принял WebSocket"
    silence, _, _ = select.select([first.socket, second.socket], [], [], 6.1)
    assert not silence, f"Сервер закрыл молчащее соединение: {first.read_text()}"

    jokes_api.behave = lambda request: request.send_joke("<script>alert(1)</script>")
    start_worker(JOKES_API_URL=jokes_api.url)
    start_beat()
    for page in (first, second):
        assert page.read_text() == "<script>alert(1)</script>", "HTML в шутке изменился"


def test_foreign_page_is_refused(open_page):
    """Настоящий сервер отвечает чужой странице 403."""
    assert open_page(origin="http://evil.example.com").status == 403


def test_joke_is_logged_without_channel_layer(start_worker, jokes_api):
    """Канальный слой недоступен: шутка всё равно в логе, задача не повторяется."""
    layers = deepcopy(settings.CHANNEL_LAYERS)
    # На первом порту Redis нет и не будет.
    layers["default"]["CONFIG"]["hosts"][0]["address"] = "redis://127.0.0.1:1"
    worker = start_worker(JOKES_API_URL=jokes_api.url, CHANNEL_LAYERS=layers)
    get_random_joke.delay()
    worker.wait_for("Шутка номер 1\n")
    worker.wait_for("Шутка не дошла до открытых страниц: ")
    worker.wait_for("succeeded")
    assert "Traceback" not in worker.output
