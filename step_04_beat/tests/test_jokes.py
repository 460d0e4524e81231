from urllib.parse import urlsplit

import pytest
from django.apps import apps

from .conftest import answer_of
from .project import setting, task


@pytest.mark.parametrize("name", ["jokes", "jokes_api"])
def test_app_is_installed(name):
    """Приложения с шутками подключены к проекту."""
    assert apps.is_installed(name), f"Проверьте `{name}` в INSTALLED_APPS"


def test_schedule():
    """Расписание: каждые 15 секунд; невыполненная задача устаревает не позже."""
    (entry,) = setting("CELERY_BEAT_SCHEDULE").values()
    joke_task = task("jokes.tasks.get_random_joke")
    assert entry["task"] == joke_task.name, 'Проверьте "task" в CELERY_BEAT_SCHEDULE'
    assert entry["schedule"] == 15.0, 'Проверьте "schedule" в CELERY_BEAT_SCHEDULE'
    expires = entry.get("options", {}).get("expires")
    assert expires == 15.0, 'Проверьте "options": {"expires": 15.0} в CELERY_BEAT_SCHEDULE'


def test_own_api(client, monkeypatch):
    """По адресу из настроек свой API отдаёт шутку; в ответе её можно прочесть глазами."""
    monkeypatch.delenv("JOKES_API_URL", raising=False)
    url = urlsplit(setting("JOKES_API_URL"))
    assert url.netloc == "localhost:8000", (
        "Проверьте JOKES_API_URL в `django_celery/settings.py`"
    )
    client.raise_request_exception = False
    response = client.get(url.path)
    assert response.status_code == 200, (
        f"API по адресу {url.path} — {answer_of(response)}: проверьте JOKES_API_URL, "
        "адреса в `django_celery/urls.py` и `jokes_api/urls.py`, а потом `jokes_api/views.py`"
    )
    answer = response.json()
    assert answer["type"] == "success", 'Проверьте "type" в `jokes_api/views.py`'
    assert answer["value"]["joke"] in response.content.decode(), (
        "Вместо русских букв — их коды: проверьте `ensure_ascii` в `jokes_api/views.py`"
    )


def test_jokes_differ(client):
    """Шуток не меньше сорока, и у каждой свой номер."""
    client.raise_request_exception = False
    jokes = set()
    for _ in range(1000):
        response = client.get("/api/jokes/random/")
        assert response.status_code == 200, f"API шуток — {answer_of(response)}"
        value = response.json()["value"]
        jokes.add((value["id"], value["joke"]))
    assert len(jokes) >= 40, (
        f"Разных шуток только {len(jokes)}: проверьте `jokes_api/jokes.py` и `randrange` в "
        "`jokes_api/views.py`"
    )


def test_joke_on_every_tick(worker, start_beat, jokes_api):
    """Каждый запуск по расписанию даёт в логе воркера новую шутку."""
    beat = start_beat()
    beat.wait_for(
        "Sending due task get_random_joke (jokes.tasks.get_random_joke)",
        "Проверьте CELERY_BEAT_SCHEDULE в `django_celery/settings.py`.",
    )
    for number in (1, 2):
        hint = 'Проверьте `logger.info("%r", joke)` в `jokes/tasks.py`.'
        worker.wait_for(f"]: 'Шутка номер {number}'", hint)
