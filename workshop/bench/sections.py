"""Which parts a measurement has, and how much of each is measured.

Uses the standard library alone, since arguments are read before there is an environment.
"""

from dataclasses import dataclass
from difflib import get_close_matches

SECTIONS = {
    "answer": "ответ на форму в шагах 02 и 03",
    "mails": "письма в секунду",
    "outage": "ответ на форму, когда Redis выключен",
    "fanout": "одна шутка на много страниц",
    "setup": "установка, запуск и команды мастерской",
    "load": "формы и письма на рабочем сайте урока 06",
    "tabs": "открытые страницы на рабочем сайте урока 06",
    "tests": "все тесты мастерской",
}
# Minutes of tests, and what needs nginx, are measured only for those who ask for them.
USUAL = [name for name in SECTIONS if name not in {"load", "tabs", "tests"}]


@dataclass(frozen=True)
class Size:
    """How much is measured. The figures of the fields are counts, unless they say seconds."""

    is_quick: bool
    # Seconds that the mail server thinks about a mail; None: as many as the step says.
    mail_seconds: float | None
    # Forms that one user sends, one after the other, to the step that waits and the other.
    posts: tuple[int, int]
    # Rounds in which all users send the form at the same time, to each of these steps.
    rounds: tuple[int, int]
    users: int
    # Processes of a worker, mails for each of them, and rounds.
    concurrencies: tuple[int, ...]
    mails: int
    mail_rounds: int
    # Forms while Redis is away, for step 03 and for Celery's defaults.
    outages: tuple[int, int]
    # Open pages, and jokes for each number of them.
    pages: tuple[int, ...]
    jokes: int
    # How often a command runs that takes less than a few seconds.
    commands: int
    # Users at once of lesson 06's site, and the seconds in which they send forms; its pages.
    load_users: tuple[int, ...]
    load_seconds: float
    tabs: tuple[int, ...]


FULL = Size(
    is_quick=False,
    mail_seconds=None,
    posts=(3, 20),
    rounds=(1, 5),
    users=20,
    concurrencies=(1, 2, 4, 8),
    mails=40,
    mail_rounds=3,
    outages=(5, 3),
    pages=(100, 1000, 3000),
    jokes=15,
    commands=5,
    load_users=(1, 10, 50, 200),
    load_seconds=10,
    tabs=(1000, 10_000),
)
QUICK = Size(
    is_quick=True,
    mail_seconds=1,
    posts=(2, 5),
    rounds=(1, 1),
    users=20,
    concurrencies=(1, 4),
    mails=12,
    mail_rounds=1,
    outages=(1, 1),
    pages=(100, 300),
    jokes=5,
    commands=2,
    load_users=(1, 10),
    load_seconds=1,
    tabs=(300,),
)


def find_section(name: str) -> str:
    """Return the name of a section. Raises LookupError, with a message in Russian."""
    if name in SECTIONS:
        return name
    close = get_close_matches(name, SECTIONS, 1)
    perhaps = f" Может быть, {close[0]}?" if close else ""
    width = max(map(len, SECTIONS))
    known = "\n".join(f"  {one:{width}}  {title}" for one, title in SECTIONS.items())
    raise LookupError(f"Нет измерения «{name}».{perhaps} Есть такие:\n{known}")
