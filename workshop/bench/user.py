"""A user who fills in the form in a browser of their own."""

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import requests

from workshop.stage import WrongAnswer

FIELDS = {"email": "anna@example.com", "message": "Мне всё понравилось"}
SUCCESS = "/success/"
# The slowest of the answers takes 20 seconds.
PATIENCE_SECONDS = 120


class Answer(NamedTuple):
    """The page that came after the form was sent, and how long that took."""

    seconds: float
    page: requests.Response


class User:
    """A browser with a page of the form, which is opened at once.

    Each request has a connection of its own: `runserver` sends a page in small pieces, and on a
    connection that is kept TCP waits 40 ms between them, however fast the answer was made.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.session = requests.Session()
        # A proxy of the learner's network knows nothing of this machine.
        self.session.trust_env = False
        self._ask("GET", address)

    def send(self) -> Answer:
        """Send the form and follow to the page that it leads to. Raises WrongAnswer."""
        token = self.session.cookies.get("csrftoken") or ""
        fields = FIELDS | {"csrfmiddlewaretoken": token}
        started = time.perf_counter()
        page = self._ask("POST", self.address, fields)
        if page.is_redirect:
            page = self._ask("GET", urljoin(self.address, page.headers["Location"]))
        return Answer(time.perf_counter() - started, page)

    def _ask(
        self, method: str, address: str, fields: dict[str, str] | None = None
    ) -> requests.Response:
        try:
            return self.session.request(
                method, address, data=fields, timeout=PATIENCE_SECONDS, allow_redirects=False
            )
        except requests.RequestException as error:
            raise WrongAnswer(f"Сайт не ответил: {error}") from None
        finally:
            self.session.close()


def send_together(address: str, number: int) -> list[Answer]:
    """Let so many users send the form at the same time. Raises WrongAnswer."""
    users = [User(address) for _ in range(number)]
    pool = ThreadPoolExecutor(number)
    try:
        return list(pool.map(User.send, users))
    finally:
        # After a Ctrl-C nobody waits for the answers: the sites are stopped.
        pool.shutdown(wait=False, cancel_futures=True)


def accepted(answers: Iterable[Answer], step: str) -> list[str]:
    """Return what stands for the task in the address of each success page: "" if nothing.

    Takes the answers and the step that gave them. Raises WrongAnswer if one is another page.
    """
    tasks = []
    for _, page in answers:
        path = urlsplit(page.url).path
        if page.status_code != 200 or not path.startswith(SUCCESS):
            raise WrongAnswer(
                f"{step} не принял форму: ответ {page.status_code} на {path} вместо страницы "
                f"{SUCCESS}.\nВремя такого ответа ничего не значит, измерение остановлено."
            )
        tasks.append(path.removeprefix(SUCCESS).strip("/"))
    return tasks
