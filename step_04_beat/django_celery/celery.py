import os

from celery import Celery
from kombu.transport.redis import Transport

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "django_celery.settings")

# Обходит ошибку Kombu 5.7.0: если Redis пропадал, пока письмо отправляется,
# воркер завершался с AttributeError, а не соединялся заново.
Transport.connection_errors += (AttributeError,)

app = Celery("django_celery")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
