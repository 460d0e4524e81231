"""The entries of `docs_ru/errors.md`, and how each of them comes about: a row for each.

A row begins with its entry's heading; an entry with several causes has several. A cause is an
edit of a step, or what is run, or both. The cure is the step as it is, run again, unless the
row says otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from workshop.steps import ROOT

from ..mistakes import cut, delete, move, sub, write
from .causes import (
    ASGI,
    CELERY,
    CHECK,
    CONNECTED,
    CONNECTS,
    CONSUMERS,
    CURRENT_APP,
    DIES,
    FEEDBACK_URLS,
    FORMS,
    GOT_JOKE,
    IMPORT_LAYER,
    IN_MEMORY,
    INIT,
    INSPECT,
    JOKE_EVENT,
    JOKE_QUEUED,
    JOKES_JS,
    LOOK_AT_STATE,
    POST_ANYHOW,
    QUEUES_FORM,
    QUEUES_MAIL,
    ROUTING,
    SENDS_JOKE,
    SETTINGS,
    STATE_JS,
    SUCCESS,
    TASKS,
    UNDECORATED,
    URLS,
    VIEWS,
    append,
    as_user,
    asks,
    bash,
    beats,
    corrupted_schedule,
    from_silent_api,
    lose_redis,
    mail_goes,
    mail_server_is_away,
    often_queued,
    often_received,
    on_a_lost_disk,
    on_a_taken_port,
    page_of_a_sent_mail,
    pinging,
    pip_of_the_system,
    redis_server,
    redis_twice,
    runs,
    shell,
    site,
    with_password,
    without_application,
    without_package,
    worker,
)
from .running import (
    BEAT,
    CLIENT,
    GOOD_CHECK,
    JOKE,
    NOWHERE,
    POST,
    QUEUE_MAIL,
    READY,
    RUNSERVER,
    SEND,
    SERVES,
    SUCCESS_PAGE,
    SUCCESS_PATH,
    WORKER,
    Project,
    get,
    open_socket,
)


@dataclass(frozen=True)
class Row:
    """What leads to an entry, and the cure.

    `run` gets a Project and returns what was printed. With the edits undone (or by `cured`, if
    that is another command, or in `cured_step`) `works` must come, the entry's text must not.
    An entry without a text is about silence: its cause must keep `works` from coming. A text
    that is harmless comes with `works`. `lines` are those that come if not all of them do.
    """

    step: str
    run: Callable
    edits: tuple = ()
    works: str = ""
    cured: Callable | None = None
    is_quick: bool = False
    is_harmless: bool = False
    cured_step: str = ""
    lines: tuple[str, ...] = ()


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
    "No module named workshop": Row(
        "00",
        runs("-m", "workshop", cwd="/"),
        (),
        "python3 -m workshop",
        runs("-m", "workshop", "--help", cwd=ROOT),
        True,
    ),
    "externally-managed-environment": Row(
        "00",
        pip_of_the_system,
        (),
        "Requirement already satisfied",
        runs("-m", "pip", "install", "-r", "requirements.txt"),
    ),
    "Error: That port is already in use": Row(
        "00", on_a_taken_port(*RUNSERVER), (), SERVES, Project.serves
    ),
    "You have 18 unapplied migrations": Row(
        "00",
        Project.serves,
        (),
        SERVES,
        lambda project: project.runs("manage.py", "migrate") and project.serves(),
    ),
    "You may need to add": Row(
        "00",
        asks("print(client.get('/', headers={'host': '192.168.0.2:8000'}).status_code)"),
        (),
        "200",
        asks("print(client.get('/', headers={'host': 'localhost:8000'}).status_code)"),
    ),
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
    "was never closed": Row(
        "01", CHECK, (sub(CELERY, '("django_celery")', '("django_celery"'),), GOOD_CHECK
    ),
    "unexpected indent": Row("01", CHECK, (sub(CELERY, "app.auto", "  app.auto"),), GOOD_CHECK),
    "name 'os' is not defined": Row("02", CHECK, (cut(SETTINGS, "import os\n"),), GOOD_CHECK),
    # Celery
    "No module named celery": Row(
        "01", runs("-S", "-m", "celery"), (), "Usage", runs("-m", "celery"), True
    ),
    "No such command": Row(
        "01",
        runs("-m", "celery", "-A", "django_celery", "wroker"),
        (),
        "Usage",
        runs("-m", "celery", "-A", "django_celery"),
    ),
    "You are using -A as an option": Row(
        "01",
        runs("-m", "celery", "worker", "-A", "django_celery"),
        (),
        "software -> celery",
        runs("-m", "celery", "-A", "django_celery", "report"),
    ),
    "The module … was not found": Row(
        "01",
        runs("-m", "celery", "-A", "celery_django", "report"),
        (),
        "software -> celery",
        runs("-m", "celery", "-A", "django_celery", "report"),
    ),
    "Module 'django_celery' has no attribute 'celery'": Row(
        "01",
        runs(*INSPECT),
        (delete(CELERY), write(INIT, "")),
        "[Errno 111]",
    ),
    "cannot import name 'Celery'": Row(
        "01",
        runs("-m", "celery", "-A", "django_celery", "report"),
        (move(CELERY, "celery.py"), write(INIT, "")),
        "software -> celery",
    ),
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
    "No module named 'django_celery.celery'": Row("01", CHECK, (delete(CELERY),), GOOD_CHECK),
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
    "Celery default at": Row(
        "01", CURRENT_APP, (sub(INIT, "from .celery", "from celery"),), "<Celery django_celery"
    ),
    "Cannot connect to amqp": [
        Row("02", worker("(1/100)"), (edit,), READY, worker(READY))
        for edit in (
            cut(SETTINGS, "CELERY_BROKER_URL = REDIS_URL\n"),
            sub(SETTINGS, "CELERY_BROKER_URL =", "CELERY_BROKER_ULR ="),
            cut(CELERY, ', namespace="CELERY"'),
            cut(CELERY, 'app.config_from_object("django.conf:settings", namespace="CELERY")\n'),
        )
    ]
    + [Row("02", without_application, (), READY, worker(READY))],
    "SecurityWarning": Row(
        "02", as_user("--map-root-user"), (), READY, as_user("--map-user=1000")
    ),
    "DuplicateNodenameWarning": Row(
        "02",
        lambda project: project.while_worker(partial(project.while_worker, pinging(project))),
        (),
        "1 node online",
        lambda project: project.while_worker(pinging(project)),
    ),
    "CPendingDeprecationWarning": Row("02", lose_redis, (), "succeeded", is_harmless=True),
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
    "Pidfile already exists": Row(
        "02",
        lambda project: project.until(READY, *WORKER, "--pidfile=worker.pid"),
        (write("worker.pid", "1\n"),),
        READY,
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
    "Memory overcommit must be enabled": Row(
        "02", redis_server, (), "Ready to accept connections", is_harmless=True
    ),
    "Could not connect to Redis": Row(
        "02",
        lambda project: project.command("redis-cli", "-p", "1", "ping"),
        (),
        "PONG",
        lambda project: project.command("redis-cli", "-u", project.redis_url, "ping"),
        True,
    ),
    "Cannot connect to redis": Row(
        "02", worker("(1/100)", REDIS_URL=NOWHERE), (), READY, worker(READY)
    ),
    "Authentication required": Row("02", with_password, (), READY, worker(READY)),
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
    "invalid literal for int()": Row(
        "02", runs(*WORKER, REDIS_URL="redis:///localhost:6379"), (), READY, worker(READY)
    ),
    "'NoneType' object has no attribute 'Redis'": Row(
        "02", without_package("redis"), (), READY, worker(READY)
    ),
    "No module named 'redis'": Row(
        "03", without_package("redis", "manage.py", "check"), (), GOOD_CHECK, CHECK
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
    "MISCONF": Row("03", on_a_lost_disk, (), "queued", shell(QUEUE_MAIL.format("'a', 'b'"))),
    "Redis не отвечает по адресу": Row(
        "02",
        runs("-m", "pytest", "-q", REDIS_URL=NOWHERE),
        (),
        "passed",
        runs("-m", "pytest", "-q", "-k", "default_app"),
        True,
    ),
    # Задачи
    "Received unregistered task": [
        Row(
            "02",
            worker("KeyError", SEND.format("feedback.tasks.send_feedback_email_task")),
            (),
            "received",
            worker("received", QUEUE_MAIL.format("'a', 'b'")),
            cured_step="03",
        ),
        *(
            Row(
                "04",
                worker(".get_random_joke", SEND.format("jokes.tasks.get_random_joke")),
                edits,
                "received",
                worker("received", JOKE, JOKES_API_URL="http://localhost:1/"),
                lines=("Received unregistered task of type 'jokes.tasks.get_random_joke'.",),
            )
            for edits in (
                (move("jokes/tasks.py", "jokes/task.py"),),
                (cut(SETTINGS, '    "jokes.apps.JokesConfig",\n'),),
                (cut(CELERY, "app.autodiscover_tasks()\n"),),
            )
        ),
    ],
    "name 'shared_task' is not defined": Row(
        "03", CHECK, (cut(TASKS, "from celery import shared_task\n"),), GOOD_CHECK
    ),
    "'function' object has no attribute 'delay'": Row(
        "03", QUEUES_MAIL, (UNDECORATED,), "queued"
    ),
    "missing 1 required positional argument": Row(
        "03", shell(QUEUE_MAIL.format("'a'")), (), "queued", QUEUES_MAIL
    ),
    "is not JSON serializable": Row("03", QUEUES_FORM, (), "queued", QUEUES_MAIL, True),
    "OperationalError при delay": [
        Row("03", QUEUES_MAIL, edits, "queued")
        for edits in (
            (write(INIT, ""),),
            (cut(SETTINGS, "CELERY_BROKER_URL = REDIS_URL\n"),),
            (cut(CELERY, ', namespace="CELERY"'),),
        )
    ],
    "'NoneType' object has no attribute 'id'": Row(
        "03", asks(POST), (cut(FORMS, "return "),), "/success/"
    ),
    "'DisabledBackend' object has no attribute": Row(
        "03",
        LOOK_AT_STATE,
        (sub(SETTINGS, "CELERY_RESULT_BACKEND = ", "CELERY_RESULTS_BACKEND = "),),
        "PENDING",
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
    "keyword arguments": Row(
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
        lambda project: project.console(SUCCESS_PATH, "null"),
        (sub(SUCCESS, 'id="mail-state"', 'id="state"'),),
        "Письмо ждёт в очереди",
        lambda project: project.page(SUCCESS_PATH, "ждёт в очереди"),
    ),
    "Uncaught SyntaxError": Row(
        "03",
        lambda project: project.console(SUCCESS_PATH, "SyntaxError"),
        (sub(STATE_JS, "follow(1000);", "follow(1000;"),),
        "Письмо ждёт",
        lambda project: project.page(SUCCESS_PATH, "Письмо ждёт"),
        True,
    ),
    "Письмо навсегда в очереди": Row(
        "03",
        lambda project: project.page(SUCCESS_PATH, "Письмо ждёт"),
        (),
        "Письмо отправлено.",
        page_of_a_sent_mail,
    ),
    "Сейчас не узнать": Row(
        "03",
        lambda project: project.page(SUCCESS_PATH, "Сейчас не узнать", REDIS_URL=NOWHERE),
        (),
        "Письмо ждёт",
        lambda project: project.page(SUCCESS_PATH, "Письмо ждёт"),
    ),
    "Retry in": Row("03", mail_server_is_away, (), "succeeded", mail_goes),
    "Retry limit exceeded": Row(
        "03",
        shell(QUEUE_MAIL.format("'a', 'b'"), REDIS_URL=NOWHERE),
        (),
        "queued",
        QUEUES_MAIL,
    ),
    "Service Unavailable": Row(
        "03",
        lambda project: project.shell(f"{CLIENT}; {POST_ANYHOW}", REDIS_URL=NOWHERE),
        (),
        "302",
        asks(POST_ANYHOW),
    ),
    "WorkerLostError": Row(
        "03",
        worker("WorkerLostError", SEND.format("dies")),
        (append(TASKS, DIES),),
        "received",
        worker("received", QUEUE_MAIL.format("'a', 'b'")),
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
    "does not contain a class": Row(
        "04", CHECK, (sub(SETTINGS, "JokesConfig", "JokeConfig"),), GOOD_CHECK
    ),
    "No module named 'requests'": Row(
        "04", without_package("requests"), (), READY, worker(READY)
    ),
    "'Settings' object has no attribute 'JOKES_API_URL'": Row(
        "04",
        worker("JOKES_API_URL'", JOKE, JOKES_API_URL="http://localhost:1/"),
        (sub(SETTINGS, "JOKES_API_URL =", "JOKE_API_URL ="),),
        "Retry in 1s",
        worker("Retry in", JOKE, JOKES_API_URL="http://localhost:1/"),
    ),
    "Шуток нет, а beat работает": Row("04", often_queued, (), "received", often_received),
    "KeyError: 'joke.tasks.get_random_joke'": Row(
        "04",
        worker("KeyError", SEND.format("joke.tasks.get_random_joke")),
        (),
        "succeeded",
        Project.joke_of_api,
    ),
    "unexpected keyword argument": Row(
        "04",
        runs(*BEAT),
        (sub(SETTINGS, '"options": {"expires": 15.0},', '"expires": 15.0,'),),
        "beat: Starting",
        lambda project: project.until("beat: Starting", *BEAT),
    ),
    "Discarding revoked task": Row(
        "04",
        worker("Discarding", JOKE_QUEUED.format("expires=0.001")),
        (),
        "succeeded",
        Project.joke_of_api,
    ),
    "Removing corrupted schedule file": Row(
        "04", corrupted_schedule, (), "Sending due task", is_harmless=True
    ),
    "ConnectionError в логе воркера": Row(
        "04",
        worker("raised expected", JOKE, JOKES_API_URL="http://localhost:1/api/jokes/random/"),
        (),
        "succeeded",
        Project.joke_of_api,
    ),
    "404 Client Error": Row(
        "04",
        partial(Project.joke_of_api, text="raised expected"),
        (cut(URLS, '    path("api/jokes/", include("jokes_api.urls")),\n'),),
        "succeeded",
        Project.joke_of_api,
    ),
    "Read timed out": Row("04", from_silent_api, (), "succeeded", Project.joke_of_api),
    "Шутки не будет": Row(
        "04", lambda project: project.joke_of_api("/"), (), "succeeded", Project.joke_of_api
    ),
    "Шутки приходят дважды": Row(
        "04", partial(beats, number=2), (), "waiting: 1", partial(beats, number=1)
    ),
    # Channels и WebSocket
    "Not Found: /jokes/": Row(
        "05",
        asks("print(client.get('/jokes/').status_code)"),
        (cut(URLS, '    path("jokes/", include("jokes.urls")),\n'),),
        "200",
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
    "WebSocket 404": Row(
        "05",
        lambda project: project.console("/jokes/", "404"),
        (cut(SETTINGS, '    "daphne",\n'),),
        "Связь с сервером есть",
        lambda project: project.page("/jokes/", "Связь с сервером есть"),
    ),
    "No module named 'daphne'": Row(
        "05", without_package("daphne", "manage.py", "check"), (), GOOD_CHECK, CHECK
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
    "Unexpected response code: 500": Row(
        "05",
        lambda project: project.console("/jokes/", "500"),
        (sub(ASGI, '"websocket":', '"websockets":'),),
        "Связь с сервером есть",
        lambda project: project.page("/jokes/", "Связь с сервером есть"),
    ),
    "Django can only handle ASGI/HTTP connections": Row(
        "05",
        CONNECTS,
        (
            sub(ASGI, "application = ProtocolTypeRouter(", "router = ProtocolTypeRouter("),
            append(ASGI, "\napplication = django_application\n"),
        ),
        CONNECTED,
    ),
    "No application configured for scope type": Row(
        "05",
        CONNECTS,
        (sub(ASGI, '"websocket":', '"websockets":'),),
        CONNECTED,
    ),
    "object JokesConsumer can't be used in 'await' expression": Row(
        "05",
        CONNECTS,
        (cut(ROUTING, ".as_asgi()"),),
        CONNECTED,
    ),
    "No route found for path": Row(
        "05",
        site("DISCONNECT", open_socket("/ws/joke/")),
        (),
        CONNECTED,
        CONNECTS,
    ),
    "object NoneType can't be used in 'await' expression": Row(
        "05",
        CONNECTS,
        (
            sub(CONSUMERS, "async def connect(self):", "def connect(self):"),
            cut(
                CONSUMERS,
                '        await self.channel_layer.group_add("jokes", self.channel_name)\n',
            ),
            sub(CONSUMERS, "await self.accept()", "self.accept()"),
        ),
        CONNECTED,
    ),
    "Cannot import BACKEND": Row(
        "05",
        shell("from channels.layers import get_channel_layer; print(get_channel_layer())"),
        (sub(SETTINGS, "channels_redis.core", "channels_redis"),),
        "RedisChannelLayer",
    ),
    "'NoneType' object has no attribute 'group_add'": [
        Row("05", CONNECTS, (edit,), CONNECTED)
        for edit in (
            sub(SETTINGS, "CHANNEL_LAYERS", "CHANNELS_LAYERS"),
            sub(
                SETTINGS,
                '    "default": {\n        "BACKEND": "channels',
                '    "usual": {\n        "BACKEND": "channels',
            ),
        )
    ],
    "Error 111 connecting to localhost:6379. Connect call failed": Row(
        "05",
        site("DISCONNECT", open_socket(), REDIS_URL=NOWHERE),
        (),
        CONNECTED,
        CONNECTS,
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
        CONNECTED,
    ),
    "Socket has not been accepted": Row(
        "05",
        CONNECTS,
        (
            sub(
                CONSUMERS,
                "        await self.accept()\n",
                '        await self.send(text_data="Привет")\n        await self.accept()\n',
            ),
        ),
        CONNECTED,
    ),
    "You cannot use AsyncToSync": Row(
        "05",
        CONNECTS,
        (
            sub(
                CONSUMERS,
                "await self.channel_layer.group_add(",
                "async_to_sync(self.channel_layer.group_add)(",
            ),
            sub(
                CONSUMERS,
                "from channels.generic",
                "from asgiref.sync import async_to_sync\nfrom channels.generic",
            ),
        ),
        CONNECTED,
    ),
    "You cannot call this from an async context": Row(
        "05",
        CONNECTS,
        (
            sub(
                CONSUMERS,
                "        await self.accept()\n",
                "        from django.contrib.auth.models import User\n\n"
                "        User.objects.count()\n        await self.accept()\n",
            ),
        ),
        CONNECTED,
    ),
    "takes 1 positional argument but 2 were given": Row(
        "05",
        site("positional", open_socket()),
        (sub(CONSUMERS, "def disconnect(self, code)", "def disconnect(self)"),),
        CONNECTED,
        CONNECTS,
    ),
    "'coroutine' object is not callable": Row(
        "05",
        shell(f"{IMPORT_LAYER}; async_to_sync(layer().group_send('jokes', {JOKE_EVENT}))()"),
        (),
        "sent",
        SENDS_JOKE,
    ),
    "was never awaited": Row(
        "05",
        shell(f"{IMPORT_LAYER}; layer().group_send('jokes', {JOKE_EVENT})"),
        (),
        "sent",
        SENDS_JOKE,
    ),
    "No handler for message type": Row(
        "05",
        Project.joke_over_socket,
        (sub(CONSUMERS, "def jokes_joke", "def joke"),),
        CONNECTED,
    ),
    "Incoming message has no 'type' attribute": Row(
        "05",
        lambda project: project.joke_over_socket("{'text': 'Шутка'}"),
        (),
        GOT_JOKE,
        Project.joke_over_socket,
    ),
    "KeyError: 'text'": Row(
        "05",
        lambda project: project.joke_over_socket("{'type': 'jokes.joke', 'joke': 'Шутка'}"),
        (),
        CONNECTED,
        Project.joke_over_socket,
    ),
    "WebSocket 403": Row(
        "05",
        site("DISCONNECT", open_socket(origin="http://evil.example.com")),
        (),
        CONNECTED,
        CONNECTS,
    ),
    "Связь есть, а шуток нет": [
        Row("05", Project.joke_over_socket, (edit,), GOT_JOKE)
        for edit in (
            append(SETTINGS, IN_MEMORY),
            sub(CONSUMERS, 'group_add("jokes"', 'group_add("joke"'),
            sub(
                CONSUMERS, "await self.channel_layer.group_add", "self.channel_layer.group_add"
            ),
        )
    ],
}

# What can't be shown here. Its entry says so.
NOT_RUN = {
    "ensurepip is not available": "Debian without python3-venv, which the tests need",
    "System has not been booted with systemd": "a systemd that is there would stop a Redis",
    "port is already allocated": "Docker",
    "Cannot connect to the Docker daemon": "Docker",
    "not enough values to unpack": "Windows",
    "may have been in progress in another thread": "macOS",
}
