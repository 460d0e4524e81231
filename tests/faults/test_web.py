"""The site refuses what it should, and takes what it should."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
import requests

from .servers import addresses

WRONG_ADDRESS = "Введите правильный адрес электронной почты."
INJECTIONS = {
    "anna@example.com\nBcc: everyone@example.com": WRONG_ADDRESS,
    "anna@example.com\r\nSubject: spam": WRONG_ADDRESS,
    "anna@example.com, eve@example.com": WRONG_ADDRESS,
    "anna@example.com\x00": "Данные содержат запрещённый символ: ноль-байт",
}
TRAVERSALS = [
    "/static/../manage.py",
    "/static/%2e%2e/manage.py",
    "/static/feedback/..%2f..%2f..%2f..%2fmanage.py",
]
# Every settings.py has it, and no page shows it.
SECRET = "django-insecure"


@pytest.fixture(params=[pytest.param("tasks", marks=pytest.mark.full), "channels"])
def stack(request, start_stack):
    return start_stack(request.param)


@pytest.fixture
def site(stack):
    return stack.start_site()


def get_exactly(site, path):
    """Ask for a path as it is written: requests would tidy it up."""
    request = requests.Request("GET", site.url).prepare()
    request.url = site.url + path
    return site.session.send(request, timeout=30)


def test_hostile_requests(stack, site):
    """Подделки заголовков, чужой Host, форма без CSRF, выход из static: отказ, писем нет."""
    for email, error in INJECTIONS.items():
        response = site.post(email)
        assert response.status_code == 200, email
        assert error in response.text, f"The form does not explain {email!r}"
    for path in TRAVERSALS:
        # Django's own server answers 404 or 500: never the file.
        response = get_exactly(site, path)
        assert response.status_code >= 400, path
        assert SECRET not in response.text, path
    assert site.session.get(site.url, headers={"Host": "evil.example.com"}).status_code == 400
    form = {"email": "anna@example.com", "message": "Текст"}
    assert requests.post(site.url, form, timeout=30).status_code == 403
    assert stack.redis.queued() == 0


def test_huge_message(stack, site, figure):
    """Сообщение в 10 МБ: отказ, памяти сервер не теряет и отвечает дальше."""
    memory = site.process.memory()
    for _ in range(3):
        assert site.post("anna@example.com", "x" * 10_000_000).status_code == 400
    growth = site.process.memory() - memory
    figure("память сервера выросла на", f"{growth:.0f} МБ")
    assert growth < 100
    assert site.post("anna@example.com").status_code == 302
    assert stack.redis.queued() == 1


def test_parallel_posts(stack, site, is_full, figure):
    """Сотни форм разом: каждая принятая — в очереди ровно один раз, соединения не копятся."""
    count = 200 if is_full else 60
    site.get("/")

    def is_accepted(email):
        # Django's own server can't take so many connections at once and resets some of them.
        with suppress(requests.ConnectionError):
            assert site.post(email).status_code == 302
            return True

    started = time.monotonic()
    with ThreadPoolExecutor(count) as pool:
        accepted = sum(map(bool, pool.map(is_accepted, addresses(count))))
    figure(f"из {count} форм приняты", f"{accepted} за {time.monotonic() - started:.1f} с")
    figure("соединений с Redis после", len(stack.redis.client.client_list()))
    assert accepted
    assert stack.redis.queued() == accepted
    assert len(stack.redis.client.client_list()) < 3 * count


def test_task_state_of_strange_ids(stack, site):
    """Номер задачи выдуман или чужой — PENDING или её состояние; не номер — 404."""
    (task_id,) = site.post_all(["anna@example.com"])
    for known in (task_id, str(uuid.uuid4())):
        assert site.get(f"/tasks/{known}/").json() == {"state": "PENDING"}
    for malformed in ("1", "..", "%00", "*", f"{task_id}x", "'; DROP TABLE tasks; --"):
        assert get_exactly(site, f"/tasks/{malformed}/").status_code == 404
