import threading

import pytest
import redis
from django.conf import settings

from .api_server import joke_body
from .project import task

NO_JOKE = "Шутки не будет: ответ API не такой, как договаривались: "
# Каждый такой ответ API не шутка, и каждый проверяет свою строку задачи.
LIES = {
    "empty": b"",
    "html": b"<html>",
    "not_utf8": b"\xff",
    "null": b"null",
    "number": b"42",
    "list": b"[]",
    "no_value": b"{}",
    "null_value": b'{"value": null}',
    "no_joke": b'{"value": {}}',
    "joke_is_number": joke_body(42),
    "joke_is_null": joke_body(None),
    "joke_is_spaces": joke_body(" \n "),
    "endless": b" " * 3_000_000 + joke_body("Длинная шутка"),
}
JOKES = {
    "emoji": "Семья: 👨\u200d👩\u200d👧",
    "soft_hyphen": "Мяг\u00adкий перенос",
    "escape": "\x1b[31mКрасное\x07",
}


@pytest.fixture
def ask(worker):
    """Ставит задачу в очередь и ждёт от воркера строки с её номером и нужными словами."""

    def ask(words, hint, **options):
        __tracebackhide__ = True
        result = task("jokes.tasks.get_random_joke").apply_async(**options)
        worker.wait_for(f"[{result.id}]{words}", hint)
        return [line for line in worker.output.splitlines() if result.id in line]

    return ask


def test_soft_time_limit():
    """Задача не занимает воркер надолго."""
    joke_task = task("jokes.tasks.get_random_joke")
    assert joke_task.soft_time_limit == 5, "Проверьте `soft_time_limit=5` в `jokes/tasks.py`"


def test_result_is_not_stored(ask, jokes_api):
    """Результат шутки никому не нужен, и в Redis он не попадает."""
    ask(" succeeded", "Задача не выполнилась.")
    keys = redis.Redis.from_url(settings.REDIS_URL).keys("celery-task-meta-*")
    assert not keys, "Проверьте `ignore_result=True` в `jokes/tasks.py`"


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_lie_is_one_warning(ask, jokes_api, lie):
    """Ответ не такой, как договаривались: одно предупреждение в логе, и больше ничего."""
    jokes_api.behave = lambda request: request.send(lie)
    log = ask(
        " succeeded", f"Не всякий ответ — шутка: проверьте `jokes/tasks.py` ({lie[:40]})."
    )
    assert [NO_JOKE in line for line in log] == [False, True, False], (
        "Проверьте `if not joke` в `jokes/tasks.py`: между «received» и «succeeded» должно "
        "быть одно предупреждение.\n" + "\n".join(log)
    )


@pytest.mark.parametrize("joke", JOKES.values(), ids=JOKES)
def test_any_text_is_a_joke(ask, jokes_api, worker, joke):
    """Шуткой может быть любой текст; управляющие символы лог показывает, а не выполняет."""
    jokes_api.behave = lambda request: request.send_joke(f" {joke} ")
    ask(f": {joke!r}\n", "Проверьте `%r` и `strip()` в `jokes/tasks.py`.")
    assert "\x1b[31m" not in worker.output, "Управляющие символы шутки попали в терминал"


def test_long_answer_is_not_awaited(ask, jokes_api):
    """Ответ слишком длинный: остального задача не ждёт."""
    released = threading.Event()

    def send_a_little(request):
        request.send(b" " * 20_000, length=3_000_000)
        released.wait(20)

    jokes_api.behave = send_a_little
    ask(f": {NO_JOKE}", "Проверьте `stream=True` и MAX_ANSWER_BYTES в `jokes/tasks.py`.")
    released.set()
    assert jokes_api.requests == 1, "Слишком длинный ответ запрашивать снова незачем"


def test_silent_api_is_asked_again(ask, jokes_api):
    """API молчит: задача ждёт две секунды, а потом спрашивает снова."""
    released = threading.Event()

    def hang_at_first(request):
        if request.number == 1:
            released.wait(20)
        request.send_joke()

    jokes_api.behave = hang_at_first
    ask(
        ": 'Шутка номер 2'",
        "Проверьте `timeout=2` и `default_retry_delay=1` в `jokes/tasks.py`.",
    )
    released.set()


def test_stuck_task_is_no_error(ask, jokes_api):
    """Задача не уложилась в soft_time_limit: шутки не будет, но и трассировки нет."""
    released = threading.Event()
    jokes_api.behave = lambda request: released.wait(20)
    hint = "Проверьте `SoftTimeLimitExceeded` в `throws` в `jokes/tasks.py`."
    ask(" raised expected: SoftTimeLimitExceeded", hint, soft_time_limit=0.3)
    released.set()


def test_error_is_retried_a_little(ask, jokes_api):
    """Ошибка 500: ещё два запроса, и задача сдаётся без трассировки."""
    jokes_api.behave = lambda request: request.send(joke_body("Не шутка"), status=500)
    hint = (
        "Проверьте `raise_for_status()`, а также `autoretry_for`, `max_retries=2`, "
        "`default_retry_delay=1` и `throws` в `jokes/tasks.py`."
    )
    ask(" raised expected: HTTPError", hint)
    assert jokes_api.requests == 3, "Проверьте `max_retries=2` в `jokes/tasks.py`"
