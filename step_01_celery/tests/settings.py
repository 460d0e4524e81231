"""Настройки проекта, но с короткими ожиданиями: тесты не должны длиться минуты."""

from django_celery.settings import *  # noqa: F403

EMAIL_DELAY_SECONDS = 0.3
