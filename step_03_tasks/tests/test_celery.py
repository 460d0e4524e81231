from celery import current_app
from django.conf import settings

from .project import written


def test_default_app():
    """Приложение Celery загружается вместе с Django и становится текущим."""
    celery_app = written("django_celery", "celery_app")
    assert current_app._get_current_object() is celery_app, (
        "Проверьте import в `django_celery/__init__.py`"
    )


def test_worker_finds_settings(start):
    """Воркер сам знает, где настройки проекта, и берёт из них адрес Redis."""
    env = {"DJANGO_SETTINGS_MODULE": None, "REDIS_URL": settings.REDIS_URL}
    worker = start("celery", "-A", "django_celery", "worker", env=env)
    hint = "Проверьте строку с DJANGO_SETTINGS_MODULE в `django_celery/celery.py`."
    address = settings.REDIS_URL.split("//")[1].split("@")[-1]
    worker.wait_for(address, hint, unless="Cannot connect to")
