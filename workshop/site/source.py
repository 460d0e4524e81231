"""What Sphinx reads of a lesson: our fences as its directives, their labels as captions."""

import hashlib
from pathlib import Path

from workshop.lesson.reading import Block, kind_of, read_blocks

# The lexer of each kind of block; the others have that of their language.
LEXERS = {
    "console": "terminal",
    "browser": "exchange",
    "tab": "exchange",
    "tab_console": "exchange",
    "promises": "promises",
}
DIAGRAMS = "images/diagrams"
THEMES = ("light", "dark")


def adapt(path: Path, text: str) -> str:
    """Return a lesson as Sphinx reads it. Takes the lesson and its text.

    Raises LessonError for a block of no known kind.
    """
    lines = text.split("\n")
    for block in reversed(read_blocks(path, text)):
        first, last = block.line - 1, block.line + len(block.lines)
        if block.language == "mermaid":
            lines[first : last + 1] = _pictures(block)
            continue
        options = []
        # A label stands on a line of its own, with an empty one below; it is no paragraph.
        label = block.introduction
        if label.endswith(":") and ". " not in label and lines[first - 2] == label:
            options = [f':caption: "{label[:-1]}"']
            lines[first - 2] = ""
        lines[first] = f"```{{code-block}} {_lexer(block)}"
        lines[first + 1 : first + 1] = [*options, ""]
    return "\n".join(lines)


def diagram_name(block: Block, theme: str) -> str:
    """Return the name of the picture of a diagram: another text is another picture."""
    return f"{hashlib.sha256(block.content.encode()).hexdigest()[:12]}-{theme}.svg"


def _lexer(block: Block) -> str:
    kind = kind_of(block)
    if kind == "unexecuted" and block.language == "console":
        kind = "console"
    return LEXERS.get(kind, block.language)


def _pictures(block: Block) -> list[str]:
    lines = []
    for theme in THEMES:
        lines += [
            f"```{{image}} {DIAGRAMS}/{diagram_name(block, theme)}",
            f":alt: Схема раздела «{block.heading}»",
            f":class: only-{theme}",
            "```",
            "",
        ]
    return lines
