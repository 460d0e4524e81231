"""Настройки проекта, но с короткими ожиданиями: тесты не должны длиться минуты."""

import os
import re

from django_celery.settings import *  # noqa: F403


def with_test_database(url):
    """База Redis с отдельным номером: ваш воркер не возьмёт задачу теста, а тест — вашу."""
    return re.sub(r"^(rediss?://[^/?]+)(/\d*)?", r"\1/15", str(url))


EMAIL_DELAY_SECONDS = 0.3

# В этот Redis заглядывают сами тесты.
REDIS_URL = with_test_database(os.environ.get("REDIS_URL", "redis://localhost:6379"))

# Адреса — из настроек проекта. Если там чего-то нет, об этом скажут тесты.
for name in {"CELERY_BROKER_URL", "CELERY_RESULT_BACKEND"} & globals().keys():
    globals()[name] = with_test_database(globals()[name])
