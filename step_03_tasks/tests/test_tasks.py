import os
import signal
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from celery.result import AsyncResult
from django.conf import settings

from feedback.tasks import send_feedback_email_task

from .processes import wait_until

FEEDBACK = {"email": "anna@example.com", "message": "Мне всё понравилось"}

# Задачи убитого воркера возвращаются в очередь через секунду, а не через десять минут.
SHORT_VISIBILITY = settings.CELERY_BROKER_TRANSPORT_OPTIONS | {
    "visibility_timeout": 1,
    "unacked_restore_interval": 0.2,
    "unacked_restore_throttle": 1,
}


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


def test_answer_comes_before_the_mail_is_sent(post, smtp, start_worker):
    """Ответ приходит раньше, чем письмо отправлено."""
    start_worker()
    post()
    assert not smtp.messages, "Письмо отправлено ещё до ответа: форма его ждала"
    wait_until(lambda: smtp.messages, 10, lambda: "Письмо не пришло")


def test_mail_fields(post, smtp, start_worker):
    """Письмо уходит автору отзыва с support@example.com, в нём — текст отзыва."""
    start_worker()
    post()
    wait_until(lambda: smtp.messages, 10, lambda: "Письмо не пришло")

    (mail,) = smtp.messages
    assert mail["From"] == "support@example.com", "Проверьте from_email"
    assert mail["To"] == "anna@example.com", "Письмо ушло не автору отзыва"
    assert "Мне всё понравилось" in mail.get_content(), "В письме нет текста отзыва"


def test_states_in_order(post, start_worker, wait_for_state):
    """Состояния идут по порядку: в очереди, отправляется, отправлено."""
    task_id = post()
    assert wait_for_state(task_id, "PENDING") == ["PENDING"]
    start_worker()
    seen = wait_for_state(task_id, "SUCCESS")
    assert [state for state in seen if state != "PENDING"] == ["STARTED", "SUCCESS"]


def test_temporary_error_is_retried(post, smtp, start_worker, wait_for_state):
    """Временный отказ почтового сервера: письмо уходит со второй попытки."""
    smtp.refusals = ["450 4.2.0 Try again later"]
    start_worker()
    wait_for_state(post(), "SUCCESS")
    assert smtp.attempts == 2, "После временного отказа нужна ровно ещё одна попытка"
    assert len(smtp.messages) == 1


def test_permanent_error_fails_at_once(post, smtp, start_worker, wait_for_state):
    """Окончательный отказ (550): состояние FAILURE сразу, без повторов."""
    smtp.refusals = ["550 5.1.1 No such user"]
    start_worker()
    seen = wait_for_state(post(), "FAILURE")
    assert "RETRY" not in seen, "Окончательный отказ повторять бесполезно"
    assert smtp.attempts == 1


def test_mail_survives_killed_child(post, smtp, start_worker, wait_for_state):
    """Процесс воркера убит посреди отправки: письмо уйдёт ещё раз, а не пропадёт."""
    start_worker()
    task_id = post()
    wait_for_state(task_id, "STARTED")
    os.kill(AsyncResult(task_id).info["pid"], signal.SIGKILL)
    wait_for_state(task_id, "SUCCESS")
    assert len(smtp.messages) == 1


def test_mail_survives_killed_worker(post, smtp, start_worker, wait_for_state):
    """Воркер убит целиком: письмо дождётся в Redis и уйдёт из нового воркера."""
    worker = start_worker()
    task_id = post()
    wait_for_state(task_id, "STARTED")
    worker.kill()
    assert not smtp.messages
    start_worker(CELERY_BROKER_TRANSPORT_OPTIONS=SHORT_VISIBILITY)
    wait_for_state(task_id, "SUCCESS")
    assert len(smtp.messages) == 1


def test_backlog_sends_each_mail_once(post, smtp, start_worker, wait_for_state):
    """Очередь длиннее visibility_timeout: каждое письмо уходит ровно один раз."""
    worker = start_worker("-c", "1", CELERY_BROKER_TRANSPORT_OPTIONS=SHORT_VISIBILITY)
    senders = [f"user{number}@example.com" for number in range(6)]
    task_ids = [post(email=sender) for sender in senders]
    for task_id in task_ids:
        wait_for_state(task_id, "SUCCESS")
    assert sorted(mail["To"] for mail in smtp.messages) == senders
    assert worker.output.count(" received\n") == len(senders), (
        "Взятые, но не начатые задачи вернулись в очередь: проверьте PREFETCH_MULTIPLIER"
    )


def test_pickle_is_refused(smtp, start_worker, post, wait_for_state):
    """Сообщение не в JSON воркер отвергает, не распаковывая."""
    worker = start_worker()
    send_feedback_email_task.apply_async(("eve@example.com", "x"), serializer="pickle")
    worker.wait_for("Refusing to deserialize untrusted content of type pickle")
    wait_for_state(post(), "SUCCESS")
    assert [mail["To"] for mail in smtp.messages] == ["anna@example.com"]


def test_redis_is_down(start, closed_port):
    """Redis недоступен: ответ 503 с объяснением по-русски, введённое не потеряно."""
    port = closed_port()
    redis_url = f"redis://127.0.0.1:{closed_port()}"
    web = start(
        *("django", "runserver", "--noreload", str(port)),
        CELERY_BROKER_URL=redis_url,
        CELERY_RESULT_BACKEND=redis_url,
    )
    web.wait_for("Quit the server")
    cookies = CookieJar()
    browser = build_opener(HTTPCookieProcessor(cookies))
    site = f"http://127.0.0.1:{port}"
    browser.open(site)
    (token,) = (cookie.value for cookie in cookies)

    form = FEEDBACK | {"csrfmiddlewaretoken": token}
    with pytest.raises(HTTPError) as post_error:
        browser.open(site, urlencode(form).encode(), timeout=5)
    with pytest.raises(HTTPError) as state_error:
        browser.open(f"{site}/tasks/00000000-0000-0000-0000-000000000000/", timeout=5)

    assert post_error.value.code == 503, "Форма должна ответить 503"
    page = post_error.value.read().decode()
    assert "очередь задач недоступна" in page, "На странице нет объяснения"
    for value in FEEDBACK.values():
        assert value in page, f"Введённое потерялось: {value}"
    assert state_error.value.code == 503, "/tasks/…/ должен ответить 503"
