from celery import current_app

from django_celery import celery_app


def test_default_app():
    """Приложение Celery загружается вместе с Django и становится текущим."""
    assert current_app._get_current_object() is celery_app, (
        "Проверьте import в django_celery/__init__.py"
    )


def test_no_broker_is_configured():
    """Брокер не указан, поэтому Celery ищет AMQP на этой же машине."""
    assert celery_app.connection().as_uri() == "amqp://guest:**@localhost:5672//"


def test_worker_finds_no_broker(start, closed_port):
    """Воркер читает настройки CELERY_… проекта, не находит брокера и пробует снова."""
    worker = start(
        *("celery", "-A", "django_celery", "worker"),
        CELERY_BROKER_URL=f"amqp://localhost:{closed_port}//",
    )

    worker.wait_for(f"transport:   amqp://guest:**@localhost:{closed_port}//")
    worker.wait_for(f"Cannot connect to amqp://guest:**@127.0.0.1:{closed_port}//: ")
    worker.wait_for("Connection refused.\nTrying again in 2.00 seconds... (1/100)")
