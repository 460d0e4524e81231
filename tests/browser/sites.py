"""A step's site for the browser tests, with a Redis of its own, and the site behind TLS."""

import asyncio
import datetime
import ssl
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.client import HTTPException
from urllib.request import urlopen

import redis
from celery import Celery
from channels_redis.core import RedisChannelLayer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ..conftest import wait_until

HTML_JOKE = "<img src=x onerror=\"document.title='взломано'\"><b>жирная</b> шутка"


class Site:
    """A step's runserver, which can be stopped and started again on the same port.

    Its mails take two seconds.
    """

    def __init__(self, start, step, port, redis_process, redis_url):
        self.start_process, self.step, self.port = start, step, port
        self.url = f"http://127.0.0.1:{port}"
        self.redis_process, self.redis_url = redis_process, redis_url
        self.redis = redis.Redis.from_url(redis_url)
        self.results = Celery(set_as_current=False, backend=redis_url).backend
        self.layer = RedisChannelLayer(hosts=[{"address": redis_url, "socket_timeout": 15}])
        self.worker = None
        self.start()

    def start(self):
        settings = self.step / "quick_settings.py"
        settings.write_text("from django_celery.settings import *\nEMAIL_DELAY_SECONDS = 2\n")
        self.process = self._run("manage.py", "runserver", "--noreload", str(self.port))
        wait_until(self._answers, 30, lambda: self.process.output)

    def start_worker(self):
        command = ["-m", "celery", "-A", "django_celery", "worker", "-c", "1", "-l", "info"]
        self.worker = self._run(*command)
        return self.worker

    def _run(self, *arguments):
        env = {"REDIS_URL": self.redis_url, "DJANGO_SETTINGS_MODULE": "quick_settings"}
        return self.start_process([sys.executable, *arguments], cwd=self.step, env=env)

    def _answers(self):
        # Not just anybody on this port: on a busy machine somebody else may have taken it.
        with suppress(OSError, HTTPException), urlopen(self.url, timeout=10) as answer:
            return answer.status == 200
        return False

    def stop(self):
        self.process.kill()

    def stop_redis(self):
        self.redis_process.kill()

    def start_redis(self):
        """Start Redis again on the same port, with what it has written down."""
        command = self.redis_process.popen.args
        self.redis_process = self.start_process(command, cwd=self.step)
        wait_until(self._has_redis, 15, lambda: self.redis_process.output)

    def _has_redis(self):
        with suppress(redis.RedisError):
            return self.redis.ping()

    def store(self, task_id, state):
        """Store a mail's state as a worker does."""
        self.redis.delete(self.results.get_key_for_task(task_id))
        result = OSError("no") if state in ("RETRY", "FAILURE") else None
        self.results.store_result(task_id, result, state)

    def spoil(self, task_id):
        """Make a mail's state unreadable: the site answers 503 with no state."""
        self.redis.set(self.results.get_key_for_task(task_id), "not JSON")

    def send_jokes(self, *jokes):
        async def send():
            for joke in jokes:
                await self.layer.group_send("jokes", {"type": "jokes.joke", "text": joke})

        # A thread of a test that looks at pages already has the loop of Playwright.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, send()).result()


@contextmanager
def tls_proxy(port, directory):
    """Pass on what comes over TLS to a port. Yields the address."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(_make_certificate(directory))
    started = Future()

    async def serve():
        server = await asyncio.start_server(connect, "127.0.0.1", 0, ssl=context)
        stop = asyncio.Event()
        tls_port = server.sockets[0].getsockname()[1]
        started.set_result((asyncio.get_running_loop(), stop, tls_port))
        await stop.wait()
        server.close()

    async def connect(reader, writer):
        with suppress(OSError, asyncio.CancelledError):
            site_reader, site_writer = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(copy(reader, site_writer), copy(site_reader, writer))

    async def copy(reader, writer):
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    thread = threading.Thread(target=asyncio.run, args=[serve()], daemon=True)
    thread.start()
    loop, stop, tls_port = started.result(10)
    yield f"https://127.0.0.1:{tls_port}"
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)


def _make_certificate(directory):
    """Write a key and its self-signed certificate into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = directory / "certificate.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
