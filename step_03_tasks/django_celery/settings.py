"""
Настройки проекта django_celery.

Все настройки Django и их значения:
https://docs.djangoproject.com/en/5.2/ref/settings/
"""

import os
from pathlib import Path

# Пути внутри проекта строятся так: BASE_DIR / "каталог".
BASE_DIR = Path(__file__).resolve().parent.parent


# Настройки для разработки: на рабочем сайте так оставлять нельзя.
# https://docs.djangoproject.com/en/5.2/howto/deployment/checklist/

# На рабочем сайте этот ключ должен быть секретом.
SECRET_KEY = "django-insecure-x*8rdndesym634zid$-#axkwl@q5-nc6)6p8!kfog+bu!97-le"

# На рабочем сайте отладка должна быть выключена.
DEBUG = True

ALLOWED_HOSTS = []


# Приложения

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "feedback.apps.FeedbackConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "django_celery.urls"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

WSGI_APPLICATION = "django_celery.wsgi.application"


# База данных
# https://docs.djangoproject.com/en/5.2/ref/settings/#databases

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": BASE_DIR / "db.sqlite3",
    }
}


# Проверка паролей
# https://docs.djangoproject.com/en/5.2/ref/settings/#auth-password-validators

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]


# Язык и время
# https://docs.djangoproject.com/en/5.2/topics/i18n/

LANGUAGE_CODE = "ru"

TIME_ZONE = "UTC"

USE_I18N = True

USE_TZ = True


# Статические файлы
# https://docs.djangoproject.com/en/5.2/howto/static-files/

STATIC_URL = "static/"

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


# Почта

# Письма печатаются в терминале, а не уходят в интернет.
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

DEFAULT_FROM_EMAIL = "support@example.com"

# Молчащего почтового сервера ждём не дольше, в секундах.
EMAIL_TIMEOUT = 10

# Столько секунд «думает» почтовый сервер над каждым письмом.
EMAIL_DELAY_SECONDS = 20


# Celery

REDIS_URL = os.environ.get("REDIS_URL", "redis://localhost:6379")

CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = REDIS_URL

# Когда Redis недоступен, страница отвечает через секунду-другую, а не виснет.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0}
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {"retry_policy": {"timeout": 1}}
CELERY_REDIS_SOCKET_TIMEOUT = 1
# Соединения с брокером не хранятся: в старое соединение с зависшим Redis задача
# успела бы уйти, и письмо отправилось бы после ответа «Сейчас письмо не отправить».
CELERY_BROKER_POOL_LIMIT = 0
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 1,
    # Через столько секунд задачи убитого воркера возвращаются в очередь.
    "visibility_timeout": 600,
}

# Воркер не запасает задачи: взятая, но ещё не начатая задача успела бы
# «вернуться» в очередь, и письмо ушло бы дважды.
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_DEDUPLICATE_SUCCESSFUL_TASKS = True
