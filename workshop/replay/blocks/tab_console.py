"""```text console=N: what has to come in the console of a tab."""

import time

from workshop.lesson import expected
from workshop.lesson.errors import quote
from workshop.lesson.reading import Block
from workshop.lesson.tab import check_label, tab_number
from workshop.replay.learner import Learner
from workshop.replay.tabs import PAUSE_SECONDS


def run(block: Block, learner: Learner) -> None:
    """Wait until the lines have come, in this order, since the tab's page was opened."""
    check_label(block)
    number, tabs = tab_number(block), learner.tabs
    if not tabs or number not in tabs:
        raise block.error(f"вкладка {number} не открыта")
    lines = [pair for pair in enumerate(block.lines) if pair[1] != "..."]
    if not lines:
        raise block.error("чего ждать в консоли? Нужна хотя бы одна строка")
    end = time.monotonic() + learner.deadline
    while missing := lines[_found([line for _, line in lines], came := tabs.console(number)) :]:
        if time.monotonic() > end:
            title = f"за {learner.deadline} с не дождались; ожидалось:"
            wanted = quote(title, [line for _, line in missing[:5]])
            shown = quote("пришло:", came[-expected.SHOWN_LINES :] or ["(ничего)"])
            raise block.error(f"{wanted}\n{shown}", missing[0][0])
        time.sleep(PAUSE_SECONDS)


def _found(lines: list[str], came: list[str]) -> int:
    """Return how many of the lines have come in their order, with anything between them."""
    found = 0
    for line in came:
        if found < len(lines) and expected.matches([lines[found]], f"{line}\n"):
            found += 1
    return found
