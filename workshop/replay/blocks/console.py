"""```console terminal=N: what is typed into a terminal, and what has to come.

No clock decides whether a command is over. The lesson does: if the next thing in the same
terminal is another command, the prompt has to come first and the whole output is compared; if
it is `^C` or more output, the command runs on and only its expected lines are waited for.
"""

import re
from itertools import pairwise

import pexpect

from workshop.lesson import expected
from workshop.lesson.console import (
    CHECK,
    INTERRUPT,
    OUTPUT,
    SHELL,
    Turn,
    read_turns,
    terminal_number,
)
from workshop.lesson.errors import LessonError, quote
from workshop.lesson.reading import Block
from workshop.replay.learner import Learner
from workshop.replay.shell import PROMPT, Terminal, interrupt, type_line


def run(block: Block, learner: Learner) -> None:
    """Type what the block shows into its terminal and compare what comes."""
    number = terminal_number(block)
    if block.introduction != f"Терминал {number}:":
        raise block.error(f"строкой перед блоком должно быть «Терминал {number}:»")
    is_new = number not in learner.terminals
    turns = list(read_turns(block))
    if is_new and turns[0].prompt != SHELL:
        raise block.error(f"в терминале {number} ещё ничего не запущено", 0)
    if is_new:
        learner.open_terminal(number)
    terminal = learner.terminals[number]
    for turn, following in pairwise([*turns, _next_turn(block, learner.blocks)]):
        try:
            _type(block, turn, terminal)
            came = _compare(block, turn, following, terminal)
        except pexpect.TIMEOUT:
            raise _too_late(block, turn, following, terminal) from None
        except pexpect.EOF:
            raise block.error("терминал закрылся", turn.line_number) from None
        if turn.typed.startswith(CHECK):
            learner.checked = came


def _next_turn(block: Block, blocks: list[Block]) -> Turn:
    """What comes next in the terminal of this block; after the last block, its prompt."""
    later = blocks[blocks.index(block) + 1 :]
    for other in later:
        if (other.language, other.words) == (block.language, block.words):
            return next(read_turns(other))
    return Turn(SHELL, "", 0, [])


def _type(block: Block, turn: Turn, terminal: Terminal) -> None:
    if turn.prompt == INTERRUPT:
        interrupt(terminal)
        if PROMPT in terminal.before:
            came = terminal.before.replace(PROMPT, "").splitlines()
            title = "останавливать нечего, команда завершилась:"
            raise block.error(quote(title, came), turn.line_number)
    elif turn.prompt != OUTPUT:
        type_line(terminal, turn.typed)


def _compare(block: Block, turn: Turn, following: Turn, terminal: Terminal) -> str:
    """Wait for what has to come. Returns what came, if the whole of it is compared."""
    first = turn.line_number + (turn.prompt != OUTPUT)
    if following.prompt in (OUTPUT, INTERRUPT):
        if all(line == "..." for line in turn.expected):
            raise block.error("команда работает дальше: чего от неё ждать?", turn.line_number)
        if terminal.expect([expected.pattern(turn.expected), PROMPT]) == 1:
            if not expected.matches(turn.expected, _whole_lines(terminal.before)):
                raise expected.explain(block, first, turn.expected, terminal.before)
            raise block.error("команда завершилась, а должна работать дальше", turn.line_number)
        return ""
    end = PROMPT if following.prompt == SHELL else rf"(?m)^{re.escape(following.prompt)}"
    ended = terminal.expect([end, PROMPT])
    text: str = terminal.before
    if turn.prompt == INTERRUPT:
        # The first line's end is that of the echoed ^C.
        text = text.removeprefix("\n")
    if not expected.matches(turn.expected, _whole_lines(text)):
        raise expected.explain(block, first, turn.expected, text)
    if ended == 1:
        raise block.error(f"нет приглашения «{following.prompt}»", turn.line_number)
    return text


def _whole_lines(text: str) -> str:
    return text if text.endswith("\n") or not text else f"{text}\n"


def _too_late(block: Block, turn: Turn, following: Turn, terminal: Terminal) -> LessonError:
    first = turn.line_number + (turn.prompt != OUTPUT)
    text = terminal.before
    waited = f"за {terminal.timeout} с не дождались"
    if not expected.matches(turn.expected, _whole_lines(text)):
        return expected.explain(block, first, turn.expected, text, f"{waited}; ")
    what = "приглашения" if following.prompt == SHELL else f"«{following.prompt}»"
    return block.error(quote(f"{waited} {what}, пришло:", text.splitlines()), turn.line_number)
