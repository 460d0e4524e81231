"""Plausible mistakes of learners: a small edit to a step's code, and what `check` says to it.

The step's number begins a mistake's name. `python3 -m workshop.maintain mistakes` makes each of
them in a copy of the step; a piece of what `check` then explains has to be the text here.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from workshop.lesson.project import read_text, write_text

Edit = Callable[[Path], None]


class Mistake(NamedTuple):
    """What `check` says, and the edits; each gets the directory of a copy of the step."""

    sentence: str
    edits: tuple[Edit, ...]


MISTAKES: dict[str, Mistake] = {}


def mistake(name: str, sentence: str, *edits: Edit) -> None:
    assert name not in MISTAKES and edits, name
    MISTAKES[name] = Mistake(sentence, edits)


def sub(path: str, old: str, new: str, times: int = 1) -> Edit:
    """Replace a text that occurs exactly so often."""

    def edit(project: Path) -> None:
        text = read_text(project / path) or ""
        assert text.count(old) == times, f"{path}: {old!r} occurs {text.count(old)} times"
        write_text(project / path, text.replace(old, new))

    return edit


def cut(path: str, old: str) -> Edit:
    return sub(path, old, "")


def write(path: str, text: str) -> Edit:
    return lambda project: write_text(project / path, text)


def delete(path: str) -> Edit:
    return lambda project: (project / path).unlink()


def move(old: str, new: str) -> Edit:
    def edit(project: Path) -> None:
        (project / new).parent.mkdir(parents=True, exist_ok=True)
        (project / old).rename(project / new)

    return edit


def cut_between(path: str, first: str, last: str) -> Edit:
    """Cut from the first text to the end of the last one."""

    def edit(project: Path) -> None:
        text = read_text(project / path) or ""
        pattern = f"{re.escape(first)}.*?{re.escape(last)}"
        assert re.search(pattern, text, re.DOTALL), f"{path}: {first!r} … {last!r}"
        write_text(project / path, re.sub(pattern, "", text, count=1, flags=re.DOTALL))

    return edit


CELERY = "django_celery/celery.py"
INIT = "django_celery/__init__.py"
SETTINGS = "django_celery/settings.py"
ASGI = "django_celery/asgi.py"
URLS = "django_celery/urls.py"
FORMS = "feedback/forms.py"
TASKS = "feedback/tasks.py"
VIEWS = "feedback/views.py"
ADDRESSES = "feedback/urls.py"
SUCCESS = "feedback/templates/feedback/success.html"
STATE_JS = "feedback/static/feedback/mail_state.js"
JOKES = "jokes/tasks.py"
CONSUMER = "jokes/consumers.py"
ROUTING = "jokes/routing.py"
JOKES_JS = "jokes/static/jokes/jokes.js"
PAGE = "jokes/templates/jokes/index.html"
REQUIREMENTS = "requirements.txt"

# What nobody notices, and why.
UNNOTICED = {
    "05-asgi-import-first": "runserver has set Django up before it imports asgi.py",
    "comments and docstrings": "they mean nothing to Python, and `check` is silent about them",
}

# fmt: off

# --- 01: the Celery application

mistake("01-requirements", "В `requirements.txt` нет пакета `celery`",
        cut(REQUIREMENTS, "celery~=5.6.3\n"))
mistake("01-init-empty", "В `django_celery/__init__.py` ещё нет имени `celery_app`",
        write(INIT, ""))
mistake("01-init-no-dot", "Проверьте import в `django_celery/__init__.py`",
        sub(INIT, "from .celery", "from celery"))
mistake("01-init-in-app", "В `django_celery/__init__.py` ещё нет имени `celery_app`",
        write(INIT, ""),
        write("feedback/__init__.py", "from .celery import app\n"))
mistake("01-init-other-name", "В `django_celery/__init__.py` ещё нет имени `celery_app`",
        sub(INIT, "app as celery_app", "app"))
mistake("01-init-celery-app", "ImportError: cannot import name 'celery_app' from 'django_celery.celery'",
        sub(INIT, "import app as", "import celery_app as"))
mistake("01-namespace-missing", "Проверьте `app.config_from_object(…)` в `django_celery/celery.py`",
        cut(CELERY, ', namespace="CELERY"'))
mistake("01-namespace-typo", "Проверьте `app.config_from_object(…)` в `django_celery/celery.py`",
        sub(CELERY, 'namespace="CELERY"', 'namespace="CELLERY"'))
mistake("01-config-missing", "Проверьте `app.config_from_object(…)` в `django_celery/celery.py`",
        cut(CELERY, 'app.config_from_object("django.conf:settings", namespace="CELERY")\n'))
mistake("01-config-dot", '`django_celery/celery.py`: нет `app.config_from_object("django.conf:settings", namespace="CELERY")`',
        sub(CELERY, "django.conf:settings", "django.conf.settings"))
mistake("01-autodiscover-missing", "Проверьте `app.autodiscover_tasks()` в `django_celery/celery.py`",
        cut(CELERY, "app.autodiscover_tasks()\n"))
mistake("01-autodiscover-not-called", "Проверьте `app.autodiscover_tasks()` в `django_celery/celery.py`",
        sub(CELERY, "discover_tasks()", "discover_tasks"))
mistake("01-settings-module-missing", "Проверьте строку с DJANGO_SETTINGS_MODULE в `django_celery/celery.py`",
        cut(CELERY, 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "django_celery.settings")\n'))
mistake("01-settings-module-typo", "No module named 'celery_django'",
        sub(CELERY, '"django_celery.settings"', '"celery_django.settings"'))
mistake("01-settings-module-py", "Проверьте строку с DJANGO_SETTINGS_MODULE в `django_celery/celery.py`",
        sub(CELERY, '"django_celery.settings"', '"django_celery.settings.py"'))
mistake("01-app-renamed", "В `django_celery/celery.py` ещё нет имени `app`",
        sub(CELERY, "app", "application", 3))
mistake("01-app-lower-case", "NameError: name 'celery' is not defined",
        sub(CELERY, 'Celery("django_celery")', 'celery("django_celery")'))
mistake("01-no-import-os", "NameError: name 'os' is not defined", cut(CELERY, "import os\n"))
mistake("01-no-import-celery", "NameError: name 'Celery' is not defined",
        cut(CELERY, "from celery import Celery\n"))
mistake("01-file-in-root", "Похожий файл лежит здесь: `celery.py`",
        move(CELERY, "celery.py"))
mistake("01-file-misnamed", "Похожий файл лежит здесь: `django_celery/celery_app.py`",
        move(CELERY, "django_celery/celery_app.py"))
mistake("01-file-in-feedback", "Похожий файл лежит здесь: `feedback/celery.py`",
        move(CELERY, "feedback/celery.py"))
mistake("01-bracket", "не закрыта скобка `(`",
        sub(CELERY, "app.autodiscover_tasks()", "app.autodiscover_tasks("))
mistake("01-quote", "не закрыта кавычка",
        sub(CELERY, 'Celery("django_celery")', 'Celery("django_celery)'))
mistake("01-procfile", "`Procfile`: нет `worker: python -m celery -A django_celery worker -l info`",
        cut("Procfile", "worker: python -m celery -A django_celery worker -l info\n"))

# --- 02: Redis

mistake("02-requirements", "В `requirements.txt` нет пакета `redis`",
        cut(REQUIREMENTS, "redis~=8.1\n"))
mistake("02-broker-missing", "В `django_celery/settings.py` ещё нет настройки `CELERY_BROKER_URL`",
        cut(SETTINGS, "CELERY_BROKER_URL = REDIS_URL\n"))
mistake("02-broker-no-prefix", "Похоже, вместо него написано `BROKER_URL`",
        sub(SETTINGS, "CELERY_BROKER_URL", "BROKER_URL"))
mistake("02-broker-lower-case", "В `django_celery/settings.py` ещё нет настройки `CELERY_BROKER_URL`",
        sub(SETTINGS, "CELERY_BROKER_URL", "celery_broker_url"))
mistake("02-broker-quoted-name", "Пришло: 'REDIS_URL'",
        sub(SETTINGS, "BROKER_URL = REDIS_URL", 'BROKER_URL = "REDIS_URL"'))
mistake("02-broker-above", "NameError: name 'REDIS_URL' is not defined",
        sub(SETTINGS, "REDIS_URL = os", "CELERY_BROKER_URL = REDIS_URL\nREDIS_URL = os"))
mistake("02-broker-amqp", "Пришло: 'amqp://localhost'",
        sub(SETTINGS, "BROKER_URL = REDIS_URL", 'BROKER_URL = "amqp://localhost"'))
mistake("02-broker-comma", "Пришло: ['redis://localhost:6379']",
        sub(SETTINGS, "BROKER_URL = REDIS_URL", "BROKER_URL = REDIS_URL,"))
mistake("02-backend-missing", "В `django_celery/settings.py` ещё нет настройки `CELERY_RESULT_BACKEND`",
        cut(SETTINGS, "CELERY_RESULT_BACKEND = REDIS_URL\n"))
mistake("02-backend-no-prefix", "Похоже, вместо него написано `RESULT_BACKEND`",
        sub(SETTINGS, "CELERY_RESULT_BACKEND", "RESULT_BACKEND"))
mistake("02-backend-plural", "Похоже, вместо него написано `CELERY_RESULTS_BACKEND`",
        sub(SETTINGS, "CELERY_RESULT_BACKEND", "CELERY_RESULTS_BACKEND"))
mistake("02-backend-rpc", "Пришло: 'rpc://'",
        sub(SETTINGS, "RESULT_BACKEND = REDIS_URL", 'RESULT_BACKEND = "rpc://"'))
mistake("02-url-one-slash", "Пришло: 'redis:/localhost:6379'",
        sub(SETTINGS, "redis://localhost", "redis:/localhost"))
mistake("02-url-no-scheme", "Пришло: 'localhost:6379'",
        sub(SETTINGS, "redis://localhost", "localhost"))
mistake("02-url-port", "Пришло: 'redis://localhost:6397'", sub(SETTINGS, ":6379", ":6397"))
mistake("02-url-host", "Пришло: 'redis://redis:6379'",
        sub(SETTINGS, "//localhost:6379", "//redis:6379"))
mistake("02-url-no-default", "KeyError: 'REDIS_URL'",
        sub(SETTINGS, 'os.environ.get("REDIS_URL", "redis://localhost:6379")', 'os.environ["REDIS_URL"]'))
mistake("02-url-no-import-os", "NameError: name 'os' is not defined",
        cut(SETTINGS, "import os\n"))
mistake("02-namespace-missing", "Пришло: None", cut(CELERY, ', namespace="CELERY"'))
mistake("02-settings-module-typo", "Проверьте строку с DJANGO_SETTINGS_MODULE в `django_celery/celery.py`",
        sub(CELERY, '"django_celery.settings"', '"celery_django.settings"'))
mistake("02-init-empty", "В `django_celery/__init__.py` ещё нет имени `celery_app`",
        write(INIT, ""))
mistake("02-redis-py", "Файл `redis.py` заслоняет пакет `redis`", write("redis.py", ""))

# --- 03: the form

DELAY = "send_feedback_email_task.delay("
mistake("03-form-no-delay", "Проверьте `return send_feedback_email_task.delay(…)` в `feedback/forms.py`",
        sub(FORMS, DELAY, "send_feedback_email_task("))
mistake("03-form-no-return", "Проверьте `return send_feedback_email_task.delay(…)` в `feedback/forms.py`",
        sub(FORMS, f"return {DELAY}", DELAY))
mistake("03-form-apply-async", "Проверьте `return send_feedback_email_task.delay(…)` в `feedback/forms.py`",
        sub(FORMS, ".delay(", ".apply_async("))
mistake("03-form-passes-itself", "Проверьте `return send_feedback_email_task.delay(…)` в `feedback/forms.py`",
        sub(FORMS, 'self.cleaned_data["email"], self.', "self, self."))
mistake("03-form-passes-all", "Проверьте `return send_feedback_email_task.delay(…)` в `feedback/forms.py`",
        sub(FORMS, 'self.cleaned_data["email"], self.cleaned_data["message"]', "self.cleaned_data"))
mistake("03-form-raw-data", "`cleaned_data` в `feedback/forms.py`",
        sub(FORMS, "self.cleaned_data", "self.data", 2))
mistake("03-form-import-no-dot", "ModuleNotFoundError: No module named 'tasks'",
        sub(FORMS, "from .tasks", "from tasks"))
mistake("03-form-import-missing", "Проверьте `return send_feedback_email_task.delay(…)` в `feedback/forms.py`",
        cut(FORMS, "from .tasks import send_feedback_email_task\n"))
mistake("03-form-swapped", "ValueError: Invalid address",
        sub(FORMS, 'self.cleaned_data["email"], self.cleaned_data["message"]', 'self.cleaned_data["message"], self.cleaned_data["email"]'))
mistake("03-form-max-length", "Проверьте `max_length` в `feedback/forms.py`",
        sub(FORMS, "2 * 5000", "5000"))
mistake("03-form-sleeps-too", "в `feedback/forms.py` нужен только `.delay(…)`",
        sub(FORMS, "from django import forms\n", "from time import sleep\n\nfrom django import forms\n"),
        sub(FORMS, f"        return {DELAY}", f"        sleep(20)\n        return {DELAY}"))

# --- 03: the task

mistake("03-task-no-decorator", "Celery не нашёл задачу `feedback.tasks.send_feedback_email_task`",
        cut_between(TASKS, "@shared_task(", "\n)\n"))
mistake("03-task-renamed", "В `feedback/tasks.py` ещё нет задачи `send_feedback_email_task`",
        sub(TASKS, "def send_feedback_email_task", "def send_email_task"),
        sub(FORMS, "send_feedback_email_task", "send_email_task", 2))
mistake("03-task-other-name", "Celery не нашёл задачу `feedback.tasks.send_feedback_email_task`",
        sub(TASKS, "@shared_task(\n", '@shared_task(\n    name="send_email",\n'))
mistake("03-task-bound", "Проверьте `return send_feedback_email_task.delay(…)` в `feedback/forms.py`",
        sub(TASKS, "@shared_task(\n", "@shared_task(\n    bind=True,\n"))
mistake("03-task-file-misnamed", "Похожий файл лежит здесь: `feedback/task.py`",
        move(TASKS, "feedback/task.py"),
        sub(FORMS, "from .tasks", "from .task"))
mistake("03-task-no-track-started", "Проверьте `track_started=True` в `feedback/tasks.py`",
        cut(TASKS, "    track_started=True,\n"))
mistake("03-task-no-acks-late", "Письмо пропало: проверьте `acks_late` и `reject_on_worker_lost` в `feedback/tasks.py`",
        cut(TASKS, "    acks_late=True,\n"))
mistake("03-task-acks-late-typo", "Письмо пропало: проверьте `acks_late` и `reject_on_worker_lost` в `feedback/tasks.py`",
        sub(TASKS, "acks_late", "ack_late"))
mistake("03-task-no-reject", "Письмо пропало: проверьте `acks_late` и `reject_on_worker_lost` в `feedback/tasks.py`",
        cut(TASKS, "    reject_on_worker_lost=True,\n"))
mistake("03-task-no-autoretry", "Проверьте `autoretry_for` и `retry_backoff` в `feedback/tasks.py`",
        cut(TASKS, "    autoretry_for=(OSError, SoftTimeLimitExceeded),\n"))
mistake("03-task-autoretry-no-oserror", "Проверьте `autoretry_for` и `retry_backoff` в `feedback/tasks.py`",
        sub(TASKS, "(OSError, SoftTimeLimitExceeded)", "(SoftTimeLimitExceeded,)"))
mistake("03-task-autoretry-no-limit", "Проверьте `SoftTimeLimitExceeded` в `autoretry_for` в `feedback/tasks.py`",
        sub(TASKS, "(OSError, SoftTimeLimitExceeded)", "(OSError,)"))
mistake("03-task-autoretry-no-comma", "TypeError: 'type' object is not iterable",
        sub(TASKS, "(OSError, SoftTimeLimitExceeded)", "(OSError)"))
mistake("03-task-no-backoff", "Проверьте `autoretry_for` и `retry_backoff` в `feedback/tasks.py`",
        cut(TASKS, "    retry_backoff=True,\n"))
mistake("03-task-no-backoff-max", "Проверьте `retry_backoff_max=60` в `feedback/tasks.py`",
        cut(TASKS, "    retry_backoff_max=60,\n"))
mistake("03-task-no-max-retries", "Проверьте `max_retries=15` в `feedback/tasks.py`",
        cut(TASKS, "    max_retries=15,\n"))
mistake("03-task-no-throws", "Проверьте `throws=(MailRejected,)`",
        cut(TASKS, "    throws=(MailRejected,),\n"))
mistake("03-task-throws-no-comma", "`feedback/tasks.py`: нет `throws=(MailRejected,)`",
        sub(TASKS, "(MailRejected,)", "(MailRejected)"))
mistake("03-task-no-limit", "Проверьте `soft_time_limit=60` в `feedback/tasks.py`",
        cut(TASKS, "    soft_time_limit=60,\n"))
mistake("03-task-limit-number", "Проверьте `soft_time_limit=60` в `feedback/tasks.py`",
        sub(TASKS, "soft_time_limit=60", "soft_time_limit=6"))
mistake("03-task-no-comma", "ошибка в записи (наверное, пропущена запятая)",
        sub(TASKS, "acks_late=True,", "acks_late=True"))
mistake("03-task-no-raise", "проверьте последний `raise` в `feedback/tasks.py`",
        cut(TASKS, "        raise\n"))
mistake("03-task-code-inverted", "Проверьте `code >= 500` в `feedback/tasks.py`",
        sub(TASKS, "code >= 500", "code < 500"))
mistake("03-task-from-email", "Проверьте `from_email=None`",
        sub(TASKS, "from_email=None", 'from_email="me@example.com"'))
mistake("03-task-recipient-text", 'TypeError: "to" argument must be a list or tuple',
        sub(TASKS, "[email_address]", "email_address"))
mistake("03-task-sleep-20", "проверьте `sleep(…)` и `send_mail(…)` в `feedback/tasks.py`",
        sub(TASKS, "sleep(settings.EMAIL_DELAY_SECONDS)", "sleep(20)"))
mistake("03-task-no-sleep-import", "NameError: name 'sleep' is not defined",
        cut(TASKS, "from time import sleep\n"))
mistake("03-task-no-f-string", "проверьте `message` в `feedback/tasks.py`",
        sub(TASKS, 'message=f"', 'message="'))
mistake("03-task-indent", "ошибка в записи (не тот отступ)",
        sub(TASKS, "    sleep(settings", "  sleep(settings"))

# --- 03: settings

mistake("03-set-email-timeout", "В `django_celery/settings.py` ещё нет настройки `EMAIL_TIMEOUT`",
        cut(SETTINGS, "EMAIL_TIMEOUT = 10\n"))
mistake("03-set-publish-retry", "В `django_celery/settings.py` ещё нет настройки `CELERY_TASK_PUBLISH_RETRY_POLICY`",
        cut(SETTINGS, 'CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0}\n'))
mistake("03-set-publish-retry-3", "Проверьте `CELERY_TASK_PUBLISH_RETRY_POLICY` в `django_celery/settings.py`",
        sub(SETTINGS, '"max_retries": 1', '"max_retries": 3'))
mistake("03-set-backend-options", "В `django_celery/settings.py` ещё нет настройки `CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS`",
        cut(SETTINGS, 'CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {"retry_policy": {"timeout": 1}}\n'))
mistake("03-set-redis-timeout", "В `django_celery/settings.py` ещё нет настройки `CELERY_REDIS_SOCKET_TIMEOUT`",
        cut(SETTINGS, "CELERY_REDIS_SOCKET_TIMEOUT = 1\n"))
mistake("03-set-pool-limit", "В `django_celery/settings.py` ещё нет настройки `CELERY_BROKER_POOL_LIMIT`",
        cut(SETTINGS, "CELERY_BROKER_POOL_LIMIT = 0\n"))
mistake("03-set-pool-limit-none", "Проверьте `CELERY_BROKER_POOL_LIMIT` в `django_celery/settings.py`",
        sub(SETTINGS, "POOL_LIMIT = 0", "POOL_LIMIT = None"))
mistake("03-set-prefetch", "В `django_celery/settings.py` ещё нет настройки `CELERY_WORKER_PREFETCH_MULTIPLIER`",
        cut(SETTINGS, "CELERY_WORKER_PREFETCH_MULTIPLIER = 1\n"))
mistake("03-set-prefetch-old-name", "Похоже, вместо него написано `CELERYD_PREFETCH_MULTIPLIER`",
        sub(SETTINGS, "CELERY_WORKER_PREFETCH_MULTIPLIER", "CELERYD_PREFETCH_MULTIPLIER"))
mistake("03-set-duplicates", "В `django_celery/settings.py` ещё нет настройки `CELERY_WORKER_DEDUPLICATE_SUCCESSFUL_TASKS`",
        cut(SETTINGS, "CELERY_WORKER_DEDUPLICATE_SUCCESSFUL_TASKS = True\n"))
mistake("03-set-socket-timeout", 'Проверьте "socket_timeout" в CELERY_BROKER_TRANSPORT_OPTIONS в `django_celery/settings.py`',
        cut(SETTINGS, '    "socket_timeout": 1,\n'))
mistake("03-set-visibility", 'Проверьте "visibility_timeout" в CELERY_BROKER_TRANSPORT_OPTIONS в `django_celery/settings.py`',
        cut(SETTINGS, '    "visibility_timeout": 600,\n'))
mistake("03-set-visibility-minute", 'Проверьте "visibility_timeout" в CELERY_BROKER_TRANSPORT_OPTIONS в `django_celery/settings.py`',
        sub(SETTINGS, "600", "60"))
mistake("03-set-transport-options", "В `django_celery/settings.py` ещё нет настройки `CELERY_BROKER_TRANSPORT_OPTIONS`",
        cut_between(SETTINGS, "CELERY_BROKER_TRANSPORT_OPTIONS = {", "}\n"))
mistake("03-set-transport-option", "Похоже, вместо него написано `CELERY_BROKER_TRANSPORT_OPTION`",
        sub(SETTINGS, "TRANSPORT_OPTIONS = {\n", "TRANSPORT_OPTION = {\n"))

# --- 03: views, addresses, pages

mistake("03-view-no-operational", "проверьте `OperationalError` и `return …, status=503)` в `feedback/views.py`",
        sub(VIEWS, "except (OperationalError, RuntimeError)", "except RuntimeError"))
mistake("03-view-no-runtime", "проверьте `RuntimeError` и `return …, status=503)` в `feedback/views.py`",
        sub(VIEWS, "except (OperationalError, RuntimeError)", "except OperationalError"))
mistake("03-view-django-operational", "проверьте `OperationalError` и `return …, status=503)` в `feedback/views.py`",
        sub(VIEWS, "import DecodeError, OperationalError", "import DecodeError"),
        sub(VIEWS, "from django.http", "from django.db import OperationalError\nfrom django.http"))
mistake("03-view-no-cause", "Ответ 503: проверьте `__cause__` в `feedback/views.py`",
        cut(VIEWS, "            if not isinstance(error.__cause__, RedisError):\n                raise\n"))
mistake("03-view-no-log", "В логе нет причины: проверьте `logger.error` в `feedback/views.py`",
        cut(VIEWS, '            logger.error("Письмо не встало в очередь: %s", error.__cause__)\n'))
mistake("03-view-200", "проверьте `OperationalError` и `return …, status=503)` в `feedback/views.py`",
        sub(VIEWS, "(form=form), status=503)", "(form=form))"))
mistake("03-view-form-invalid", "проверьте `OperationalError` и `return …, status=503)` в `feedback/views.py`",
        sub(VIEWS, "return self.render_to_response(self.get_context_data(form=form), status=503)", "return self.form_invalid(form)"))
mistake("03-view-no-return", "проверьте `OperationalError` и `return …, status=503)` в `feedback/views.py`",
        sub(VIEWS, "return self.render", "self.render"))
mistake("03-view-no-id", "`redirect(…, task_id=task.id)` в `feedback/views.py`",
        cut(VIEWS, ", task_id=task.id"))
mistake("03-view-task-not-id", '`feedback/views.py`: нет `return redirect("feedback:success", task_id=task.id)`',
        sub(VIEWS, "task_id=task.id", "task_id=task"))
mistake("03-state-missing", "В `feedback/views.py` ещё нет функции `task_state`",
        cut_between(VIEWS, "\n\ndef task_state", '{"state": None}, status=503)\n'))
mistake("03-state-no-decode-error", "Проверьте `DecodeError` в `feedback/views.py`",
        sub(VIEWS, "(RedisError, DecodeError)", "RedisError"))
mistake("03-state-no-redis-error", "Ответ 500: проверьте `RedisError` в `feedback/views.py`",
        sub(VIEWS, "(RedisError, DecodeError)", "DecodeError"))
mistake("03-state-200", "Проверьте `DecodeError` в `feedback/views.py`",
        sub(VIEWS, '{"state": None}, status=503', '{"state": None}'))
mistake("03-state-leaks", "проверьте `JsonResponse` в `feedback/views.py`",
        sub(VIEWS, "AsyncResult(str(task_id)).state}", 'AsyncResult(str(task_id)).state, "id": task_id}'))
mistake("03-state-status", "проверьте `JsonResponse` в `feedback/views.py`",
        sub(VIEWS, '{"state": AsyncResult', '{"status": AsyncResult'))
mistake("03-url-missing", "Нет адреса `/tasks/<uuid:task_id>/`",
        cut(ADDRESSES, '    path("tasks/<uuid:task_id>/", views.task_state, name="task_state"),\n'))
mistake("03-url-str", "Нет адреса `/success/<uuid:task_id>/`",
        sub(ADDRESSES, "<uuid:", "<str:", 2))
mistake("03-url-other-parameter", "Нет адреса `/success/<uuid:task_id>/`",
        sub(ADDRESSES, "success/<uuid:task_id>", "success/<uuid:pk>"))
mistake("03-url-no-slash", "Нет адреса `/tasks/<uuid:task_id>/`",
        sub(ADDRESSES, '"tasks/<uuid:task_id>/"', '"tasks/<uuid:task_id>"'))
mistake("03-url-called", "TypeError: task_state() missing 2 required positional arguments: 'request' and 'task_id'",
        sub(ADDRESSES, "views.task_state,", "views.task_state(),"))
mistake("03-page-no-script", "Проверьте тег script в `feedback/templates/feedback/success.html`",
        cut(SUCCESS, "  <script src=\"{% static 'feedback/mail_state.js' %}\" defer></script>\n"))
mistake("03-page-no-load", "Проверьте `feedback/templates/feedback/success.html`: ошибка на сервере",
        cut(SUCCESS, "{% load static %}\n"))
mistake("03-page-no-data-url", "Проверьте `data-url` в `feedback/templates/feedback/success.html`",
        cut(SUCCESS, " data-url=\"{% url 'feedback:task_state' task_id %}\""))
mistake("03-page-no-namespace", "Проверьте `feedback/templates/feedback/success.html`: ошибка на сервере",
        sub(SUCCESS, "'feedback:task_state'", "'task_state'"))
mistake("03-page-no-defer", "Проверьте тег script в `feedback/templates/feedback/success.html`",
        cut(SUCCESS, " defer"))
mistake("03-page-old-text", "нет слов для тех, у кого нет JavaScript",
        sub(SUCCESS, "Письмо уже в пути.", "Мы отправили вам письмо."))
mistake("03-page-wrong-id", 'нет места с `id="mail-state"`',
        sub(SUCCESS, 'id="mail-state"', 'id="mail_state"'))
mistake("03-js-misplaced", "Похожий файл лежит здесь: `feedback/static/mail_state.js`",
        move(STATE_JS, "feedback/static/mail_state.js"))
mistake("03-js-wrong-id", "Браузер не выполняет `feedback/static/feedback/mail_state.js`, строка 17: Uncaught",
        sub(STATE_JS, '"#mail-state"', '"#mail_state"'))
mistake("03-js-status", "Письмо отправляется, а страница молчит",
        sub(STATE_JS, "json()).state", "json()).status"))
mistake("03-js-bracket", "Браузер не выполняет `feedback/static/feedback/mail_state.js`, строка 40",
        sub(STATE_JS, "\nfollow(1000);", "\nfollow(1000;"))

# --- 03: celery.py, and what is left from the lessons before

mistake("03-patience-missing", "Проверьте `broker_transport_options` в `django_celery/celery.py`",
        cut_between(CELERY, "@celeryd_init.connect", "always_retry = True\n"))
mistake("03-patience-not-connected", "Проверьте `broker_transport_options` в `django_celery/celery.py`",
        cut(CELERY, "@celeryd_init.connect\n"))
mistake("03-patience-called", "`django_celery/celery.py`: нет `def make_worker_patient(conf, **kwargs):`",
        sub(CELERY, "@celeryd_init.connect\n", "@celeryd_init.connect()\n"))
mistake("03-patience-no-kwargs", "ValueError: Signal receiver must accept keyword arguments",
        sub(CELERY, "(conf, **kwargs)", "(conf)"))
mistake("03-patience-replaced", "Проверьте `broker_transport_options` в `django_celery/celery.py`",
        sub(CELERY, 'broker_transport_options |= {"socket', 'broker_transport_options = {"socket'))
mistake("03-patience-no-publish", "Проверьте `task_publish_retry_policy` в `django_celery/celery.py`",
        cut(CELERY, '    conf.task_publish_retry_policy |= {"max_retries": None}\n'))
mistake("03-patience-no-connection", "Проверьте `broker_connection_timeout` в `django_celery/celery.py`",
        cut(CELERY, "    conf.broker_connection_timeout = None\n"))
mistake("03-patience-no-channel", "Проверьте `broker_channel_error_retry` в `django_celery/celery.py`",
        cut(CELERY, "    conf.broker_channel_error_retry = True\n"))
mistake("03-patience-no-backend", "Проверьте `result_backend_always_retry` в `django_celery/celery.py`",
        cut(CELERY, "    conf.result_backend_always_retry = True\n"))
mistake("03-init-empty", "В `django_celery/__init__.py` ещё нет имени `celery_app`",
        write(INIT, ""))
mistake("03-broker-missing", "В `django_celery/settings.py` ещё нет настройки `CELERY_BROKER_URL`",
        cut(SETTINGS, "CELERY_BROKER_URL = REDIS_URL\n"))
mistake("03-namespace-missing", "Пришло: None", cut(CELERY, ', namespace="CELERY"'))

# --- 04: the jokes and their API

mistake("04-requirements", "В `requirements.txt` нет пакета `requests`",
        cut(REQUIREMENTS, "requests~=2.34\n"))
mistake("04-jokes-not-installed", "Нет `jokes.apps.JokesConfig` в `INSTALLED_APPS`",
        cut(SETTINGS, '    "jokes.apps.JokesConfig",\n'))
mistake("04-api-not-installed", "Нет `jokes_api.apps.JokesApiConfig` в `INSTALLED_APPS`",
        cut(SETTINGS, '    "jokes_api.apps.JokesApiConfig",\n'))
mistake("04-installed-typo", "`jokes.apps.JokeConfig` в `INSTALLED_APPS`",
        sub(SETTINGS, "jokes.apps.JokesConfig", "jokes.apps.JokeConfig"))
mistake("04-app-name", "ImproperlyConfigured: Cannot import 'joke'",
        sub("jokes/apps.py", 'name = "jokes"', 'name = "joke"'))
mistake("04-comma", "`feedback.apps.FeedbackConfigjokes.apps.JokesConfig` в `INSTALLED_APPS`",
        sub(SETTINGS, '"feedback.apps.FeedbackConfig",', '"feedback.apps.FeedbackConfig"'))
mistake("04-file-misnamed", "Похожий файл лежит здесь: `jokes/task.py`",
        move(JOKES, "jokes/task.py"))
mistake("04-no-init", "Ещё нет файла `jokes/__init__.py`", delete("jokes/__init__.py"))
mistake("04-api-no-address", "Нет адреса `/api/jokes/random/`",
        cut(URLS, '    path("api/jokes/", include("jokes_api.urls")),\n'))
mistake("04-api-below", "Нет адреса `/api/jokes/random/`",
        sub(URLS, '"api/jokes/"', '"api/"'))
mistake("04-api-no-slash", "Нет адреса `/api/jokes/random/`",
        sub("jokes_api/urls.py", '"random/"', '"random"'))
mistake("04-api-dictionary", "AttributeError(\"'dict' object has no attribute 'headers'\")",
        sub("jokes_api/views.py", "return JsonResponse(\n", "return dict(\n"))
mistake("04-api-escapes", "Вместо русских букв — их коды: проверьте `ensure_ascii` в `jokes_api/views.py`",
        cut("jokes_api/views.py", '        json_dumps_params={"ensure_ascii": False},\n'))
mistake("04-api-randint", "Разных шуток только 3: проверьте `jokes_api/jokes.py`",
        sub("jokes_api/views.py", "random.randrange(len(JOKES))", "random.randint(1, 3)"))
mistake("04-api-off-by-one", "API шуток — ошибка на сервере: IndexError('list index out of range')",
        sub("jokes_api/views.py", "random.randrange(len(JOKES))", "random.randint(0, len(JOKES))"))
mistake("04-url-missing", "В `django_celery/settings.py` ещё нет настройки `JOKES_API_URL`",
        cut(SETTINGS, 'JOKES_API_URL = os.environ.get("JOKES_API_URL", "http://localhost:8000/api/jokes/random/")\n'))
mistake("04-url-no-api", "API по адресу /jokes/random/ — код ответа 404",
        sub(SETTINGS, "8000/api/jokes/random/", "8000/jokes/random/"))
mistake("04-url-port", "Проверьте JOKES_API_URL в `django_celery/settings.py`",
        sub(SETTINGS, "localhost:8000", "localhost:800"))
mistake("04-schedule-missing", "В `django_celery/settings.py` ещё нет настройки `CELERY_BEAT_SCHEDULE`",
        cut_between(SETTINGS, "CELERY_BEAT_SCHEDULE = {", "\n}\n"))
mistake("04-schedule-old-name", "Похоже, вместо него написано `CELERYBEAT_SCHEDULE`",
        sub(SETTINGS, "CELERY_BEAT_SCHEDULE", "CELERYBEAT_SCHEDULE"))
mistake("04-schedule-task-path", "Задачи 'jokes.get_random_joke' нет: проверьте \"task\" в `CELERY_BEAT_SCHEDULE` в `django_celery/settings.py`",
        sub(SETTINGS, '"jokes.tasks.get_random_joke"', '"jokes.get_random_joke"'))
mistake("04-schedule-task-typo", "Задачи 'jokes.tasks.get_random_jokes' нет: проверьте \"task\" в `CELERY_BEAT_SCHEDULE` в `django_celery/settings.py`",
        sub(SETTINGS, "tasks.get_random_joke", "tasks.get_random_jokes"))
mistake("04-schedule-minutes", 'Проверьте "schedule" в CELERY_BEAT_SCHEDULE',
        sub(SETTINGS, '"schedule": 15.0', '"schedule": 15 * 60.0'))
mistake("04-schedule-text", 'Проверьте "schedule" в CELERY_BEAT_SCHEDULE',
        sub(SETTINGS, '"schedule": 15.0', '"schedule": "15.0"'))
mistake("04-schedule-crontab", 'Проверьте "schedule" в CELERY_BEAT_SCHEDULE',
        sub(SETTINGS, '"schedule": 15.0', '"schedule": crontab(minute="*/15")'),
        sub(SETTINGS, "import os\n", "import os\n\nfrom celery.schedules import crontab\n"))
mistake("04-schedule-list", "ещё нет расписания `CELERY_BEAT_SCHEDULE`",
        sub(SETTINGS, "SCHEDULE = {\n", "SCHEDULE = [\n"),
        sub(SETTINGS, '"get_random_joke": {', "{"),
        sub(SETTINGS, "    },\n}\n\n\n# Шутки", "    },\n]\n\n\n# Шутки"))
mistake("04-expires-missing", 'Проверьте "options": {"expires": 15.0} в CELERY_BEAT_SCHEDULE',
        cut(SETTINGS, '        "options": {"expires": 15.0},\n'))
mistake("04-expires-level", 'Проверьте "options": {"expires": 15.0} в CELERY_BEAT_SCHEDULE',
        sub(SETTINGS, '"options": {"expires": 15.0}', '"expires": 15.0'))
mistake("04-expires-long", 'Проверьте "options": {"expires": 15.0} в CELERY_BEAT_SCHEDULE',
        sub(SETTINGS, '"expires": 15.0', '"expires": 15 * 60'))
mistake("04-procfile", "`Procfile`: нет `beat: python -m celery -A django_celery beat -l info`",
        cut("Procfile", "beat: python -m celery -A django_celery beat -l info\n"))
mistake("04-gitignore", "`.gitignore`: нет `celerybeat-schedule*`",
        cut(".gitignore", "celerybeat-schedule*\n"))

# --- 04: the task

mistake("04-task-no-decorator", "Celery не нашёл задачу `jokes.tasks.get_random_joke`",
        cut_between(JOKES, "@shared_task(", "\n)\n"))
mistake("04-task-no-stream", "Проверьте `stream=True` и MAX_ANSWER_BYTES в `jokes/tasks.py`",
        cut(JOKES, ", stream=True"))
mistake("04-task-no-timeout", "Проверьте `timeout=2` и `default_retry_delay=1` в `jokes/tasks.py`",
        cut(JOKES, ", timeout=2"))
mistake("04-task-no-status", "Проверьте `raise_for_status()`, а также `autoretry_for`, `max_retries=2`, `default_retry_delay=1` и `throws` в `jokes/tasks.py`",
        cut(JOKES, "        response.raise_for_status()\n"))
mistake("04-task-no-size", "Проверьте `if not joke` в `jokes/tasks.py`",
        cut(JOKES, "            if len(answer) > MAX_ANSWER_BYTES:\n                break\n"))
mistake("04-task-no-valueerror", "Не всякий ответ — шутка: проверьте `jokes/tasks.py` (b'')",
        cut(JOKES, "ValueError, "))
mistake("04-task-no-typeerror", "Не всякий ответ — шутка: проверьте `jokes/tasks.py` (b'null')",
        cut(JOKES, "TypeError, "))
mistake("04-task-no-keyerror", "Не всякий ответ — шутка: проверьте `jokes/tasks.py` (b'{}')",
        cut(JOKES, "KeyError, "))
mistake("04-task-no-attributeerror", "Не всякий ответ — шутка: проверьте `jokes/tasks.py`",
        cut(JOKES, ", AttributeError"))
mistake("04-task-no-strip", "Проверьте `if not joke` в `jokes/tasks.py`",
        cut(JOKES, ".strip()"))
mistake("04-task-no-return", "Проверьте `if not joke` в `jokes/tasks.py`",
        cut(JOKES, "        return\n"))
mistake("04-task-no-empty", "Проверьте `if not joke` в `jokes/tasks.py`",
        cut_between(JOKES, "    if not joke:", "        return\n"))
mistake("04-task-s-not-r", 'Проверьте `logger.info("%r", joke)` в `jokes/tasks.py`',
        sub(JOKES, 'logger.info("%r", joke)', 'logger.info("%s", joke)'))
mistake("04-task-print", 'Проверьте `logger.info("%r", joke)` в `jokes/tasks.py`',
        sub(JOKES, 'logger.info("%r", joke)', "print(joke)"))
mistake("04-task-no-log", 'Проверьте `logger.info("%r", joke)` в `jokes/tasks.py`',
        cut(JOKES, '    logger.info("%r", joke)\n'))
mistake("04-task-no-ignore-result", "Проверьте `ignore_result=True` в `jokes/tasks.py`",
        cut(JOKES, "    ignore_result=True,\n"))
mistake("04-task-no-autoretry", "Проверьте `timeout=2` и `default_retry_delay=1` в `jokes/tasks.py`",
        cut(JOKES, "    autoretry_for=(requests.RequestException,),\n"))
mistake("04-task-no-max-retries", "Проверьте `max_retries=2` в `jokes/tasks.py`",
        cut(JOKES, "    max_retries=2,\n"))
mistake("04-task-no-delay", "Проверьте `timeout=2` и `default_retry_delay=1` в `jokes/tasks.py`",
        cut(JOKES, "    default_retry_delay=1,\n"))
mistake("04-task-no-throws", "Проверьте `SoftTimeLimitExceeded` в `throws` в `jokes/tasks.py`",
        cut(JOKES, "    throws=(requests.RequestException, SoftTimeLimitExceeded),\n"))
mistake("04-task-no-limit", "Проверьте `soft_time_limit=5` в `jokes/tasks.py`",
        cut(JOKES, "    soft_time_limit=5,\n"))
mistake("04-task-retry-no-comma", "TypeError: 'type' object is not iterable",
        sub(JOKES, "autoretry_for=(requests.RequestException,)", "autoretry_for=(requests.RequestException)"))
mistake("04-task-credulous", "Не всякий ответ — шутка: проверьте `jokes/tasks.py` (b'')",
        cut_between(JOKES, "    answer = fetch_answer()", "        return\n"),
        sub(JOKES, 'info("%r", joke)', 'info("%r", requests.get(settings.JOKES_API_URL).json()["value"]["joke"])'))

# --- 05: settings and routes

mistake("05-requirements-channels", "В `requirements.txt` нет пакета `channels`",
        cut(REQUIREMENTS, "channels~=4.3\n"))
mistake("05-requirements-redis", "В `requirements.txt` нет пакета `channels-redis`",
        cut(REQUIREMENTS, "channels-redis~=4.3\n"))
mistake("05-requirements-daphne", "В `requirements.txt` нет пакета `daphne`",
        cut(REQUIREMENTS, "daphne~=4.2\n"))
mistake("05-daphne-missing", "Нет `daphne` в `INSTALLED_APPS` в `django_celery/settings.py`",
        cut(SETTINGS, '    "daphne",\n'))
mistake("05-daphne-last", "Об этом — `docs_ru/errors.md`, «daphne.E001»",
        cut(SETTINGS, '    "daphne",\n'),
        sub(SETTINGS, '    "jokes_api.apps.JokesApiConfig",\n', '    "jokes_api.apps.JokesApiConfig",\n    "daphne",\n'))
mistake("05-asgi-setting-missing", "В `django_celery/settings.py` ещё нет настройки `ASGI_APPLICATION`",
        cut(SETTINGS, 'ASGI_APPLICATION = "django_celery.asgi.application"\n'))
mistake("05-asgi-setting-colon", "Cannot find 'asgi:application' in ASGI_APPLICATION module",
        sub(SETTINGS, "django_celery.asgi.application", "django_celery.asgi:application"))
mistake("05-layers-missing", "В `django_celery/settings.py` ещё нет настройки `CHANNEL_LAYERS`",
        cut_between(SETTINGS, "CHANNEL_LAYERS = {", "\n}\n"))
mistake("05-layers-typo", "Похоже, вместо него написано `CHANNELS_LAYERS`",
        sub(SETTINGS, "CHANNEL_LAYERS", "CHANNELS_LAYERS"))
mistake("05-layers-in-memory", 'Проверьте "BACKEND" в CHANNEL_LAYERS',
        sub(SETTINGS, "channels_redis.core.RedisChannelLayer", "channels.layers.InMemoryChannelLayer"))
mistake("05-layers-backend-typo", 'Проверьте "BACKEND" в CHANNEL_LAYERS',
        sub(SETTINGS, "channels_redis.core.Redis", "channels_redis.Redis"))
mistake("05-layers-no-timeout", 'Проверьте "socket_timeout" в CHANNEL_LAYERS',
        cut(SETTINGS, ', "socket_timeout": 15'))
mistake("05-layers-no-connections", 'Проверьте "max_connections" в CHANNEL_LAYERS',
        cut(SETTINGS, ', "max_connections": 10_000'))
mistake("05-layers-tuple", 'В "hosts" в CHANNEL_LAYERS нужен словарь {"address": …}',
        sub(SETTINGS, '[{"address": REDIS_URL, "socket_timeout": 15, "max_connections": 10_000}]', '[("127.0.0.1", 6379)]'))
mistake("05-layers-no-default", 'Проверьте "BACKEND" в CHANNEL_LAYERS',
        sub(SETTINGS, 'CHANNEL_LAYERS = {\n    "default"', 'CHANNEL_LAYERS = {\n    "redis"'))
mistake("05-asgi-no-http", 'проверьте "http" в `django_celery/asgi.py`',
        cut(ASGI, '        "http": django_application,\n'))
mistake("05-asgi-ws", "проверьте AllowedHostsOriginValidator в `django_celery/asgi.py`",
        sub(ASGI, '"websocket": Allowed', '"ws": Allowed'))
mistake("05-asgi-no-router", "Сервер не открыл WebSocket: проверьте `daphne` в INSTALLED_APPS",
        sub(ASGI, "URLRouter(websocket_urlpatterns)", "websocket_urlpatterns"))
mistake("05-asgi-no-origin", "проверьте AllowedHostsOriginValidator в `django_celery/asgi.py`",
        sub(ASGI, "AllowedHostsOriginValidator(URLRouter(websocket_urlpatterns))", "URLRouter(websocket_urlpatterns)"))
mistake("05-asgi-renamed", "В `django_celery/asgi.py` ещё нет имени `application`",
        sub(ASGI, "\napplication = ", "\napp = "))
mistake("05-route-no-as-asgi", "object JokesConsumer can't be used in 'await' expression",
        cut(ROUTING, ".as_asgi()"))
mistake("05-route-as-asgi-not-called", "TypeError: AsyncConsumer.as_asgi() takes 1 positional argument",
        sub(ROUTING, ".as_asgi()", ".as_asgi"))
mistake("05-route-no-slash", "No route found for path 'ws/jokes/'",
        sub(ROUTING, '"ws/jokes/"', '"ws/jokes"'))
mistake("05-route-slash-first", "No route found for path 'ws/jokes/'",
        sub(ROUTING, '"ws/jokes/"', '"/ws/jokes/"'))
mistake("05-route-typo", "No route found for path 'ws/jokes/'",
        sub(ROUTING, '"ws/jokes/"', '"ws/joke/"'))
mistake("05-route-list-name", "В `jokes/routing.py` ещё нет имени `websocket_urlpatterns`",
        sub(ROUTING, "websocket_urlpatterns", "urlpatterns"))

# --- 05: the consumer and the task

ADD = "await self.channel_layer.group_add("
mistake("05-consumer-add-no-await", "проверьте `group_add`, `jokes_joke`, `send` и каждый `await` в `jokes/consumers.py`",
        sub(CONSUMER, ADD, ADD.removeprefix("await ")))
mistake("05-consumer-no-add", "проверьте `group_add`, `jokes_joke`, `send` и каждый `await` в `jokes/consumers.py`",
        cut(CONSUMER, f'        {ADD}"jokes", self.channel_name)\n'))
mistake("05-consumer-no-discard", "проверьте `group_discard` в `jokes/consumers.py`",
        sub(CONSUMER, 'await self.channel_layer.group_discard("jokes", self.channel_name)', "pass"))
mistake("05-consumer-accept-no-await", "Проверьте `await self.accept()` в `jokes/consumers.py`",
        sub(CONSUMER, "await self.accept()", "self.accept()"))
mistake("05-consumer-no-accept", "Проверьте `await self.accept()` в `jokes/consumers.py`",
        cut(CONSUMER, "        await self.accept()\n"))
mistake("05-consumer-handler-name", "ValueError: No handler for message type jokes.joke",
        sub(CONSUMER, "def jokes_joke", "def joke"))
mistake("05-consumer-send-no-await", "проверьте `group_add`, `jokes_joke`, `send` и каждый `await` в `jokes/consumers.py`",
        sub(CONSUMER, "await self.send(", "self.send("))
mistake("05-consumer-group-name", "проверьте `group_add`, `jokes_joke`, `send` и каждый `await` в `jokes/consumers.py`",
        sub(CONSUMER, '("jokes", self', '("joke", self', 2))
mistake("05-consumer-sends-event", "проверьте `group_add`, `jokes_joke`, `send` и каждый `await` в `jokes/consumers.py`",
        sub(CONSUMER, 'text_data=event["text"]', "text_data=event"))
mistake("05-consumer-sends-json", "Шутка изменилась в `jokes/consumers.py`",
        sub(CONSUMER, 'text_data=event["text"]', 'text_data="{" + event["text"] + "}"'))
mistake("05-consumer-no-text-data", "проверьте `group_add`, `jokes_joke`, `send` и каждый `await` в `jokes/consumers.py`",
        sub(CONSUMER, 'text_data=event["text"]', 'bytes_data=event["text"].encode()'))
mistake("05-consumer-message", "Сервер закрыл соединение с кодом 1011",
        sub(CONSUMER, 'event["text"]', 'event["message"]'))
mistake("05-consumer-sync", "Проверьте `await self.accept()` в `jokes/consumers.py`",
        sub(CONSUMER, "AsyncWebsocketConsumer", "WebsocketConsumer", 2))
mistake("05-consumer-disconnect", "JokesConsumer.disconnect() takes 1 positional argument but 2 were given",
        sub(CONSUMER, "def disconnect(self, code)", "def disconnect(self)"))
mistake("05-consumer-renamed", "Похоже, вместо него написано `JokeConsumer`",
        sub(CONSUMER, "class JokesConsumer", "class JokeConsumer"))
SEND = "async_to_sync(get_channel_layer().group_send)("
mistake("05-task-no-async-to-sync", "Шутка не дошла до страницы: проверьте `group_send` в `jokes/tasks.py`",
        sub(JOKES, SEND, "get_channel_layer().group_send("))
mistake("05-task-no-send", "Шутка не дошла до страницы: проверьте `group_send` в `jokes/tasks.py`",
        cut_between(JOKES, "    try:\n        async_to_sync", "error)\n"))
mistake("05-task-no-rediserror", "Проверьте `except RedisError` в `jokes/tasks.py`",
        sub(JOKES, "except RedisError", "except KeyError"))
mistake("05-task-event-type", "Шутка не дошла до страницы: проверьте `group_send` в `jokes/tasks.py`",
        sub(JOKES, '"jokes.joke"', '"joke.send"'))
mistake("05-task-no-type", "Incoming message has no 'type' attribute",
        cut(JOKES, '"type": "jokes.joke", '))
mistake("05-task-message", "KeyError: 'text'", sub(JOKES, '"text": joke', '"message": joke'))
mistake("05-task-group-name", "Шутка не дошла до страницы: проверьте `group_send` в `jokes/tasks.py`",
        sub(JOKES, '"jokes", {', '"joke", {'))
mistake("05-task-layer-import", "NameError: name 'get_channel_layer' is not defined",
        cut(JOKES, "from channels.layers import get_channel_layer\n"))
mistake("05-task-log-last", "Шутка пишется в лог раньше, чем рассылается",
        cut(JOKES, '    logger.info("%r", joke)\n'),
        sub(JOKES, 'страниц: %s", error)\n', 'страниц: %s", error)\n        return\n    logger.info("%r", joke)\n'))
mistake("05-schedule-no-expires", 'Проверьте "options": {"expires": 15.0} в CELERY_BEAT_SCHEDULE',
        cut(SETTINGS, '        "options": {"expires": 15.0},\n'))

# --- 05: the page

mistake("05-page-no-address", "Нет адреса `/jokes/`",
        cut(URLS, '    path("jokes/", include("jokes.urls")),\n'))
mistake("05-page-no-app-name", "В `jokes/urls.py` ещё нет имени `app_name`",
        cut("jokes/urls.py", 'app_name = "jokes"\n'))
mistake("05-page-misplaced", "Похожий файл лежит здесь: `jokes/templates/index.html`",
        move(PAGE, "jokes/templates/index.html"))
mistake("05-page-view-name", "В `jokes/views.py` ещё нет функции `index`",
        sub("jokes/views.py", "def index", "def jokes"))
mistake("05-page-view-no-request", "TypeError: index() takes 0 positional arguments but 1 was given",
        sub("jokes/views.py", "def index(request)", "def index()"))
mistake("05-page-template-name", "TemplateDoesNotExist: index.html",
        sub("jokes/views.py", "jokes/index.html", "index.html"))
mistake("05-page-no-load", "TemplateSyntaxError: Invalid block tag on line 6: 'static'",
        cut(PAGE, "{% load static %}\n"))
mistake("05-page-no-defer", 'В `jokes/templates/jokes/index.html` нет <script src="/static/jokes/jokes.js" defer></script>',
        cut(PAGE, " defer"))
mistake("05-page-wrong-id", 'В `jokes/templates/jokes/index.html` нет id="jokes"',
        sub(PAGE, 'id="jokes"', 'id="joke"'))
mistake("05-page-no-link", "Нет ссылки на шутки: проверьте `feedback/templates/feedback/feedback.html`",
        cut("feedback/templates/feedback/feedback.html", "  <p><a href=\"{% url 'jokes:index' %}\">Шутки</a></p>\n"))
mistake("05-page-link-no-namespace", "NoReverseMatch: Reverse for 'index' not found",
        sub("feedback/templates/feedback/feedback.html", "'jokes:index'", "'index'"))
mistake("05-page-css-missing", "Ещё нет файла `jokes/static/jokes/jokes.css`",
        delete("jokes/static/jokes/jokes.css"))
mistake("05-js-missing", "Ещё нет файла `jokes/static/jokes/jokes.js`", delete(JOKES_JS))
mistake("05-js-misplaced", "Похожий файл лежит здесь: `jokes/static/jokes.js`",
        move(JOKES_JS, "jokes/static/jokes.js"))
mistake("05-js-path", "Проверьте адрес /ws/jokes/ в `jokes/static/jokes/jokes.js`",
        sub(JOKES_JS, "/ws/jokes/", "/ws/joke/"))
mistake("05-js-no-slash", "Проверьте адрес /ws/jokes/ в `jokes/static/jokes/jokes.js`",
        sub(JOKES_JS, "/ws/jokes/", "/ws/jokes"))
mistake("05-js-innerhtml", "вместо «<b>Шутка</b> …»: проверьте `addJoke(event.data)` и `article.textContent",
        sub(JOKES_JS, "article.textContent = text", "article.innerHTML = text"))
mistake("05-js-no-onclose", "После перезапуска сайта шутки не приходят: проверьте `onclose = reconnect`",
        cut(JOKES_JS, "  socket.onclose = reconnect;\n"))
mistake("05-js-event", "На странице «[object MessageEvent]» вместо «<b>Шутка</b> …»: проверьте `addJoke(event.data)`",
        sub(JOKES_JS, "addJoke(event.data)", "addJoke(event)"))

# --- 03 and 05: what only a browser notices

mistake("03-js-not-called", "Страница не спрашивает, что с письмом: проверьте `follow(1000)`",
        cut(STATE_JS, "\nfollow(1000);\n"))
mistake("03-js-no-await", "Письмо отправляется, а страница молчит",
        sub(STATE_JS, "const state = await fetchState()", "const state = fetchState()"))
mistake("03-js-once", "Письмо отправляется, а страница молчит: проверьте `setTimeout(follow`",
        cut(STATE_JS, "  setTimeout(follow, pause, Math.min(pause * 1.3, LONGEST_PAUSE));\n"))
mistake("03-js-no-catch", "TypeError: Failed to fetch",
        cut(STATE_JS, ".catch(() => null)"))
mistake("05-js-bracket", "Браузер не выполняет `jokes/static/jokes/jokes.js`, строка 63",
        sub(JOKES_JS, "\nconnect();", "\nconnect(;"))
mistake("05-js-append", "Новая шутка не появляется: проверьте `jokes.prepend`",
        sub(JOKES_JS, "jokes.prepend(article)", "jokes.append(article)"))
mistake("05-js-no-limit", ", а не 50: проверьте `MOST_JOKES`",
        sub(JOKES_JS, "const MOST_JOKES = 50", "const MOST_JOKES = 500"))
mistake("05-js-not-called", "Шутка не появляется",
        cut(JOKES_JS, "\nconnect();\n"))
