import os

from celery import Celery
from celery.signals import celeryd_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "django_celery.settings")

app = Celery("django_celery")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
def make_worker_patient(conf, **kwargs):
    """Сайту ждать Redis некогда, а воркер ждёт его, сколько нужно, и не теряет писем."""
    conf.broker_transport_options |= {"socket_timeout": 30}
    conf.task_publish_retry_policy |= {"max_retries": None}
    conf.broker_connection_timeout = None
    conf.broker_channel_error_retry = True
    conf.result_backend_always_retry = True
