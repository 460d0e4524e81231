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
    Known(r"has no attribute 'celery'", "`django_celery/celery.py`", "Module 'django_celery'"),
    Known(r"import name 'Celery' from partial", "`Celery(`", "cannot import name 'Celery'"),
    Known(r"Cannot connect to amqp", "`CELERY_BROKER_URL`", "Cannot connect to amqp"),
    Known(r"Cannot connect to redis", "`REDIS_URL`", "Cannot connect to redis"),
    Known(r"Received unregistered", "`autodiscover_tasks`", "Received unregistered task"),
    Known(r"is not JSON serializable", "`feedback/forms.py`", "is not JSON serializable"),
    Known(r"kombu\.exceptions\.Operation", "`django_celery/__init__.py`", "OperationalError"),
    Known(r"Retry limit exceeded while", "`CELERY_RESULT_BACKEND`", "Retry limit exceeded"),
    Known(r"NoReverseMatch.*Reverse for 'suc", "`task_id=task.id`", "Reverse for 'success'"),
    Known(r"No module named 'jokes", "`jokes/apps.py`", "No module named 'jokes'"),
    Known(r"daphne\.E001", '`"daphne",`', "daphne.E001"),
    Known(r"can only handle ASGI/HTTP", "`ProtocolTypeRouter`", "Django can only handle"),
    Known(r"object JokesConsumer can't be", "`as_asgi`", "object JokesConsumer can't be used"),
    Known(r"No route found for path", "`jokes/routing.py`", "No route found for path"),
    Known(r"Timeout reading from", '`"socket_timeout": 15`', "Timeout reading from"),
    Known(r"No handler for message type", "`jokes_joke`", "No handler for message type"),
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
