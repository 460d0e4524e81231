import ast
import os
import signal

from celery.result import AsyncResult

from .processes import fail, wait_until
from .project import task

RETRIED = "Проверьте `autoretry_for` и `retry_backoff` в `feedback/tasks.py`."
LOST = "Письмо пропало: проверьте `acks_late` и `reject_on_worker_lost` в `feedback/tasks.py`."


PATIENCE = {
    "broker_transport_options": {"socket_timeout": 30, "visibility_timeout": 600},
    "task_publish_retry_policy": {"max_retries": None, "interval_start": 0},
    "broker_connection_timeout": None,
    "broker_channel_error_retry": True,
    "result_backend_always_retry": True,
}
ASK_FOR_PATIENCE = f"""
from celery.signals import celeryd_init
from django_celery import celery_app
celeryd_init.send(None, conf=celery_app.conf)
print({{name: celery_app.conf.get(name) for name in {list(PATIENCE)}}})
"""


def test_worker_is_patient(start):
    """Запускаясь, воркер получает свои пределы: Redis он ждёт дольше, чем сайт."""
    shell = start("django", "shell", "-c", ASK_FOR_PATIENCE)
    wait_until(shell.has_ended, lambda: "Настройки воркера не прочлись.")
    *_, last = shell.output.splitlines()
    if not last.startswith("{"):
        fail("Проверьте `django_celery/celery.py`.")
    for name, value in ast.literal_eval(last).items():
        assert value == PATIENCE[name], f"Проверьте `{name}` в `django_celery/celery.py`"


def test_pickle_is_refused(worker, post, smtp, wait_for_state):
    """Сообщение не в JSON воркер отвергает, не распаковывая."""
    mail_task = task("feedback.tasks.send_feedback_email_task")
    mail_task.apply_async(("eve@example.com", "x"), serializer="pickle")
    worker.wait_for("Refusing to deserialize untrusted content of type pickle")
    wait_for_state(post(), "SUCCESS")
    receivers = [mail["To"] for mail in smtp.messages]
    assert receivers == ["anna@example.com"], f"Письма ушли на {receivers}"


def test_refused_recipient_fails_at_once(worker, post, smtp, wait_for_state):
    """Такого получателя нет (550): состояние FAILURE сразу, без повторов и без трассировки."""
    smtp.refusals = [("RCPT TO", "550 5.1.1 No such user")]
    seen = wait_for_state(post(), "FAILURE", "Проверьте `code >= 500` в `feedback/tasks.py`.")
    assert "RETRY" not in seen, "Отказ 550 повторять бесполезно: проверьте `code >= 500`"
    assert smtp.attempts == 1, "Отказ 550 повторять бесполезно: проверьте `MailRejected`"
    worker.wait_for("raised expected: MailRejected", "Проверьте `throws=(MailRejected,)`.")


def test_other_errors_are_retried(worker, post, smtp, wait_for_state):
    """Остальные отказы поправимы: каждое письмо уходит со следующей попытки."""
    smtp.refusals = [
        ("AUTH", "535 5.7.8 Wrong password"),
        ("MAIL FROM", "530 5.7.0 Authentication required"),
        ("RCPT TO", "450 4.2.0 Try again later"),
        (".", "554 5.6.0 Looks like spam"),
    ]
    for task_id in [post() for _ in range(4)]:
        wait_for_state(task_id, "SUCCESS", RETRIED)
    assert (smtp.attempts, len(smtp.messages)) == (8, 4), (
        "Четырём письмам нужны ровно восемь попыток: проверьте последний `raise` в "
        "`feedback/tasks.py`"
    )


def test_stuck_task_is_retried(worker, wait_for_state):
    """Задача не уложилась в soft_time_limit: она повторяется."""
    mail_task = task("feedback.tasks.send_feedback_email_task")
    stuck = mail_task.apply_async(("anna@example.com", "Отзыв"), soft_time_limit=0.1)
    hint = "Проверьте `SoftTimeLimitExceeded` в `autoretry_for` в `feedback/tasks.py`."
    wait_for_state(stuck.id, "RETRY", hint)
    stuck.revoke()


def test_mail_survives_killed_child(worker, post, smtp, wait_for_state):
    """Процесс воркера убит посреди отправки: письмо уйдёт ещё раз, а не пропадёт."""
    task_id = post()
    wait_for_state(task_id, "STARTED", "Проверьте `track_started=True`.")
    os.kill(AsyncResult(task_id).info["pid"], signal.SIGKILL)
    wait_for_state(task_id, "SUCCESS", LOST)
    assert len(smtp.messages) == 1, "Письмо должно уйти один раз"
