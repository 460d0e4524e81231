import json
import socket
import time
from functools import partial
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
import redis
from django.conf import settings

from .conftest import FEEDBACK, run_site
from .processes import fail

TASK = "00000000-0000-0000-0000-000000000000"
# На первом порту никто не отвечает.
NOBODY = "127.0.0.1:1"
NO_REASON = "В логе нет причины: проверьте `logger.error` в `feedback/views.py`."


@pytest.fixture
def silent_redis():
    """Адрес, по которому соединение принимают, но не отвечают."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def start_open_site(start):
    """Запускает сайт, который принимает форму без CSRF."""
    csrf = "django.middleware.csrf.CsrfViewMiddleware"
    middleware = [name for name in settings.MIDDLEWARE if name != csrf]
    return partial(run_site, start, MIDDLEWARE=middleware)


def ask(site, path, form=None):
    """Возвращает код и текст ответа сайта."""
    __tracebackhide__ = True
    data = form and urlencode(form).encode()
    try:
        with urlopen(f"http://127.0.0.1:{site.port}{path}", data, timeout=10) as response:
            return response.status, response.read().decode()
    except HTTPError as response:
        return response.code, response.read().decode()
    except OSError as error:
        fail(f"Сайт не ответил на {path} за 10 с: {error!r}.")


def check_refusal(site, error):
    """Форма отвечает 503 с объяснением, введённое в ней цело, а в логе названа причина."""
    status, page = ask(site, "/", FEEDBACK)
    assert status == 503, (
        f"Ответ {status}, а не 503: проверьте `{error}` и `return …, status=503)` в "
        "`feedback/views.py`"
    )
    assert "очередь задач недоступна" in page, "На странице нет объяснения"
    for value in FEEDBACK.values():
        assert value in page, f"Введённое потерялось: {value}"
    site.wait_for("Письмо не встало в очередь: ", NO_REASON)


def test_no_broker(start_open_site):
    """Брокер недоступен: форма отвечает 503 с объяснением по-русски."""
    check_refusal(start_open_site(CELERY_BROKER_URL=f"redis://{NOBODY}"), "OperationalError")


def test_silent_result_backend(start_open_site, silent_redis):
    """Хранилище результатов молчит: и форма скоро отвечает 503, и состояние письма."""
    site = start_open_site(CELERY_RESULT_BACKEND=silent_redis)
    started = time.monotonic()
    check_refusal(site, "RuntimeError")
    status, answer = ask(site, f"/tasks/{TASK}/")
    seconds = time.monotonic() - started
    assert status == 503, f"Ответ {status}: проверьте `RedisError` в `feedback/views.py`"
    assert json.loads(answer) == {"state": None}, f"Состояние неизвестно, а ответ — {answer}"
    assert seconds < 5, f"Ответы шли {seconds:.1f} с: проверьте CELERY_REDIS_SOCKET_TIMEOUT"


def test_broken_result(client):
    """В хранилище результатов мусор: состояние письма — 503 и null."""
    redis.Redis.from_url(settings.REDIS_URL).set(f"celery-task-meta-{TASK}", b"garbage")
    client.raise_request_exception = False
    response = client.get(f"/tasks/{TASK}/")
    assert response.status_code == 503, "Проверьте `DecodeError` в `feedback/views.py`"
    assert response.json() == {"state": None}, "Состояние неизвестно, а в ответе оно есть"


def test_other_error_is_not_hidden(start_open_site):
    """Брокер — не Redis: это ошибка в настройках, и её показывает 500, а не прячет 503."""
    site = start_open_site(CELERY_BROKER_URL=f"amqp://{NOBODY}//")
    status, _ = ask(site, "/", FEEDBACK)
    assert status == 500, f"Ответ {status}: проверьте `__cause__` в `feedback/views.py`"
