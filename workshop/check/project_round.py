"""The first round: the project, compared with what the lesson makes. Takes three seconds."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from workshop.bootstrap import PYTHON
from workshop.check.sections import Change, what_is_missing
from workshop.lesson.project import read_text
from workshop.lesson.reading import Block
from workshop.processes.process import Process
from workshop.syntax import syntax_errors

SCRIPT = Path(__file__).with_name("inside") / "facts.py"
SECONDS = 15
PACKAGE = re.compile(r"^[\w.-]+", re.MULTILINE)

Facts = Mapping[str, Any]
Start = Callable[..., Process]


@dataclass(frozen=True)
class Promise:
    """A promise, and a message for each thing that breaks it; `path` or `block` is where."""

    title: str
    complaints: tuple[str, ...] = ()
    path: str = ""
    block: Block | None = None
    is_fatal: bool = False


def project_promises(
    start: Start, files: Mapping[str, str], copy: Path, goal: Path, changes: list[Change]
) -> Iterator[Promise]:
    """Yield promises about the learner's project; after a fatal one that fails no others.

    Takes a function that starts a process, the learner's files and a copy of them, a project as
    the lesson makes it and what the lessons change until then.
    """
    yield (promise := _readable(files))
    if promise.is_fatal:
        return
    yield Promise("В `requirements.txt` названы все пакеты.", _packages(copy, goal))
    yield _whole(files, goal, changes)
    yield (promise := _unhidden(files, goal))
    if promise.is_fatal:
        return
    commands = [_facts(start, project) for project in (copy, goal)]
    theirs, ours = (read() for read in commands)
    yield (promise := _loaded(theirs))
    # On a machine that is busy beyond measure, even the goal is not loaded in time.
    if promise.is_fatal or "error" in ours:
        return
    yield Promise("Приложения подключены к проекту.", _apps(theirs, ours))
    if "tasks" in ours:
        yield Promise("Celery берёт адреса из настроек проекта.", _celery(theirs, ours))
        yield Promise("Celery находит задачи приложений.", _tasks(theirs, ours))
    if ours.get("schedule"):
        title = "Каждая задача из расписания есть в проекте."
        yield Promise(title, _schedule(theirs))
    yield Promise("У каждой страницы есть адрес.", _addresses(theirs, ours))
    yield Promise("Статические файлы лежат там, где их ищет Django.", _static(theirs, ours))


def in_words(error: Mapping[str, Any]) -> str:
    """Say in Russian where in the project an error has come from."""
    if error["path"]:
        return f"`{error['path']}`, строка {error['line']}: {error['text'].rstrip('.')}."
    return f"{error['text'].rstrip('.')}."


def _readable(files: Mapping[str, str]) -> Promise:
    title = "Python понимает каждый ваш файл."
    complaint, path = next(syntax_errors(files), ("", ""))
    if complaint:
        return Promise(title, (complaint,), path, is_fatal=True)
    return Promise(title)


def _whole(files: Mapping[str, str], goal: Path, changes: list[Change]) -> Promise:
    missing = list(what_is_missing(files, goal, changes))
    sentences = tuple(each.sentence for each in missing)
    title = "Файлы, задачи и настройки урока на месте."
    return Promise(title, sentences, block=missing[0].block if missing else None)


def _unhidden(files: Mapping[str, str], goal: Path) -> Promise:
    packages = _named_packages(goal)
    hidden = [path for path in files if path.endswith(".py") and path[:-3] in packages]
    complaints = tuple(
        f"Файл `{path}` заслоняет пакет `{path[:-3]}`: переименуйте его." for path in hidden
    )
    title = "Ни один файл не заслоняет установленных пакетов."
    return Promise(title, complaints, is_fatal=bool(complaints))


def _loaded(facts: Facts) -> Promise:
    complaint, path = "", ""
    if error := facts.get("error"):
        complaint, path = f"Проект не загружается: {in_words(error)}", error["path"]
    elif facts["check"]:
        complaint = f"`python manage.py check`: {' '.join(facts['check'][0].split())}"
    title = "Проект загружается, `manage.py check` не находит ошибок."
    return Promise(title, (complaint,) if complaint else (), path, is_fatal=bool(complaint))


def _facts(start: Start, project: Path) -> Callable[[], Facts]:
    """Begin to load a project. Returns the function that waits for what has come of it."""
    command = [str(PYTHON), str(SCRIPT), str(SECONDS)]
    process = start("facts", command, cwd=project)

    def read() -> Facts:
        try:
            process.wait(SECONDS + 5)
        except subprocess.TimeoutExpired:
            process.kill()
        facts: Facts = {"error": {"text": "загрузка не кончилась", "path": "", "line": 0}}
        for line in process.tail:
            if line.startswith("\x1e"):
                facts = json.loads(line[1:])
        return facts

    return read


def _packages(copy: Path, goal: Path) -> tuple[str, ...]:
    lines = (read_text(copy / "requirements.txt") or "").splitlines()
    strange = [line.strip() for line in lines if line.strip() and not _is_requirement(line)]
    missing = _named_packages(goal) - _named_packages(copy)
    return (
        *(
            f"В `requirements.txt` есть строка `{line}`, и `pip` её не поймёт."
            for line in strange
        ),
        *(f"В `requirements.txt` нет пакета `{name}`." for name in sorted(missing)),
    )


def _is_requirement(line: str) -> bool:
    try:
        Requirement(line.partition("#")[0])
    except InvalidRequirement:
        return line.lstrip().startswith(("#", "-"))
    return True


def _named_packages(project: Path) -> set[str]:
    text = read_text(project / "requirements.txt") or ""
    return set(PACKAGE.findall(text.lower()))


def _apps(theirs: Facts, ours: Facts) -> tuple[str, ...]:
    return tuple(
        f"Нет `{entry}` в `INSTALLED_APPS` в `django_celery/settings.py`."
        for name, entry in ours["apps"].items()
        if name not in theirs["apps"]
    )


def _celery(theirs: Facts, ours: Facts) -> tuple[str, ...]:
    if "tasks" not in theirs:
        return ("Ещё нет файла `django_celery/celery.py`.",)
    return tuple(
        f"Проверьте `CELERY_{name.upper()}` в `django_celery/settings.py` и "
        f"`config_from_object(…)` в `django_celery/celery.py`. "
        f"Ожидалось: {ours[name]!r}. Пришло: {theirs[name]!r}."
        for name in ("broker_url", "result_backend")
        if theirs[name] != ours[name]
    )


def _tasks(theirs: Facts, ours: Facts) -> tuple[str, ...]:
    return tuple(
        f"Celery не нашёл задачу `{name}`: проверьте `@shared_task` в `{path}`, "
        "`autodiscover_tasks()` в `django_celery/celery.py` и `INSTALLED_APPS`."
        for name, path in ours["tasks"].items()
        if name not in theirs.get("tasks", ())
    )


def _schedule(theirs: Facts) -> tuple[str, ...]:
    schedule = theirs.get("schedule")
    if not schedule:
        return ("В `django_celery/settings.py` ещё нет расписания `CELERY_BEAT_SCHEDULE`.",)
    return tuple(
        f'Задачи {task!r} нет: проверьте "task" в `CELERY_BEAT_SCHEDULE` в '
        "`django_celery/settings.py`."
        for task in schedule.values()
        if task not in theirs["tasks"]
    )


def _addresses(theirs: Facts, ours: Facts) -> tuple[str, ...]:
    extra = [address for address in theirs["addresses"] if address not in ours["addresses"]]
    complaints = []
    for address, path in ours["addresses"].items():
        if address not in theirs["addresses"]:
            close = get_close_matches(address, extra, 1)
            hint = f" Похожий есть: `/{close[0]}`." if close else ""
            complaint = (
                f"Нет адреса `/{address}`: проверьте `{path}` и `django_celery/urls.py`."
            )
            complaints.append(f"{complaint}{hint}")
    return tuple(complaints)


def _static(theirs: Facts, ours: Facts) -> tuple[str, ...]:
    return tuple(
        f"Django не находит `{path}`: этот файл должен лежать в `{place}`."
        for path, place in ours["static"].items()
        if path not in theirs["static"]
    )
