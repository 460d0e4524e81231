from django.conf import settings

from .project import written

WORKER = ("celery", "-A", "django_celery", "worker", "-l", "info")


def test_default_app():
    """Приложение Celery загружается вместе с Django и становится текущим."""
    celery_app = written("django_celery", "celery_app")
    from celery import current_app

    assert current_app._get_current_object() is celery_app, (
        "Проверьте import в `django_celery/__init__.py`"
    )


def test_worker_finds_settings(start):
    """Воркер сам знает, где настройки проекта; брокера в них ещё нет, и он ищет AMQP."""
    worker = start(*WORKER, env={"DJANGO_SETTINGS_MODULE": None})
    hint = "Проверьте строку с DJANGO_SETTINGS_MODULE в `django_celery/celery.py`."
    worker.wait_for("transport:   amqp://guest:**@localhost:5672//", hint)


def test_worker_finds_tasks(start):
    """Воркер находит файл tasks.py в каждом приложении из INSTALLED_APPS."""
    worker = start(*WORKER, INSTALLED_APPS=[*settings.INSTALLED_APPS, "tests"])
    hint = "Проверьте `app.autodiscover_tasks()` в `django_celery/celery.py`."
    worker.wait_for("[tasks]\n  . tests.tasks.add", hint, unless="Connection refused.")


def test_worker_finds_no_broker(start, closed_port):
    """Воркер читает настройки CELERY_… проекта, не находит брокера и пробует снова."""
    worker = start(*WORKER, CELERY_BROKER_URL=f"amqp://localhost:{closed_port}//")

    hint = "Проверьте `app.config_from_object(…)` в `django_celery/celery.py`."
    banner = f"transport:   amqp://guest:**@localhost:{closed_port}//"
    worker.wait_for(banner, hint, unless="Connection refused.")
    worker.wait_for(f"Cannot connect to amqp://guest:**@127.0.0.1:{closed_port}//: ")
    worker.wait_for("Connection refused.\nTrying again in 2.00 seconds... (1/100)")
