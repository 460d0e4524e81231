"""The entries of `docs_ru/errors.md`, and how each of them comes about: a row for each.

A row begins with its entry's heading. The cause are edits of a step, or what is run, or both.
The cure is the step as it is, run again, unless the row says otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.mistakes import cut, delete, move, sub, write

from .running import BEAT, JOKE, MAIL, POST, WORKER, get, open_socket

INIT, CELERY = "django_celery/__init__.py", "django_celery/celery.py"
SETTINGS, URLS = "django_celery/settings.py", "django_celery/urls.py"
ASGI = "django_celery/asgi.py"
FORMS, VIEWS, TASKS = "feedback/forms.py", "feedback/views.py", "feedback/tasks.py"
FEEDBACK_URLS = "feedback/urls.py"
SUCCESS = "feedback/templates/feedback/success.html"
JOKES_TASKS, CONSUMERS, ROUTING = "jokes/tasks.py", "jokes/consumers.py", "jokes/routing.py"
NOWHERE = "redis://localhost:1"


@dataclass
class Row:
    """What leads to an entry, and what is printed when it is cured.

    `run` gets a Project and returns what was printed; so does `cured`, which is `run` in the
    unchanged step if it is left out. `is_quick` rows are looked at in every run.
    """

    step: str
    run: Callable
    edits: tuple = ()
    works: str = ""
    cured: Callable | None = None
    is_quick: bool = False


def quick(*arguments, **options):
    return Row(*arguments, is_quick=True, **options)


def check(project):
    return project.runs("manage.py", "check")


GOOD_CHECK = "System check identified no issues"
