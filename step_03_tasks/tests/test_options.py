import pytest

from .project import setting, written


@pytest.mark.parametrize(
    "option, value",
    [
        ("retry_backoff_max", 60),
        ("max_retries", 15),
        ("soft_time_limit", 60),
        ("time_limit", 90),
    ],
)
def test_task_option(option, value):
    """Пределы задачи, которых пришлось бы ждать минуты, — такие, как в уроке."""
    task = written("feedback.tasks", "send_feedback_email_task")
    assert getattr(task, option, None) == value, (
        f"Проверьте `{option}={value}` в `feedback/tasks.py`"
    )


@pytest.mark.parametrize(
    "name, value",
    [
        ("EMAIL_TIMEOUT", 10),
        ("CELERY_TASK_PUBLISH_RETRY_POLICY", {"max_retries": 1, "interval_start": 0}),
        ("CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS", {"retry_policy": {"timeout": 1}}),
        ("CELERY_REDIS_SOCKET_CONNECT_TIMEOUT", 1),
        ("CELERY_REDIS_SOCKET_TIMEOUT", 1),
        ("CELERY_BROKER_POOL_LIMIT", 0),
        ("CELERY_WORKER_PREFETCH_MULTIPLIER", 1),
        ("CELERY_WORKER_DEDUPLICATE_SUCCESSFUL_TASKS", True),
    ],
)
def test_setting(name, value):
    """Настройки, без которых сайт ждёт слишком долго, — такие, как в уроке."""
    assert setting(name) == value, f"Проверьте `{name}` в `django_celery/settings.py`"


@pytest.mark.parametrize(
    "option, value",
    [("socket_connect_timeout", 1), ("socket_timeout", 1), ("visibility_timeout", 600)],
)
def test_broker_option(option, value):
    """Сайт ждёт брокера секунду, а письма убитого воркера возвращаются через десять минут."""
    assert setting("CELERY_BROKER_TRANSPORT_OPTIONS").get(option) == value, (
        f'Проверьте "{option}" в CELERY_BROKER_TRANSPORT_OPTIONS в `django_celery/settings.py`'
    )
