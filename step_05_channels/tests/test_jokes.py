from django.utils.module_loading import import_string

from jokes.tasks import get_random_joke

from .api_server import joke_body


def test_schedule():
    """Расписание: каждые 15 секунд; невыполненная задача устаревает не позже."""
    schedule = import_string("django_celery.settings.CELERY_BEAT_SCHEDULE")
    (entry,) = schedule.values()
    assert entry["task"] == get_random_joke.name
    assert entry["schedule"] == 15.0
    assert entry["options"]["expires"] <= 15.0, "Задачи должны устаревать к следующему запуску"


def test_local_api(client):
    """Свой API отдаёт шутку в виде {"type": …, "value": {"id": …, "joke": …}}."""
    jokes = set()
    for _ in range(1000):
        answer = client.get("/api/jokes/random/").json()
        assert answer["type"] == "success"
        jokes.add((answer["value"]["id"], answer["value"]["joke"]))
    assert len(jokes) >= 40, f"Разных шуток только {len(jokes)}"


def test_joke_on_every_tick(worker, start_beat):
    """Каждый запуск по расписанию даёт в логе воркера новую шутку."""
    beat = start_beat()
    for number in (1, 2):
        worker.wait_for(f"Шутка номер {number}\n")
    assert "Sending due task get_random_joke (jokes.tasks.get_random_joke)" in beat.output


LIES = [
    ("не JSON", {"body": b"<html>"}),
    ("не JSON", {"body": b"\xff\xfe"}),
    ("не JSON", {"body": b"[" * 20_000}),
    ("нет value.joke", {"body": b"[]"}),
    ("нет value.joke", {"body": b'{"value": null}'}),
    ("не текст", {"body": joke_body(42)}),
    ("пустую шутку", {"body": joke_body(" \n ")}),
    ("длиннее 1000 символов", {"body": joke_body("ха" * 501)}),
    ("управляющие символы", {"body": joke_body("\x1b[31mкрасное")}),
    ("длиннее 20000 байт", {"body": b" " * 3_000_000}),
    ("кодом 301", {"body": b"", "status": 301, "Location": "http://127.0.0.1/"}),
    ("кодом 404", {"body": joke_body("не найдено"), "status": 404}),
]


def test_lie_is_one_warning(worker, jokes_api):
    """Ответ не такой, как договаривались: одно предупреждение в логе, и больше ничего."""
    for reason, answer in LIES:
        jokes_api.behave = lambda request, answer=answer: request.send(**answer)
        task = get_random_joke.delay()
        worker.wait_for(f"{task.id}] succeeded")
        log = [line for line in worker.output.splitlines() if task.id in line]
        received, warning, succeeded = log
        assert "WARNING" in warning and "Шутки не будет: " in warning
        assert reason in warning, f"В предупреждении нет причины «{reason}»: {warning}"
    assert "Traceback" not in worker.output
