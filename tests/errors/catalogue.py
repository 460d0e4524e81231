"""The entries of `docs_ru/errors.md`, and how each of them comes about: a row for each.

A row begins with its entry's heading. Its causes are edits of a step, or what is run, or both;
its cure is the step as it is, run again, unless the row says otherwise.
"""

import socket
from collections.abc import Callable
from dataclasses import dataclass

from workshop.replay import environments

from ..mistakes import cut, delete, move, sub, write
from .running import (
    BEAT,
    GOOD_CHECK,
    JOKE,
    MAIL,
    NOWHERE,
    POST,
    READY,
    RUNSERVER,
    SEND,
    SERVES,
    SUCCESS_PAGE,
    WORKER,
    Project,
    get,
    open_socket,
)

INIT, CELERY = "django_celery/__init__.py", "django_celery/celery.py"
SETTINGS, ASGI = "django_celery/settings.py", "django_celery/asgi.py"
FORMS, VIEWS, TASKS = "feedback/forms.py", "feedback/views.py", "feedback/tasks.py"
FEEDBACK_URLS = "feedback/urls.py"
SUCCESS = "feedback/templates/feedback/success.html"
CONSUMERS, ROUTING = "jokes/consumers.py", "jokes/routing.py"
JOKES_JS = "jokes/static/jokes/jokes.js"


@dataclass(frozen=True)
class Row:
    """What leads to an entry, and the cure.

    `run` gets a Project and returns what was printed. With the edits undone (or by `cured`, if
    that is another command) the entry's text must not come, but `works` must.
    """

    step: str
    run: Callable
    edits: tuple = ()
    works: str = ""
    cured: Callable | None = None
    is_quick: bool = False


def runs(*words, **changes):
    return lambda project: project.runs(*words, **changes)


def shell(code, **changes):
    return lambda project: project.shell(code, **changes)


def asks(code):
    return lambda project: project.asks(code)


def worker(text, task=None, **changes):
    return lambda project: project.worker(text, task, **changes)


def site(text, ask, **changes):
    return lambda project: project.site(text, ask, **changes)


def bash(*commands, path="/nowhere"):
    """In a terminal outside of the project, with no programs but those of a path."""
    words = ("/bin/bash", "--norc", "-i", "-c", "; ".join(commands))
    return lambda project: project.command(*words, cwd="/", PATH=path)


def on_a_taken_port(*words):
    """Run Python with these arguments and the number of a port that is in use."""

    def run(project):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            return project.until("already in use", *words, port).replace(port, "8000")

    return run


def without_package(name):
    """Start a worker in an environment that has the packages of the step but one."""

    def run(project):
        requirements = project.directory / "requirements.txt"
        lines = requirements.read_text().splitlines(keepends=True)
        requirements.write_text("".join(line for line in lines if not line.startswith(name)))
        environments.make_for_project(project.directory)
        python = project.directory / "venv" / "bin" / "python"
        return project.runs(*WORKER, python=python)

    return run


def redis_twice(project):
    return project.command("redis-server", "--port", project.redis_url.rpartition(":")[2])


CHECK = runs("manage.py", "check")
INSPECT = ("-m", "celery", "-A", "django_celery", "inspect", "ping")

LOOK_AT_STATE = shell("from celery.result import AsyncResult; print(AsyncResult('1').state)")

UNDECORATED = sub(TASKS, "@shared_task(", "(lambda **options: lambda task: task)(")
DIES = (
    "\n\n@shared_task(name='dies')\ndef dies():\n    import os\n\n    os.kill(os.getpid(), 9)\n"
)


def append(path, text):
    def edit(project):
        file = project / path
        file.write_text(file.read_text() + text)

    return edit


ROWS = {
    # Окружение и Django
    "Не удалось импортировать Django": Row(
        "00", runs("-S", "manage.py", "check"), (), GOOD_CHECK, CHECK, True
    ),
    "venv/bin/activate": Row("00", bash("source venv/bin/activate"), (), GOOD_CHECK, CHECK),
    "Could not open requirements file": Row(
        "00",
        runs("-m", "pip", "install", "-r", "requirements.txt", cwd="/"),
        (),
        "Requirement already satisfied",
        runs("-m", "pip", "install", "-r", "requirements.txt"),
    ),
    "can't open file manage.py": Row(
        "00", runs("manage.py", "check", cwd="/"), (), GOOD_CHECK, CHECK, True
    ),
    "python: command not found": Row("00", bash("python", "pytest"), (), GOOD_CHECK, CHECK),
    "Error: That port is already in use": Row(
        "00", on_a_taken_port(*RUNSERVER), (), SERVES, Project.serves
    ),
    "name 'os' is not defined": Row("02", CHECK, (cut(SETTINGS, "import os\n"),), GOOD_CHECK),
    "was never closed": Row(
        "01", CHECK, (sub(CELERY, '("django_celery")', '("django_celery"'),), GOOD_CHECK
    ),
    "unexpected indent": Row("01", CHECK, (sub(CELERY, "app.auto", "  app.auto"),), GOOD_CHECK),
    "TemplateDoesNotExist": Row(
        "00",
        asks("print(client.get('/').status_code)"),
        (
            move(
                "feedback/templates/feedback/feedback.html",
                "feedback/templates/feedback.html",
            ),
        ),
        "200",
    ),
    "You have 18 unapplied migrations": Row(
        "00",
        Project.serves,
        (),
        SERVES,
        lambda project: project.runs("manage.py", "migrate") and project.serves(),
    ),
    # Celery
    "No module named celery": Row(
        "01", runs("-S", "-m", "celery"), (), "Usage", runs("-m", "celery"), True
    ),
    "Module 'django_celery' has no attribute 'celery'": Row(
        "01",
        runs(*INSPECT),
        (delete(CELERY), write(INIT, "")),
        "[Errno 111]",
    ),
    "cannot import name 'app'": Row(
        "01",
        CHECK,
        (
            sub(CELERY, "app = Celery", "celery = Celery"),
            sub(CELERY, "app.config", "celery.config"),
            sub(CELERY, "app.auto", "celery.auto"),
        ),
        GOOD_CHECK,
    ),
    "cannot import name 'celery_app'": Row(
        "01", CHECK, (sub(INIT, "import app as", "import celery_app as"),), GOOD_CHECK
    ),
    "No module named 'django_celery.celery'": Row("01", CHECK, (delete(CELERY),), GOOD_CHECK),
    "settings are not configured": Row(
        "02",
        runs(*INSPECT),
        (
            cut(
                CELERY,
                'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "django_celery.settings")\n',
            ),
        ),
        "No nodes replied",
    ),
    "No module named 'celery_django'": Row(
        "02",
        runs(*INSPECT),
        (sub(CELERY, '"django_celery.settings")', '"celery_django.settings")'),),
        "No nodes replied",
    ),
    "No such command": Row(
        "01",
        runs("-m", "celery", "-A", "django_celery", "wroker"),
        (),
        "Usage",
        runs("-m", "celery", "-A", "django_celery"),
    ),
    "The module … was not found": Row(
        "01",
        runs("-m", "celery", "-A", "celery_django", "report"),
        (),
        "software -> celery",
        runs("-m", "celery", "-A", "django_celery", "report"),
    ),
    "cannot import name 'Celery'": Row(
        "01",
        runs("-m", "celery", "-A", "django_celery", "report"),
        (move(CELERY, "celery.py"), write(INIT, "")),
        "software -> celery",
    ),
    "SecurityWarning": Row("02", worker(READY), (), ""),
    "Pidfile already exists": Row(
        "02",
        lambda project: project.until(READY, *WORKER, "--pidfile=worker.pid"),
        (write("worker.pid", "1\n"),),
        READY,
    ),
    "'Settings' object has no attribute 'worker_state_db'": Row(
        "02",
        runs(*WORKER),
        (
            sub(
                SETTINGS,
                'os.environ.get("REDIS_URL", "redis://localhost:6379")',
                'os.environ["REDIS"]',
            ),
        ),
        READY,
        worker(READY),
    ),
    "Cannot connect to amqp": Row(
        "02",
        worker("(1/100)"),
        (cut(SETTINGS, "CELERY_BROKER_URL = REDIS_URL\n"),),
        READY,
        worker(READY),
    ),
    # Redis
    "redis-server: command not found": Row(
        "02",
        bash("redis-server"),
        (),
        "Redis server v=",
        lambda project: project.command("redis-server", "--version"),
    ),
    "redis-cli: command not found": Row(
        "02",
        bash("redis-cli"),
        (),
        "redis-cli ",
        lambda project: project.command("redis-cli", "--version"),
    ),
    "Address already in use": Row(
        "02",
        redis_twice,
        (),
        "PONG",
        lambda project: project.command("redis-cli", "-u", project.redis_url, "ping"),
        True,
    ),
    "Cannot connect to redis": Row(
        "02", worker("(1/100)", REDIS_URL=NOWHERE), (), READY, worker(READY)
    ),
    "No such transport": Row(
        "02", runs(*WORKER, REDIS_URL="http://localhost:6379"), (), READY, worker(READY)
    ),
    "No module named 'localhost'": Row(
        "02", runs(*WORKER, REDIS_URL="localhost:6379"), (), READY, worker(READY)
    ),
    "No module named 'redis:/localhost'": Row(
        "02", runs(*WORKER, REDIS_URL="redis:/localhost:6379"), (), READY, worker(READY)
    ),
    "No module named 'radis'": Row(
        "02",
        runs(*WORKER),
        (
            sub(
                SETTINGS,
                "CELERY_RESULT_BACKEND = REDIS_URL",
                'CELERY_RESULT_BACKEND = "radis://localhost:6379"',
            ),
        ),
        READY,
        worker(READY),
    ),
    "'NoneType' object has no attribute 'Redis'": Row(
        "02", without_package("redis"), (), READY, worker(READY)
    ),
    "Could not connect to the message broker": Row(
        "02", runs(*INSPECT, REDIS_URL=NOWHERE), (), "No nodes replied", runs(*INSPECT)
    ),
    "No nodes replied within time constraint": Row(
        "02",
        runs(*INSPECT),
        (),
        "1 node online",
        lambda project: project.while_worker(lambda: project.runs(*INSPECT)),
    ),
    "Redis не отвечает по адресу": Row(
        "02",
        runs("-m", "pytest", "-q", REDIS_URL=NOWHERE),
        (),
        "passed",
        runs("-m", "pytest", "-q", "-k", "default_app"),
        True,
    ),
    # Задачи
    "Received unregistered task": Row(
        "02",
        worker("KeyError", SEND.format("feedback.tasks.send_feedback_email_task")),
    ),
    "'NoneType' object has no attribute 'id'": Row(
        "03", asks(POST), (cut(FORMS, "return "),), "/success/"
    ),
    "'function' object has no attribute 'delay'": Row(
        "03", shell(f"{MAIL}('a', 'b')"), (UNDECORATED,)
    ),
    "missing 1 required positional argument": Row(
        "03", shell(f"{MAIL}('a')"), (), "", shell(f"{MAIL}('a', 'b')")
    ),
    "'DisabledBackend' object has no attribute": Row(
        "03",
        LOOK_AT_STATE,
        (sub(SETTINGS, "CELERY_RESULT_BACKEND = ", "CELERY_RESULTS_BACKEND = "),),
        "PENDING",
    ),
    "is not JSON serializable": Row(
        "03", shell(f"{MAIL}(object(), 'b')"), (), "", shell(f"{MAIL}('a', 'b')"), True
    ),
    "OperationalError при delay": Row("03", shell(f"{MAIL}('a', 'b')"), (write(INIT, ""),)),
    "Retry limit exceeded": Row(
        "03", shell(f"{MAIL}('a', 'b')", REDIS_URL=NOWHERE), (), "", shell(f"{MAIL}('a', 'b')")
    ),
    "Reverse for 'success'": Row(
        "03",
        asks(POST),
        (
            sub(
                VIEWS,
                'redirect("feedback:success", task_id=task.id)',
                'redirect("feedback:success")',
            ),
        ),
        "/success/",
    ),
    "Reverse for 'success' with keyword arguments": Row(
        "03",
        asks(POST),
        (sub(FEEDBACK_URLS, "success/<uuid:task_id>/", "success/"),),
        "/success/",
    ),
    "Reverse for 'task_state' not found": Row(
        "03",
        asks(SUCCESS_PAGE),
        (sub(FEEDBACK_URLS, 'name="task_state"', 'name="state"'),),
        "200",
    ),
    "has no attribute 'task_state'": Row(
        "03", CHECK, (sub(VIEWS, "def task_state(", "def task_status("),), GOOD_CHECK
    ),
    "Invalid block tag": Row(
        "03", asks(SUCCESS_PAGE), (cut(SUCCESS, "{% load static %}\n"),), "200"
    ),
    "mail_state.js 404": Row(
        "03",
        site("/mail_state.js HTTP", get("/static/feedback/mail_state.js")),
        (move("feedback/static/feedback/mail_state.js", "feedback/static/mail_state.js"),),
        'mail_state.js HTTP/1.1" 200',
    ),
    "Cannot read properties of null": Row(
        "03",
        lambda project: project.console(
            "/success/00000000-0000-0000-0000-000000000000/", "null"
        ),
        (sub(SUCCESS, 'id="mail-state"', 'id="state"'),),
        "Письмо ждёт в очереди",
        lambda project: project.page(
            "/success/00000000-0000-0000-0000-000000000000/", "ждёт в очереди"
        ),
    ),
    "WorkerLostError": Row(
        "03",
        worker("WorkerLostError", SEND.format("dies")),
        (append(TASKS, DIES),),
        READY,
        worker(READY),
    ),
    # Расписание и API шуток
    "No module named 'jokes'": Row(
        "04",
        CHECK,
        (lambda directory: (directory / "jokes").rename(directory / "joke"),),
        GOOD_CHECK,
        None,
        True,
    ),
    "No module named 'requests'": Row(
        "04", without_package("requests"), (), READY, worker(READY)
    ),
    "does not contain a class": Row(
        "04", CHECK, (sub(SETTINGS, "JokesConfig", "JokeConfig"),), GOOD_CHECK
    ),
    "'Settings' object has no attribute 'JOKES_API_URL'": Row(
        "04",
        worker("JOKES_API_URL'", JOKE, JOKES_API_URL="http://localhost:1/"),
        (sub(SETTINGS, "JOKES_API_URL =", "JOKE_API_URL ="),),
        "Retry in 1s",
        worker("Retry in", JOKE, JOKES_API_URL="http://localhost:1/"),
    ),
    "unexpected keyword argument 'expires'": Row(
        "04",
        runs(*BEAT),
        (sub(SETTINGS, '"options": {"expires": 15.0},', '"expires": 15.0,'),),
        "beat: Starting",
        lambda project: project.until("beat: Starting", *BEAT),
    ),
    "KeyError: 'jokes.tasks.get_random_jok'": Row(
        "04",
        worker("KeyError", SEND.format("jokes.tasks.get_random_jok")),
        (),
        "succeeded",
        Project.joke_of_api,
    ),
    "ConnectionError в логе воркера": Row(
        "04",
        worker("raised expected", JOKE, JOKES_API_URL="http://localhost:1/api/jokes/random/"),
        (),
        "succeeded",
        Project.joke_of_api,
    ),
    "Шутки не будет": Row(
        "04", lambda project: project.joke_of_api("/"), (), "succeeded", Project.joke_of_api
    ),
    # Channels и WebSocket
    "WebSocket 404": Row(
        "05",
        lambda project: project.console("/jokes/", "404"),
        (cut(SETTINGS, '    "daphne",\n'),),
        "Связь с сервером есть",
        lambda project: project.page("/jokes/", "Связь с сервером есть"),
    ),
    "daphne.E001": Row(
        "05",
        CHECK,
        (
            cut(SETTINGS, '    "daphne",\n'),
            sub(
                SETTINGS,
                '    "django.contrib.staticfiles",\n',
                '    "django.contrib.staticfiles",\n    "daphne",\n',
            ),
        ),
        GOOD_CHECK,
        None,
        True,
    ),
    "You have not set ASGI_APPLICATION": Row(
        "05",
        Project.serves,
        (sub(SETTINGS, "ASGI_APPLICATION", "ASGI_APP"),),
        "Quit the server",
    ),
    "Couldn't listen on 127.0.0.1:8000": Row(
        "05", on_a_taken_port(*RUNSERVER), (), SERVES, Project.serves
    ),
    "Cannot import BACKEND": Row(
        "05",
        shell("from channels.layers import get_channel_layer; print(get_channel_layer())"),
        (sub(SETTINGS, "channels_redis.core", "channels_redis"),),
        "RedisChannelLayer",
    ),
    "'NoneType' object has no attribute 'group_add'": Row(
        "05",
        site("DISCONNECT", open_socket()),
        (sub(SETTINGS, "CHANNEL_LAYERS", "CHANNELS_LAYERS"),),
        "WebSocket CONNECT",
    ),
    "Django can only handle ASGI/HTTP connections": Row(
        "05",
        site("DISCONNECT", open_socket()),
        (
            sub(ASGI, "application = ProtocolTypeRouter(", "router = ProtocolTypeRouter("),
            append(ASGI, "\napplication = django_application\n"),
        ),
        "WebSocket CONNECT",
    ),
    "No application configured for scope type": Row(
        "05",
        site("DISCONNECT", open_socket()),
        (sub(ASGI, '"websocket":', '"websockets":'),),
        "WebSocket CONNECT",
    ),
    "Unexpected response code: 500": Row(
        "05",
        lambda project: project.console("/jokes/", "500"),
        (sub(ASGI, '"websocket":', '"websockets":'),),
        "Связь с сервером есть",
        lambda project: project.page("/jokes/", "Связь с сервером есть"),
    ),
    "object JokesConsumer can't be used in 'await' expression": Row(
        "05",
        site("DISCONNECT", open_socket()),
        (cut(ROUTING, ".as_asgi()"),),
        "WebSocket CONNECT",
    ),
    "No route found for path": Row(
        "05",
        site("DISCONNECT", open_socket("/ws/joke/")),
        (),
        "WebSocket CONNECT",
        site("DISCONNECT", open_socket()),
    ),
    "WebSocket 403": Row(
        "05",
        site("DISCONNECT", open_socket(origin="http://evil.example.com")),
        (),
        "WebSocket CONNECT",
        site("DISCONNECT", open_socket()),
    ),
    "Timeout reading from localhost:6379": Row(
        "05",
        site("DISCONNECT", open_socket(seconds=7)),
        (
            sub(
                SETTINGS,
                '[{"address": REDIS_URL, "socket_timeout": 15, "max_connections": 10_000}]',
                "[REDIS_URL]",
            ),
        ),
        "WebSocket CONNECT",
    ),
    "Error 111 connecting to localhost:6379. Connect call failed": Row(
        "05",
        site("DISCONNECT", open_socket(), REDIS_URL=NOWHERE),
        (),
        "WebSocket CONNECT",
        site("DISCONNECT", open_socket()),
    ),
    "No handler for message type": Row(
        "05",
        Project.joke_over_socket,
        (sub(CONSUMERS, "def jokes_joke", "def joke"),),
        "WebSocket CONNECT",
    ),
    "KeyError: 'text'": Row(
        "05",
        lambda project: project.joke_over_socket("joke"),
        (),
        "WebSocket CONNECT",
        Project.joke_over_socket,
    ),
    "object NoneType can't be used in 'await' expression": Row(
        "05",
        site("DISCONNECT", open_socket()),
        (
            sub(CONSUMERS, "async def connect(self):", "def connect(self):"),
            cut(
                CONSUMERS,
                '        await self.channel_layer.group_add("jokes", self.channel_name)\n',
            ),
            sub(CONSUMERS, "await self.accept()", "self.accept()"),
        ),
        "WebSocket CONNECT",
    ),
    "You cannot call this from an async context": Row(
        "05",
        site("DISCONNECT", open_socket()),
        (
            sub(
                CONSUMERS,
                "        await self.accept()\n",
                "        from django.contrib.auth.models import User\n\n"
                "        User.objects.count()\n        await self.accept()\n",
            ),
        ),
        "WebSocket CONNECT",
    ),
    "was never awaited": Row(
        "05",
        shell(
            "from channels.layers import get_channel_layer as layer; "
            "layer().group_send('jokes', {'type': 'jokes.joke', 'text': 'x'})"
        ),
        (),
        "",
        shell(
            "from asgiref.sync import async_to_sync; "
            "from channels.layers import get_channel_layer as layer; "
            "async_to_sync(layer().group_send)('jokes', {'type': 'jokes.joke'})"
        ),
    ),
    "'jokes' is not a registered namespace": Row(
        "05",
        asks("print(client.get('/').status_code)"),
        (cut("jokes/urls.py", 'app_name = "jokes"\n'),),
        "200",
    ),
    "[object MessageEvent]": Row(
        "05",
        Project.page_with_joke,
        (sub(JOKES_JS, "addJoke(event.data)", "addJoke(event)"),),
        "Шутка",
    ),
}

# What can't be shown here, or has no text of its own.
NOT_RUN = {
    "ensurepip is not available": "Debian without python3-venv, which the tests need",
    "externally-managed-environment": "a system pip that may not install",
    "Письмо навсегда в очереди": "no text: lesson 03_2 shows it",
    "Шуток нет, а beat работает": "no text: nothing is printed",
    "Шутки приходят дважды": "no text: nothing is wrong in the log",
    "Связь есть, а шуток нет": "no text: nothing is printed",
}
