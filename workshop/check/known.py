"""Texts that others have printed, and the entries of `docs_ru/errors.md` that explain them."""

import re
from typing import NamedTuple

from workshop.steps import ROOT

ERRORS = ROOT / "docs_ru" / "errors.md"
ENTRY = re.compile(r"^### ([^\n]+)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
CAUSE = re.compile(r"\*\*Причина\.\*\* (.*?\.)(?=\s|$)", re.DOTALL)


class Known(NamedTuple):
    """A text that may be printed, where its reason is made, and the entry that explains it.

    The place is named as a message would name it; the entry is the beginning of its heading.
    """

    pattern: str
    place: str
    entry: str


TABLE = (
    Known(r"name 'os' is not defined", "`REDIS_URL`", "name 'os' is not defined"),
    Known(r"has no attribute 'celery'", "`django_celery/celery.py`", "Module 'django_celery'"),
    Known(r"import name 'Celery' from partial", "`Celery(`", "cannot import name 'Celery'"),
    Known(r"import name 'app' from 'django_c", "`app = Celery`", "cannot import name 'app'"),
    Known(r"import name 'celery_app' from", "`celery_app`", "cannot import name 'celery_app'"),
    Known(r"but settings are not configured", "`DJANGO_SETTINGS_MODULE`", "settings are not"),
    Known(r"Cannot connect to amqp", "`CELERY_BROKER_URL`", "Cannot connect to amqp"),
    Known(r"Cannot connect to redis.*Error", "`REDIS_URL`", "Cannot connect to redis"),
    Known(r"Authentication required", "`REDIS_URL`", "Authentication required"),
    Known(r"No such transport", "`REDIS_URL`", "No such transport"),
    Known(r"No module named 'localhost'", "`REDIS_URL`", "No module named 'localhost'"),
    Known(
        r"No module named 'redis:/local", "`REDIS_URL`", "No module named 'redis:/localhost'"
    ),
    Known(r"MISCONF Redis is configured", "`REDIS_URL`", "MISCONF"),
    Known(r"Received unregistered", "`autodiscover_tasks`", "Received unregistered task"),
    Known(r"name 'shared_task' is not def", "`shared_task`", "name 'shared_task' is not"),
    Known(r"'function' object has no attribute 'delay'", "`shared_task`", "'function' object"),
    Known(r"is not JSON serializable", "`feedback/forms.py`", "is not JSON serializable"),
    Known(r"kombu\.exceptions\.Operation", "`django_celery/__init__.py`", "OperationalError"),
    Known(
        r"object has no attribute 'id'",
        "`feedback/forms.py`",
        "'NoneType' object has no attribute 'id'",
    ),
    Known(
        r"'DisabledBackend' object has", "`CELERY_RESULT_BACKEND`", "'DisabledBackend' object"
    ),
    Known(r"Retry limit exceeded while", "`CELERY_RESULT_BACKEND`", "Retry limit exceeded"),
    Known(r"Reverse for 'success' with key", "`<uuid:task_id>`", "keyword arguments"),
    Known(r"NoReverseMatch.*Reverse for 'suc", "`task_id=task.id`", "Reverse for 'success'"),
    Known(r"Reverse for 'task_state' not", "`task_state`", "Reverse for 'task_state'"),
    Known(r"No module named 'jokes", "`jokes/apps.py`", "No module named 'jokes'"),
    Known(r"does not contain a '\w+' class", "`jokes/apps.py`", "does not contain a class"),
    Known(r"No module named 'requests'", "`import requests`", "No module named 'requests'"),
    Known(r"not a registered namespace", "`jokes/urls.py`", "'jokes' is not a registered"),
    Known(r"daphne\.E001", '`"daphne",`', "daphne.E001"),
    Known(r"not set ASGI_APPLICATION", "`ASGI_APPLICATION`", "You have not set ASGI"),
    Known(r"can only handle ASGI/HTTP", "`ProtocolTypeRouter`", "Django can only handle"),
    Known(r"configured for scope type", "`ProtocolTypeRouter`", "No application configured"),
    Known(r"object JokesConsumer can't be", "`as_asgi`", "object JokesConsumer can't be used"),
    Known(r"No route found for path", "`jokes/routing.py`", "No route found for path"),
    Known(r"object NoneType can't be used", "`jokes/consumers.py`", "object NoneType can't be"),
    Known(r"Cannot import BACKEND", "`CHANNEL_LAYERS`", "Cannot import BACKEND"),
    Known(
        r"no attribute 'group_add'",
        "`CHANNEL_LAYERS`",
        "'NoneType' object has no attribute 'group_add'",
    ),
    Known(r"Timeout reading from", '`"socket_timeout": 15`', "Timeout reading from"),
    Known(r"Socket has not been accepted", "`accept`", "Socket has not been accepted"),
    Known(r"You cannot use AsyncToSync", "`group_add`", "You cannot use AsyncToSync"),
    Known(r"t\(\) takes 1 positional", "`disconnect`", "takes 1 positional argument"),
    Known(r"'coroutine' object is not call", "`async_to_sync`", "'coroutine' object"),
    Known(r"No handler for message type", "`jokes_joke`", "No handler for message type"),
    Known(r"message has no 'type' attribute", "`group_send`", "Incoming message has no 'type'"),
    Known(r"KeyError: 'text'", "`jokes_joke`", "KeyError: 'text'"),
)


def known_error(output: str) -> Known | None:
    """Return the row of the first known text in an output."""
    found = (known for known in TABLE if re.search(known.pattern, output))
    return next(found, None)


def explanation(known: Known) -> str:
    """Return the name of the entry that explains a known text, and the cause that it gives."""
    for heading, text in ENTRY.findall(ERRORS.read_text(encoding="utf-8")):
        if heading.startswith(known.entry) and (cause := CAUSE.search(text)):
            reason = " ".join(cause[1].split())
            return f"Об этом — `docs_ru/errors.md`, «{heading}». {reason}"
    raise LookupError(known.entry)
