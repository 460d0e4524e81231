"""What leads to errors, and what shows that they are gone: for the rows of the catalogue."""

import shutil
import socket
import sys
from functools import partial
from pathlib import Path

import pytest
import redis

from workshop.processes.ports import free_port
from workshop.processes.private_redis import start_redis
from workshop.replay import environments

from ..conftest import wait_until
from ..mistakes import sub
from .running import (
    BEAT,
    DONE,
    JOKE,
    MAIL_ID,
    POST,
    QUEUE_MAIL,
    READY,
    SEND,
    SUCCESS_PATH,
    WORKER,
    open_socket,
)

INIT, CELERY = "django_celery/__init__.py", "django_celery/celery.py"
SETTINGS, ASGI = "django_celery/settings.py", "django_celery/asgi.py"
FORMS, VIEWS, TASKS = "feedback/forms.py", "feedback/views.py", "feedback/tasks.py"
URLS = "django_celery/urls.py"
FEEDBACK_URLS = "feedback/urls.py"
SUCCESS = "feedback/templates/feedback/success.html"
CONSUMERS, ROUTING = "jokes/consumers.py", "jokes/routing.py"
STATE_JS = "feedback/static/feedback/mail_state.js"
JOKES_JS = "jokes/static/jokes/jokes.js"


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


def pip_of_the_system(project):
    """Let the system's own pip install what it could not find anyway."""
    python = "/usr/bin/python3"
    if not any(Path("/usr/lib").glob("python3*/EXTERNALLY-MANAGED")):
        pytest.skip("the system's pip may install here")
    return project.command(python, "-m", "pip", "install", "--no-index", "celery")


def on_a_taken_port(*words):
    """Run Python with these arguments and the number of a port that is in use."""

    def run(project):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            return project.until("already in use", *words, port).replace(port, "8000")

    return run


def without_package(name, *words):
    """Run Python with these arguments in an environment without one package of the step."""

    def run(project):
        requirements = project.directory / "requirements.txt"
        lines = requirements.read_text().splitlines(keepends=True)
        requirements.write_text("".join(line for line in lines if not line.startswith(name)))
        environments.make_for_project(project.directory)
        python = project.directory / "venv" / "bin" / "python"
        return project.runs(*(words or WORKER), python=python)

    return run


def redis_twice(project):
    return project.command("redis-server", "--port", project.redis_url.rpartition(":")[2])


def as_user(who):
    """Start a worker as root or as another user; either needs a namespace of its own."""

    def run(project):
        words = ("unshare", "--user", who)
        if "unshare" in project.command(*words, "true"):
            pytest.skip("no namespaces for users here")
        return project.program_until(READY, *words, sys.executable, *WORKER)

    return run


def without_application(project):
    return project.until("(1/100)", "-m", "celery", "worker", "-l", "info", "-c", "1")


def pinging(project):
    return lambda: project.runs(*INSPECT)


def lose_redis(project):
    """Break a worker's connections to Redis, then give it a task."""

    def lose():
        with project.redis() as client:
            client.client_kill_filter(_type="normal", skipme=True)
        project.shell(SEND.format("celery.backend_cleanup"))

    return project.until("succeeded", *WORKER, meanwhile=(READY, lose))


def redis_server(project):
    """Start a server where the kernel may refuse memory to it, as it does by default."""
    if Path("/proc/sys/vm/overcommit_memory").read_text().strip() == "1":
        pytest.skip("vm.overcommit_memory is 1 here")
    words = ("redis-server", "--bind", "127.0.0.1", "--port", str(free_port()))
    return project.program_until("Ready to accept", *words, "--dir", str(project.directory))


def with_password(project):
    with project.redis() as client:
        client.config_set("requirepass", "secret")
        try:
            asked = project.command("redis-cli", "-u", project.redis_url, "ping")
            return asked + project.worker("(1/100)")
        finally:
            client.config_set("requirepass", "")


def on_a_lost_disk(project):
    """Queue a mail in a Redis of its own whose directory is gone."""
    data = project.directory / "data"
    start = partial(project.start, cwd=project.directory)
    server, url = start_redis(start, data)
    with redis.Redis.from_url(url) as client:
        client.config_set("save", "3600 1")
        client.set("a", "b")
        shutil.rmtree(data)
        client.bgsave()
        wait_until(
            lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err",
            10,
            lambda: "it could save",
        )
    printed = project.shell(QUEUE_MAIL.format("'a', 'b'"), REDIS_URL=url)
    server.kill_all()
    return printed


def mail_server_is_away(project):
    append(SETTINGS, NO_DELAY + SMTP)(project.directory)
    return project.worker("Retry in", QUEUE_MAIL.format("'a@example.com', 'b'"))


def mail_goes(project):
    append(SETTINGS, NO_DELAY)(project.directory)
    return project.worker("succeeded", QUEUE_MAIL.format("'a@example.com', 'b'"))


def page_of_a_sent_mail(project):
    append(SETTINGS, NO_DELAY)(project.directory)
    code = QUEUE_MAIL.replace("delay({})", f"apply_async(('a', 'b'), task_id='{MAIL_ID}')")
    project.worker("succeeded", code)
    return project.page(SUCCESS_PATH, "Письмо отправлено.")


def often(project):
    """Let the schedule be quick, and its jokes come from nowhere."""
    sub(SETTINGS, '"schedule": 15.0', '"schedule": 3.0')(project.directory)
    append(SETTINGS, 'JOKES_API_URL = "http://localhost:1/"\n')(project.directory)


def often_queued(project):
    """Let a beat queue its first joke."""
    often(project)
    return project.until(DONE, *BEAT, meanwhile=("Sending due task", waiting(project, 1)))


def often_received(project):
    return often_queued(project) + project.worker("received")


def waiting(project, number):
    """Return the function that waits until so many tasks are in the queue."""

    def wait():
        with project.redis() as client:
            wait_until(
                lambda: client.llen("celery") >= number, 10, lambda: f"{number} in the queue"
            )

    return wait


def beats(project, number):
    """Let so many beats queue their first joke. Returns how many jokes that are."""
    often(project)

    def start_beat(left):
        words = (*BEAT, "--schedule", str(project.directory / f"schedule-{left}"))
        meanwhile = ("Sending due task", waiting(project, number))
        if left > 1:
            meanwhile = ("beat: Starting", lambda: start_beat(left - 1))
        project.until(DONE, *words, meanwhile=meanwhile)

    start_beat(number)
    with project.redis() as client:
        return f"waiting: {client.llen('celery')}"


def corrupted_schedule(project):
    often(project)
    (project.directory / "celerybeat-schedule").write_bytes(b"\1" * 1000)
    return project.until("Sending due task", *BEAT)


def from_silent_api(project):
    """Ask an API that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        url = f"http://localhost:{port}/api/jokes/random/"
        return project.worker("Retry in", JOKE, JOKES_API_URL=url).replace(str(port), "8000")


CHECK = runs("manage.py", "check")
CURRENT_APP = shell("from celery import current_app; print(current_app)")
CONNECTS = site("DISCONNECT", open_socket())
CONNECTED = "WebSocket CONNECT"
QUEUES_MAIL = shell(QUEUE_MAIL.format("'a', 'b'"))
QUEUES_FORM = shell(
    "from feedback.forms import FeedbackForm; " + QUEUE_MAIL.format("FeedbackForm(), 'b'")
)
JOKE_QUEUED = JOKE.replace("delay()", "apply_async({})")
POST_ANYHOW = POST.replace(").url", ").status_code")
NO_DELAY = "\nEMAIL_DELAY_SECONDS = 0\n"
SMTP = (
    'EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"\n'
    'EMAIL_HOST = "localhost"\n'
    "EMAIL_PORT = 1\n"
)
IN_MEMORY = """
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
"""
IMPORT_LAYER = (
    "from asgiref.sync import async_to_sync; "
    "from channels.layers import get_channel_layer as layer"
)
JOKE_EVENT = "{'type': 'jokes.joke', 'text': 'Шутка'}"
SENDS_JOKE = shell(
    f"{IMPORT_LAYER}; async_to_sync(layer().group_send)('jokes', {JOKE_EVENT}); print('sent')"
)
# What a page got.
GOT_JOKE = "['Шутка']"
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
