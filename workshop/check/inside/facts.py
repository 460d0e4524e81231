"""Loads the project in the current directory and prints what came of it, as a line of JSON."""

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

HERE = Path.cwd()


class TookTooLong(BaseException):
    """The project was still loading when its time was over."""


def main(seconds: int) -> None:
    """Print the facts, and under `error` what has stopped the loading, if anything has."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise TookTooLong(f"за {seconds} с не кончилось")

    signal.signal(signal.SIGALRM, interrupt)
    signal.alarm(seconds)
    sys.path.insert(0, str(HERE))
    os.environ["DJANGO_SETTINGS_MODULE"] = "django_celery.settings"
    facts: dict[str, Any] = {}
    try:
        for collect in (_setup, _celery, _addresses, _static_files, _system_check):
            collect(facts)
    except BaseException as error:
        facts["error"] = describe(error)
    signal.alarm(0)
    print(f"\n\x1e{json.dumps(facts)}", flush=True)
    # Whatever the learner's code has started must not keep this process.
    os._exit(0)


def describe(error: BaseException) -> dict[str, Any]:
    """Say what an error is, and the last line of the project that it went through."""
    places, text = [], f"{type(error).__name__}: {error}"
    for frame, line in traceback.walk_tb(error.__traceback__):
        # Celery reads the options of a task late; it knows whose they are.
        task = getattr(frame.f_locals.get("fun"), "__code__", None)
        if path := inside(frame.f_code.co_filename):
            places.append((path, line))
        elif task and (path := inside(task.co_filename)):
            places.append((path, task.co_firstlineno))
        elif frame.f_code.co_name == "create" and "entry" in frame.f_locals:
            entry = frame.f_locals["entry"]
            text = f"`{entry}` в `INSTALLED_APPS` в `django_celery/settings.py`: {text}"
    if isinstance(error, SyntaxError) and (path := inside(error.filename or "")):
        places.append((path, error.lineno or 1))
    path, line = places[-1] if places else ("", 0)
    text = " ".join(text.replace(f"{HERE}/", "").split())
    return {"text": text, "path": path, "line": line}


def inside(filename: str) -> str:
    """Return a file's path in the project, without its tests; "" for any other file."""
    path = Path(filename)
    if not path.is_relative_to(HERE) or path.is_relative_to(HERE / "tests"):
        return ""
    return path.relative_to(HERE).as_posix()


def _setup(facts: dict[str, Any]) -> None:
    import django
    from django.apps import apps
    from django.conf import settings

    django.setup()
    names = [config.name for config in apps.get_app_configs()]
    facts["apps"] = dict(zip(names, settings.INSTALLED_APPS, strict=True))


def _celery(facts: dict[str, Any]) -> None:
    if not (HERE / "django_celery" / "celery.py").exists():
        return
    from importlib import import_module

    app = import_module("django_celery.celery").app
    app.loader.import_default_modules()
    facts["broker_url"] = app.conf.broker_url
    facts["result_backend"] = app.conf.result_backend
    facts["tasks"] = {
        name: f"{task.__module__.replace('.', '/')}.py"
        for name, task in app.tasks.items()
        if not name.startswith("celery.")
    }
    schedule = app.conf.beat_schedule
    if isinstance(schedule, dict):
        facts["schedule"] = {name: dict(entry).get("task") for name, entry in schedule.items()}


def _addresses(facts: dict[str, Any]) -> None:
    from django.urls import get_resolver

    facts["addresses"] = dict(_patterns(get_resolver(), ""))


def _patterns(resolver: Any, before: str) -> Iterator[tuple[str, str]]:
    for pattern in resolver.url_patterns:
        address = f"{before}{pattern.pattern}"
        if hasattr(pattern, "url_patterns"):
            yield from _patterns(pattern, address)
        elif path := inside(getattr(resolver.urlconf_module, "__file__", "")):
            yield address, path


def _static_files(facts: dict[str, Any]) -> None:
    from django.contrib.staticfiles import finders

    found: Callable[[], Iterator[tuple[str, str]]] = lambda: (  # noqa: E731
        (path, inside(storage.path(path)))
        for finder in finders.get_finders()
        for path, storage in finder.list([])
    )
    facts["static"] = {path: place for path, place in found() if place}


def _system_check(facts: dict[str, Any]) -> None:
    from django.core import checks

    facts["check"] = [str(found) for found in checks.run_checks() if found.is_serious()]


if __name__ == "__main__":
    main(int(sys.argv[1]))
