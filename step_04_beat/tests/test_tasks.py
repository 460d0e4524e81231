import time
from uuid import uuid4

from .processes import wait_until
from .project import setting

NO_MAIL = "Письма нет: проверьте `sleep(…)` и `send_mail(…)` в `feedback/tasks.py`."


def test_answer_does_not_wait(post, settings, mailoutbox):
    """Ответ приходит сразу: форма только ставит письмо в очередь, а отправляет его воркер."""
    settings.EMAIL_DELAY_SECONDS = 5
    started = time.monotonic()
    post()
    seconds = time.monotonic() - started
    assert seconds < 4, (
        f"Ответ шёл {seconds:.1f} с: в `feedback/forms.py` нужен только `.delay(…)`"
    )
    assert not mailoutbox, (
        "Письмо отправила сама форма: в `feedback/forms.py` нужен `.delay(…)`"
    )


def test_not_a_task_id(client):
    """Страницы есть только у идентификатора задачи, то есть у UUID."""
    for path in ("/success/x/", "/tasks/x/"):
        assert client.get(path).status_code == 404, f"{path}: проверьте `<uuid:task_id>`"


def test_unknown_task(wait_for_state):
    """О письме, которого воркер ещё не брал, сведений нет: его состояние — PENDING."""
    assert wait_for_state(uuid4(), "PENDING") == ["PENDING"], "Такой задачи ещё не было"


def test_mail_fields(worker, post, smtp):
    """Воркер шлёт автору отзыва письмо от DEFAULT_FROM_EMAIL с проверенным текстом отзыва."""
    post(email=" anna@example.com ", message="  Мне всё\r\nпонравилось ")
    wait_until(lambda: smtp.messages, lambda: NO_MAIL)

    assert setting("DEFAULT_FROM_EMAIL") == "support@example.com", (
        "Проверьте DEFAULT_FROM_EMAIL"
    )
    (mail,) = smtp.messages
    assert mail["From"] == "other@example.com", "Проверьте `from_email=None`"
    assert mail["To"] == "anna@example.com", "Письмо ушло не автору отзыва"
    text = mail.get_content()
    assert text == "Спасибо за отзыв! Вы написали:\n\nМне всё\nпонравилось\n", (
        "В письме не тот текст: проверьте `message` в `feedback/tasks.py` и `cleaned_data` в "
        "`feedback/forms.py`"
    )


def test_states_in_order(worker, post, wait_for_state):
    """Состояния идут по порядку: в очереди, отправляется, отправлено."""
    task_id = post()
    hint = "Проверьте `track_started=True` в `feedback/tasks.py`."
    seen = wait_for_state(task_id, "STARTED", hint)
    seen += wait_for_state(task_id, "SUCCESS", "Письмо не отправлено.")
    states = list(dict.fromkeys(["PENDING", *seen]))
    assert states == ["PENDING", "STARTED", "SUCCESS"], f"Состояния шли так: {states}"
