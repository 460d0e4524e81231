"""```text tab=N: a page in the learner's browser, whose JavaScript runs and changes it."""

import time

from playwright.async_api import Error

from workshop.check.inside.chromium import HOW_TO_INSTALL
from workshop.lesson import expected
from workshop.lesson.errors import quote
from workshop.lesson.reading import Block
from workshop.lesson.tab import (
    ACTIONS,
    CLOSE,
    LOOK,
    RELOAD,
    RELOAD_ALL,
    Visit,
    read_visit,
    tab_number,
)
from workshop.replay.learner import Learner
from workshop.replay.tabs import PAUSE_SECONDS, NoChromium, Silence, Tabs, reason


def run(block: Block, learner: Learner) -> None:
    """Do in the tab what the block says, and wait until the page shows its text."""
    visit, number = read_visit(block), tab_number(block)
    learner.turn_to_browser()
    try:
        tabs = learner.browser_tabs()
    except NoChromium as error:
        said = f"chromium не запускается: {error}" if str(error) else HOW_TO_INSTALL
        raise block.error(said) from None
    try:
        _act(block, visit, tabs, number, learner.deadline)
    except TimeoutError:
        came = tabs.text(number).splitlines() or ["(ничего)"]
        title = f"за {learner.deadline} с страница не открылась, браузер показывает:"
        raise block.error(quote(title, came), 0) from None
    except Silence:
        raise block.error(f"за {learner.deadline} с консоль не ответила", 0) from None
    except Error as error:
        raise block.error(f"во вкладке {number} это не сделать: {reason(error)}", 0) from None
    if visit.action != CLOSE:
        _wait(block, visit, tabs, number, learner.deadline)


def _act(block: Block, visit: Visit, tabs: Tabs, number: str, deadline: float) -> None:
    """Do what the reader does."""
    if visit.action in ACTIONS and number not in tabs:
        raise block.error(f"вкладка {number} не открыта", 0)
    if visit.action in (RELOAD, RELOAD_ALL):
        tabs.reload(number, deadline, anew=visit.action == RELOAD_ALL)
    elif visit.action == CLOSE:
        tabs.close(number)
    elif visit.action != LOOK:
        tabs.open(number, visit.action, deadline)
    if visit.fields:
        if missing := tabs.missing(number, list(visit.fields)):
            raise block.error(f"на странице нет полей: {', '.join(missing)}", 0)
        if not tabs.send_form(number, visit.fields):
            raise block.error("у формы нет кнопки", 0)
    for expression in visit.typed:
        tabs.type(number, expression, deadline)


def _wait(block: Block, visit: Visit, tabs: Tabs, number: str, deadline: float) -> None:
    """Wait until the page shows the text of the block."""
    end = time.monotonic() + deadline
    while not expected.matches(visit.shown, text := tabs.text(number)):
        if time.monotonic() > end:
            waited = f"за {deadline} с не дождались; "
            raise expected.explain(block, visit.first, visit.shown, text, waited)
        time.sleep(PAUSE_SECONDS)
