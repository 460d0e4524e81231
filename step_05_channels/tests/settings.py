"""Настройки проекта, но с короткими ожиданиями: тесты не должны длиться минуты."""

from urllib.parse import urlsplit

from django_celery.settings import *  # noqa: F403
from django_celery.settings import CELERY_BEAT_SCHEDULE, CHANNEL_LAYERS, REDIS_URL

EMAIL_DELAY_SECONDS = 0.3

# База Redis с отдельным номером: ваш воркер не возьмёт задачу теста, а тест — вашу.
REDIS_URL = urlsplit(REDIS_URL)._replace(path="/15").geturl()
CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = REDIS_URL
CHANNEL_LAYERS["default"]["CONFIG"]["hosts"][0]["address"] = REDIS_URL

# Шутка приходит дважды в секунду, а не раз в пятнадцать секунд.
CELERY_BEAT_SCHEDULE = {
    "get_random_joke": CELERY_BEAT_SCHEDULE["get_random_joke"]
    | {"schedule": 0.5, "options": {"expires": 0.5}}
}
