"""```text tab=N: what a reader does in a tab of the browser, and what the page has to show."""

import re
from dataclasses import dataclass, field

from workshop.lesson.reading import Block

RELOAD = "(обновить)"
# Scripts and styles anew as well, not from the browser's cache.
RELOAD_ALL = "(Ctrl-F5)"
LOOK = "(эта же страница)"
CLOSE = "(закрыть)"
ACTIONS = (RELOAD, RELOAD_ALL, LOOK, CLOSE)
# Nothing of a lesson is outside this machine; a browser takes each *.localhost for it.
ADDRESS = re.compile(r"https?://(?:(?:[\w-]+\.)*localhost|127\.0\.0\.1)(?::\d+)?/\S*")
FIELD = re.compile(r"([\w-]+): ?(.*)")
TYPED = "> "


@dataclass
class Visit:
    """What is done in a tab: an address, RELOAD … CLOSE; fields; lines of its console.

    `shown` are the lines of the page; `first` is the number of the first one in the block.
    """

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    first: int = 0


def tab_number(block: Block) -> str:
    """Return the number of the tab that a block belongs to."""
    return block.words[0].partition("=")[2]


def check_label(block: Block) -> None:
    """Make sure that the reader sees which tab a block is about. Raises LessonError."""
    what = "Вкладка" if block.words[0].startswith("tab=") else "Консоль вкладки"
    label = f"{what} {tab_number(block)}:"
    if block.introduction != label:
        raise block.error(f"строкой перед блоком должно быть «{label}»")


def read_visit(block: Block) -> Visit:
    """Read a block of the kind `tab`. Raises LessonError for what can't be done in a tab."""
    check_label(block)
    lines = block.lines or [""]
    end = lines.index("") if "" in lines else len(lines)
    action = lines[0]
    visit = Visit(action, shown=lines[end + 1 :], first=end + 1)
    start = 1
    if action.startswith(TYPED):
        visit.action, start = LOOK, 0
    elif action not in ACTIONS and not ADDRESS.fullmatch(action):
        message = f"непонятное действие: нужны адрес, {', '.join(ACTIONS)} или > выражение"
        raise block.error(message, 0)
    for number, line in enumerate(lines[start:end], start):
        if line.startswith(TYPED):
            visit.typed.append(line.removeprefix(TYPED))
        elif (found := FIELD.fullmatch(line)) and not visit.typed:
            visit.fields[found[1]] = found[2]
        else:
            message = "непонятная строка: нужны строки поле: значение, за ними > выражение"
            raise block.error(message, number)
    if visit.action == CLOSE:
        if end > 1 or visit.shown:
            raise block.error(f"после {CLOSE} делать и видеть нечего", 1)
    elif "" in visit.shown[:-1]:
        message = "пустых строк в тексте страницы не бывает: их в нём не видно"
        raise block.error(message, end + 1 + visit.shown.index(""))
    elif all(line in ("", "...") for line in visit.shown):
        raise block.error("после пустой строки нужен текст страницы, хотя бы одна строка")
    return visit
