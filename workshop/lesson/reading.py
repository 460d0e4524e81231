"""Reads a lesson: Markdown whose fenced blocks are to be executed one after the other."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from workshop.lesson.errors import LessonError

EXERCISE = "Упражнение "


@dataclass
class Block:
    """A fenced block: its place, its info string, and the paragraph that introduces it.

    `heading` is that of the section; `line` is the line of the opening fence in the lesson.
    """

    path: Path
    line: int
    language: str
    words: list[str]
    content: str
    heading: str = ""
    introduction: str = ""
    code_spans: tuple[str, ...] = ()

    @property
    def lines(self) -> list[str]:
        """The lines of the block, without their ends."""
        return self.content.splitlines()

    @property
    def is_exercise(self) -> bool:
        """Tell whether the block belongs to an exercise, which is done in a copy."""
        return self.heading.startswith(EXERCISE)

    def error(self, message: str, number: int | None = None) -> LessonError:
        """Make the error of this block, or of the line with this number inside it (from 0)."""
        line = self.line if number is None else self.line + 1 + number
        return LessonError(self.path, line, message)


def read_blocks(path: Path, text: str | None = None) -> list[Block]:
    """Read the fenced blocks of a lesson, in order.

    Takes a Markdown file, and its text if that is not to be read. Raises LessonError for code
    that GitHub shows but that no block can hold: indented, or inside raw HTML.
    """
    blocks, introduction, heading, opened = [], None, "", ""
    text = path.read_text(encoding="utf-8") if text is None else text
    for token in _tokens(text):
        if token.type == "inline":
            introduction = token
            if opened == "heading_open":
                heading = token.content
        elif token.type == "fence":
            blocks.append(_block(path, token, heading, introduction))
            introduction = None
        elif token.type == "code_block":
            message = "код с отступом: заключите его в ``` с видом блока"
            raise LessonError(path, _line(token), message)
        elif token.type == "html_block" and ("```" in token.content or "~~~" in token.content):
            message = "блок внутри HTML не виден: отделите его пустыми строками"
            raise LessonError(path, _line(token), message)
        opened = token.type
    return blocks


@lru_cache
def _tokens(text: str) -> list[Token]:
    # Most commands look at a lesson several times.
    return MarkdownIt().parse(text)


def kind_of(block: Block) -> str:
    """Return the name of a block's kind. Raises LessonError if it is of none."""
    info = " ".join([block.language, *block.words])
    if block.words == ["file"] or info == "diff":
        return "files"
    if re.fullmatch(r"console terminal=\d+", info):
        return "console"
    if info in ("http", "http background"):
        return "browser"
    if re.fullmatch(r"text tab=\d+", info):
        return "tab"
    if re.fullmatch(r"text console=\d+", info):
        return "tab_console"
    if info == "text tree":
        return "tree"
    if info == "text red":
        return "promises"
    if why_unexecuted(block):
        return "unexecuted"
    raise block.error(f"неизвестный вид блока: {info or '(без вида)'}")


def why_unexecuted(block: Block) -> str | None:
    """Say in Russian why a block is not executed; None if it is."""
    if block.words == ["read"]:
        return "только для чтения"
    if block.language == "mermaid" and not block.words:
        return "схема"
    if block.language == "console" and [word[:3] for word in block.words] == ["os="]:
        return f"для другой системы: {block.words[0].removeprefix('os=')}"
    return None


def _block(path: Path, token: Token, heading: str, introduction: Token | None) -> Block:
    language, *words = token.info.split() or [""]
    block = Block(path, _line(token), language, words, token.content, heading)
    if introduction:
        block.introduction = introduction.content
        children = introduction.children or ()
        spans = (child for child in children if child.type == "code_inline")
        block.code_spans = tuple(child.content for child in spans)
    return block


def _line(token: Token) -> int:
    """The line of the lesson that a block begins in; the parser knows it of all blocks."""
    assert token.map
    return token.map[0] + 1
