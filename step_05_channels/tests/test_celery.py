from celery import current_app

from django_celery import celery_app


def test_default_app():
    """Приложение Celery загружается вместе с Django и становится текущим."""
    assert current_app._get_current_object() is celery_app, (
        "Проверьте import в django_celery/__init__.py"
    )
