import pytest

from .project import setting


@pytest.fixture
def start_hasty_worker(start_worker):
    """Запускает воркер, который возвращает в очередь чужие задачи через секунду."""
    options = setting("CELERY_BROKER_TRANSPORT_OPTIONS") | {
        "visibility_timeout": 1,
        "unacked_restore_interval": 0.2,
        "unacked_restore_throttle": 1,
        "unacked_mutex_expire": 2,
    }
    return lambda *args: start_worker(*args, CELERY_BROKER_TRANSPORT_OPTIONS=options)


def test_mail_survives_killed_worker(
    start_worker, start_hasty_worker, post, smtp, wait_for_state
):
    """Воркер убит целиком: письмо дождётся в Redis и уйдёт из нового воркера."""
    killed = start_worker()
    task_id = post()
    wait_for_state(task_id, "STARTED", "Проверьте `track_started=True`.")
    killed.kill()
    assert not smtp.messages, "Письмо ушло раньше, чем воркер был убит"
    start_hasty_worker()
    wait_for_state(task_id, "SUCCESS", "Письмо пропало: проверьте `acks_late=True`.")
    assert len(smtp.messages) == 1, "Письмо должно уйти один раз"


def test_backlog_sends_each_mail_once(start_hasty_worker, post, smtp, wait_for_state):
    """Очередь длиннее visibility_timeout: каждое письмо уходит ровно один раз."""
    hasty = start_hasty_worker("-c", "1")
    senders = [f"user{number}@example.com" for number in range(6)]
    for task_id in [post(email=sender) for sender in senders]:
        wait_for_state(task_id, "SUCCESS", "Письмо из длинной очереди не отправлено.")
    receivers = sorted(mail["To"] for mail in smtp.messages)
    assert receivers == senders, "Письма из длинной очереди ушли не по одному разу"
    assert hasty.output.count(" received\n") == len(senders), (
        "Взятые, но не начатые задачи вернулись: проверьте CELERY_WORKER_PREFETCH_MULTIPLIER"
    )
