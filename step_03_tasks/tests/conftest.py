import os
import socket

import pytest
import redis
from django.conf import settings

from .processes import Process, wait_until
from .smtp_server import SMTPServer

FEEDBACK = {"email": "anna@example.com", "message": "Мне всё понравилось"}


def pytest_sessionstart():
    """Без Redis тесты шага не имеют смысла: об этом говорит одна строка."""
    try:
        redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2).ping()
    except redis.RedisError as error:
        raise pytest.UsageError(
            f"Redis не отвечает по адресу {settings.REDIS_URL} ({error}). Запустите его "
            "командой redis-server или укажите свой адрес в переменной REDIS_URL."
        ) from None


@pytest.fixture(autouse=True)
def empty_redis():
    """Каждый тест начинает с пустой базы Redis."""
    redis.Redis.from_url(settings.REDIS_URL).flushdb()


@pytest.fixture
def start(tmp_path):
    """
    Запускает процесс шага с настройками тестов: `start("celery", "-A", …)`.

    Именованные аргументы меняют настройки только этого процесса.
    """
    processes = []

    def start(*command, **settings):
        module = f"process_settings_{len(processes)}"
        lines = ["from tests.settings import *"]
        lines += [f"{name} = {value!r}" for name, value in settings.items()]
        (tmp_path / f"{module}.py").write_text("\n".join(lines), encoding="utf-8")
        env = os.environ | {
            "DJANGO_SETTINGS_MODULE": module,
            "PYTHONPATH": str(tmp_path),
            "PYTHONUNBUFFERED": "1",
        }
        process = Process(*command, env=env)
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()


@pytest.fixture
def smtp():
    """Почтовый сервер, который получает письма воркера."""
    with SMTPServer() as server:
        yield server
        server.shutdown()


@pytest.fixture
def start_worker(start, smtp):
    """Запускает воркер и ждёт, пока он будет готов."""

    def start_worker(*options, **settings):
        worker = start(
            *("celery", "-A", "django_celery", "worker", "-l", "info", "-c", "2"),
            # Без знакомства с другими воркерами этот готов на секунду раньше.
            *("--without-mingle", *options),
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=smtp.port,
            **settings,
        )
        worker.wait_for("ready.")
        return worker

    return start_worker


@pytest.fixture
def post(client):
    """Отправляет форму через HTTP и возвращает номер задачи."""

    def post(**changes):
        response = client.post("/", FEEDBACK | changes)
        assert response.status_code == 302, "Форма не принята"
        return response.url.removeprefix("/success/").removesuffix("/")

    return post


@pytest.fixture
def wait_for_state(client):
    """Ждёт, пока `/tasks/…/` назовёт нужное состояние; возвращает все, что увидел."""

    def wait_for_state(task_id, state, seconds=15):
        seen = []

        def reached():
            answer = client.get(f"/tasks/{task_id}/").json()
            assert answer.keys() == {"state"}, "В ответе должно быть только состояние"
            if answer["state"] not in seen[-1:]:
                seen.append(answer["state"])
            return state in seen

        wait_until(reached, seconds, lambda: f"Нет состояния {state}, были {seen}")
        return seen

    return wait_for_state


@pytest.fixture
def queue_length():
    """Сколько задач ждут в очереди."""
    return lambda: redis.Redis.from_url(settings.REDIS_URL).llen("celery")


@pytest.fixture
def free_port():
    """Порт, на котором никто не отвечает."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@pytest.fixture
def start_site(start):
    """Запускает runserver и ждёт, пока он начнёт отвечать."""

    def start_site(port, **settings):
        site = start("django", "runserver", "--noreload", str(port), **settings)

        def is_ready():
            with socket.socket() as sock:
                return sock.connect_ex(("127.0.0.1", port)) == 0

        wait_until(is_ready, 15, lambda: f"runserver не отвечает. Его вывод:\n{site.output}")

    return start_site
