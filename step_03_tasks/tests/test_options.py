import pytest

from .project import setting, task

# Чтобы проверить эти числа делом, пришлось бы ждать минуты или ломать Redis.
TASK_OPTIONS = {
    "retry_backoff_max": 60,
    "max_retries": 15,
    "soft_time_limit": 60,
}
SETTINGS = {
    "EMAIL_TIMEOUT": 10,
    "CELERY_TASK_PUBLISH_RETRY_POLICY": {"max_retries": 1, "interval_start": 0},
    "CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS": {"retry_policy": {"timeout": 1}},
    "CELERY_REDIS_SOCKET_TIMEOUT": 1,
    "CELERY_BROKER_POOL_LIMIT": 0,
    "CELERY_WORKER_PREFETCH_MULTIPLIER": 1,
    "CELERY_WORKER_DEDUPLICATE_SUCCESSFUL_TASKS": True,
}
BROKER_OPTIONS = {
    "socket_timeout": 1,
    "visibility_timeout": 600,
}


@pytest.mark.parametrize("option", TASK_OPTIONS)
def test_task_option(option):
    """Пределы повторов и времени задачи — такие, как в уроке."""
    value = TASK_OPTIONS[option]
    mail_task = task("feedback.tasks.send_feedback_email_task")
    assert getattr(mail_task, option, None) == value, (
        f"Проверьте `{option}={value}` в `feedback/tasks.py`"
    )


@pytest.mark.parametrize("name", SETTINGS)
def test_setting(name):
    """Настройки почты и Celery — такие, как в уроке."""
    assert setting(name) == SETTINGS[name], f"Проверьте `{name}` в `django_celery/settings.py`"


@pytest.mark.parametrize("option", BROKER_OPTIONS)
def test_broker_option(option):
    """Сайт ждёт брокера секунду, а письма убитого воркера возвращаются через десять минут."""
    assert setting("CELERY_BROKER_TRANSPORT_OPTIONS").get(option) == BROKER_OPTIONS[option], (
        f'Проверьте "{option}" в CELERY_BROKER_TRANSPORT_OPTIONS в `django_celery/settings.py`'
    )
