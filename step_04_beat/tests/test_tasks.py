from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from .conftest import FEEDBACK
from .processes import wait_until


def test_answer_comes_before_the_mail_is_sent(post, smtp, start_worker):
    """Ответ приходит раньше, чем письмо с текстом отзыва отправлено его автору."""
    start_worker()
    post()
    assert not smtp.messages, "Письмо отправлено ещё до ответа: форма его ждала"
    wait_until(lambda: smtp.messages, 10, lambda: "Письмо не пришло")

    (mail,) = smtp.messages
    assert mail["From"] == "support@example.com", "Проверьте from_email"
    assert mail["To"] == FEEDBACK["email"], "Письмо ушло не автору отзыва"
    assert FEEDBACK["message"] in mail.get_content(), "В письме нет текста отзыва"


def test_states_in_order(post, start_worker, wait_for_state):
    """Состояния идут по порядку: в очереди, отправляется, отправлено."""
    task_id = post()
    assert wait_for_state(task_id, "PENDING") == ["PENDING"]
    start_worker()
    seen = wait_for_state(task_id, "SUCCESS")
    assert [state for state in seen if state != "PENDING"] == ["STARTED", "SUCCESS"]


def test_redis_is_down(start_site, free_port):
    """Redis недоступен: ответ 503 с объяснением по-русски, введённое не потеряно."""
    # На первом порту Redis нет и не будет.
    redis_url = "redis://127.0.0.1:1"
    start_site(free_port, CELERY_BROKER_URL=redis_url, CELERY_RESULT_BACKEND=redis_url)
    cookies = CookieJar()
    browser = build_opener(HTTPCookieProcessor(cookies))
    site = f"http://127.0.0.1:{free_port}"
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
