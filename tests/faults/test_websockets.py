"""Open pages go on getting jokes, whatever other clients and Redis do."""

import asyncio
import os
import socket
import time
from contextlib import suppress

import pytest
from channels_redis.core import RedisChannelLayer
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.frames import Frame, Opcode

from .servers import open_page, wait_for_members

LONG_JOKE = "Очень длинная шутка. " * 45
JOKE_SECONDS = 5


@pytest.fixture
def stack(start_stack):
    return start_stack("channels")


@pytest.fixture
def site(stack):
    return stack.start_site()


@pytest.fixture
def layer(stack):
    return RedisChannelLayer(hosts=[{"address": stack.redis.url, "socket_timeout": 15}])


async def send_joke(layer, text="Шутка"):
    await layer.group_send("jokes", {"type": "jokes.joke", "text": text})


async def seconds_to_joke(layer, page, text="Шутка"):
    """Send a joke to the group and wait until the page has it."""
    started = time.monotonic()
    await send_joke(layer, text)
    async with asyncio.timeout(JOKE_SECONDS):
        assert await page.recv() == text
    return time.monotonic() - started


def test_pages_vanish_at_once(stack, site, layer, is_full, figure):
    """Сотни страниц исчезли разом: группа пуста, память цела, шутки приходят."""
    # More than a hundred: so many connections redis-py's pool allows by itself.
    count = 1000 if is_full else 200

    async def vanish(client):
        client.transport.abort()

    async def scenario():
        async with open_page(site) as page:
            memory = site.process.memory()
            started = time.monotonic()
            clients = []
            while len(clients) < count:
                clients += await asyncio.gather(*(open_page(site) for _ in range(50)))
            figure(f"{count} соединений за", f"{time.monotonic() - started:.1f} с")
            await asyncio.to_thread(wait_for_members, stack, count + 1)
            await asyncio.gather(*map(vanish, clients))
            figure("шутка пришла через", f"{await seconds_to_joke(layer, page):.2f} с")
            await asyncio.to_thread(wait_for_members, stack, 1)
            growth = site.process.memory() - memory
            figure("память сервера выросла на", f"{growth:.0f} МБ")
            assert growth < 60 + count / 10

    asyncio.run(scenario())
    assert "Traceback" not in site.process.output


def test_clients_send_garbage(site, layer, figure):
    """Мусор, огромные и дроблёные сообщения: страница получает шутки, память сервера цела."""

    async def garbage(client):
        client.transport.write(os.urandom(4096))

    async def oversized(client):
        await client.send(b"x" * 20_000_000)

    async def endless(client):
        fragment = Frame(Opcode.TEXT, b"x" * 100_000, fin=False).serialize(mask=True)
        client.transport.write(fragment)
        rest = Frame(Opcode.CONT, b"x" * 100_000, fin=False).serialize(mask=True)
        for _ in range(200):
            client.transport.write(rest)
            await asyncio.sleep(0)

    async def scenario():
        async with open_page(site) as page:
            memory = site.process.memory()
            for misbehave in (garbage, oversized, endless):
                client = await open_page(site)
                with suppress(ConnectionClosed):
                    await misbehave(client)
                async with asyncio.timeout(20):
                    await client.wait_closed()
                assert client.close_code != 1000
            async with open_page(site) as client:
                # An iterable is sent in fragments.
                await client.send("x" for _ in range(2000))
                assert await seconds_to_joke(layer, client) < JOKE_SECONDS
            assert await page.recv() == "Шутка"
            figure("шутка пришла через", f"{await seconds_to_joke(layer, page):.2f} с")
            growth = site.process.memory() - memory
            figure("память сервера выросла на", f"{growth:.0f} МБ")
            assert growth < 60

    asyncio.run(scenario())


def test_foreign_and_missing_origin(site):
    """Страница чужого сайта и соединение без Origin получают отказ 403."""

    async def scenario():
        for origin in ("http://evil.example.com", None):
            with pytest.raises(InvalidStatus) as refusal:
                await open_page(site, origin=origin)
            assert refusal.value.response.status_code == 403

    asyncio.run(scenario())


def test_client_does_not_read(stack, site, layer, is_full, figure):
    """Клиент не читает: остальные получают каждую шутку вовремя, память сервера цела."""
    count = 5000 if is_full else 300

    async def scenario():
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", site.port))
        deaf.setblocking(False)
        client = await open_page(site, sock=deaf, ping_interval=None)
        client.transport.pause_reading()
        async with open_page(site) as page:
            wait_for_members(stack, 2)
            memory = site.process.memory()
            slowest = 0
            for number in range(count):
                seconds = await seconds_to_joke(layer, page, f"{number} {LONG_JOKE}")
                slowest = max(slowest, seconds)
            growth = site.process.memory() - memory
            figure(f"{count} шуток, самая медленная", f"{slowest:.2f} с")
            figure("память сервера выросла на", f"{growth:.0f} МБ")
            assert growth < 60
        client.transport.abort()

    asyncio.run(scenario())


def test_half_open_client(stack, layer, figure):
    """Клиент пропал, не закрыв соединения: сервер замечает это и убирает его из группы."""
    site = stack.start_daphne("--ping-interval", "1", "--ping-timeout", "1")

    async def scenario():
        async with open_page(site) as page:
            silent = await open_page(site)
            silent.transport.pause_reading()
            wait_for_members(stack, 2)
            started = time.monotonic()
            await asyncio.to_thread(wait_for_members, stack, 1)
            figure("замечено через", f"{time.monotonic() - started:.1f} с")
            assert await seconds_to_joke(layer, page) < JOKE_SECONDS
            silent.transport.abort()

    asyncio.run(scenario())


def test_redis_is_restarted_under_open_pages(stack, site, layer, is_full, figure):
    """Redis убит и запущен снова: все страницы снова получают шутки, порванные соединяются."""
    count = 100 if is_full else 20
    waiting = count
    refusals = 0

    async def wait_for_joke(page):
        nonlocal waiting, refusals
        while True:
            try:
                await page.recv()
                waiting -= 1
                return
            except ConnectionClosed:
                await asyncio.sleep(0.5)
            try:
                page = await open_page(site)
            except InvalidHandshake:
                refusals += 1

    async def scenario():
        pages = [await open_page(site) for _ in range(count)]
        wait_for_members(stack, count)
        await asyncio.to_thread(stack.redis.kill)
        await asyncio.to_thread(stack.redis.restart)
        restarted = time.monotonic()
        async with asyncio.timeout(30), asyncio.TaskGroup() as group:
            for page in pages:
                group.create_task(wait_for_joke(page))
            while waiting:
                await send_joke(layer)
                await asyncio.sleep(0.2)
        figure(f"{count} страниц получили шутку за", f"{time.monotonic() - restarted:.1f} с")
        figure("отказов при этом", refusals)

    asyncio.run(scenario())
