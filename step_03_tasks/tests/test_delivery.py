import os
import signal

from celery.result import AsyncResult
from django.conf import settings

from feedback.tasks import send_feedback_email_task

# Задачи убитого воркера возвращаются в очередь через секунду, а не через десять минут.
SHORT_VISIBILITY = settings.CELERY_BROKER_TRANSPORT_OPTIONS | {
    "visibility_timeout": 1,
    "unacked_restore_interval": 0.2,
    "unacked_restore_throttle": 1,
}


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
