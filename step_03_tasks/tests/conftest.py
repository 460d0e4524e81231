import socket
import traceback
from functools import partial
from pathlib import Path

import pytest
import redis
from django.conf import settings

from .processes import BASE_DIR, fail, starter, wait_until
from .smtp_server import SMTPServer

FEEDBACK = {"email": "anna@example.com", "message": "Мне всё понравилось"}


def pytest_sessionstart():
    """Без Redis тесты шага не имеют смысла: об этом говорит одна строка."""
    try:
        redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2).ping()
    except (redis.RedisError, ValueError) as error:
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
    """Запускает процессы шага и снимает их после теста."""
    with starter(tmp_path) as start:
        yield start


@pytest.fixture(scope="session")
def smtp_server():
    """Почтовый сервер, который получает письма воркеров."""
    with SMTPServer() as server:
        yield server
        server.shutdown()


@pytest.fixture
def smtp(smtp_server):
    """Почтовый сервер, который ещё ничего не получал."""
    smtp_server.forget()
    return smtp_server


def run_worker(start, smtp, *options, **settings):
    """Запускает воркер и ждёт, пока он будет готов."""
    __tracebackhide__ = True
    worker = start(
        *("celery", "-A", "django_celery", "worker", "-l", "info", "-c", "2"),
        # Без знакомства с другими воркерами этот готов на секунду раньше.
        *("--without-mingle", *options),
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=smtp.port,
        **settings,
    )
    hint = "Воркер не готов: проверьте `CELERY_BROKER_URL` в `django_celery/settings.py`."
    worker.wait_for("ready.", hint, unless="Cannot connect to")
    return worker


@pytest.fixture
def start_worker(start, smtp):
    """Запускает воркер для одного теста."""
    return partial(run_worker, start, smtp)


@pytest.fixture(scope="module")
def worker(tmp_path_factory, smtp_server):
    """Воркер, один на все тесты файла, которым не нужен свой."""
    with starter(tmp_path_factory.mktemp("worker")) as start:
        yield run_worker(
            *(start, smtp_server),
            DEFAULT_FROM_EMAIL="other@example.com",
            EMAIL_HOST_USER="support",
            EMAIL_HOST_PASSWORD="secret",
        )


def answer_of(response):
    """Говорит, чем ответил сайт: ошибкой (и где в проекте она случилась) или кодом ответа."""
    if not (error := getattr(response, "exc_info", None)):
        form = (getattr(response, "context_data", None) or {}).get("form")
        errors = f", ошибки в форме: {dict(form.errors)}" if form else ""
        return f"код ответа {response.status_code}{errors}"
    places = [
        f" (`{path.relative_to(BASE_DIR)}`, строка {frame.lineno})"
        for frame in traceback.extract_tb(error[2])
        if (path := Path(frame.filename)).parent.parent == BASE_DIR
    ]
    return f"ошибка на сервере: {error[1]!r}{''.join(places[-1:])}"


@pytest.fixture
def post(client):
    """Отправляет форму через HTTP и возвращает идентификатор задачи."""

    def post(hint="", **changes):
        __tracebackhide__ = True
        client.raise_request_exception = False
        response = client.post("/", FEEDBACK | changes)
        if response.exc_info:
            hint = (
                "Проверьте `return send_feedback_email_task.delay(…)` в `feedback/forms.py` и "
                "`redirect(…, task_id=task.id)` в `feedback/views.py`."
            )
        answer = f"{hint} Форма не принята: {answer_of(response)}"
        assert response.status_code == 302, answer.strip()
        _, page, task_id, *_ = f"{response.url}//".split("/")
        assert task_id, f"После отправки формы ждём /success/<id задачи>/, а не {response.url}"
        return task_id

    return post


@pytest.fixture
def wait_for_state(client):
    """Ждёт, пока `/tasks/…/` назовёт нужное состояние; возвращает все, что увидел."""

    def wait_for_state(task_id, state, hint=""):
        __tracebackhide__ = True
        client.raise_request_exception = False
        seen = []

        def is_over():
            response = client.get(f"/tasks/{task_id}/")
            assert response.status_code == 200, f"/tasks/…/: {answer_of(response)}"
            answer = response.json()
            assert answer.keys() == {"state"}, (
                "В ответе должно быть только состояние: проверьте `JsonResponse` в "
                "`feedback/views.py`"
            )
            if answer["state"] not in seen[-1:]:
                seen.append(answer["state"])
            return {state, "SUCCESS", "FAILURE"}.intersection(seen)

        wait_until(is_over, lambda: f"{hint} Нет состояния {state}, были {seen}.")
        if state not in seen:
            fail(f"{hint} Нет состояния {state}, были {seen}.")
        return seen

    return wait_for_state


@pytest.fixture
def queue_length():
    """Сколько задач ждут в очереди."""
    return lambda: redis.Redis.from_url(settings.REDIS_URL).llen("celery")


def run_site(start, **settings):
    """Запускает runserver и ждёт, пока он начнёт отвечать; его порт — в site.port."""
    __tracebackhide__ = True
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    site = start("django", "runserver", "--noreload", str(port), **settings)
    site.port = port

    def is_ready():
        with socket.socket() as sock:
            return site.has_ended() or sock.connect_ex(("127.0.0.1", port)) == 0

    wait_until(is_ready, lambda: "runserver не отвечает.")
    if site.has_ended():
        fail("runserver не запустился.")
    return site
