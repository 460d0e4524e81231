"""Says in Russian which of a learner's files Python can't read, and why."""

import ast
import re
from collections.abc import Iterator, Mapping

# What Python says, and the same in Russian.
RUSSIAN = {
    r"'(.)' was never closed": r"не закрыта скобка `\1`",
    r"unmatched '(.)'": r"лишняя скобка `\1`",
    r"closing parenthesis '(.)' does not match .* '(.)'": r"скобка `\2` закрыта скобкой `\1`",
    r"unterminated f?-?(triple-quoted )?.*string literal": "не закрыта кавычка",
    r"Perhaps you forgot a comma": "наверное, пропущена запятая",
    r"expected ':'": "нет двоеточия",
    r"expected an indented block": "нет отступа",
    r"unexpected indent|unindent does not match|inconsistent use of tabs": "не тот отступ",
    r"invalid syntax": "Python её не понимает",
}


def syntax_errors(files: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield a sentence and the path for each Python file (path: text) with a syntax error."""
    for path, text in sorted(files.items()):
        if path.endswith(".py"):
            try:
                ast.parse(text)
            except (SyntaxError, ValueError) as error:
                yield _sentence(path, error), path


def _sentence(path: str, error: SyntaxError | ValueError) -> str:
    line = getattr(error, "lineno", None)
    source = (getattr(error, "text", None) or "").strip()
    message = _in_russian(str(getattr(error, "msg", error)))
    where = f"`{path}`, строка {line}" if line else f"`{path}`"
    complaint = f"{where}: ошибка в записи ({message})."
    return f"{complaint} Эта строка: `{source}`" if source else complaint


def _in_russian(message: str) -> str:
    for pattern, text in RUSSIAN.items():
        if found := re.search(pattern, message):
            return found.expand(text)
    return message
