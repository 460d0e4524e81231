"""Sphinx's configuration of the lessons' site."""

import json
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import SphinxError

from workshop.lesson.errors import LessonError
from workshop.site.lexers import LEXERS
from workshop.site.source import adapt

HERE = Path(__file__).parent
ERRORS = "errors"

project = "Фоновые задачи и реальное время в Django"
language = "ru"
# An error is shown as it was printed, in headings as well.
smartquotes = False
root_doc = "README"
extensions = ["myst_parser", "sphinx_copybutton"]
exclude_patterns = ["api", "mail", "stranger", "images"]
# GitHub makes an anchor of each heading.
myst_heading_anchors = 4

html_theme = "furo"
html_title = project
html_static_path = [str(HERE / "static")]
html_css_files = ["lessons.css"]
html_js_files = ["lessons.js", "known_errors.js"]
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False

# Of a terminal the commands are copied, of a change the lines that are new, of a file all.
copybutton_prompt_text = r"\$ |>>> |[\w.]+:\d+> |\+(?!\+\+ )|> "
copybutton_prompt_is_regexp = True
copybutton_copy_empty_lines = False

# What Furo says in English only.
RUSSIAN = {
    "Auto light/dark, in dark mode": "Как в системе, сейчас тёмная",
    "Auto light/dark, in light mode": "Как в системе, сейчас светлая",
    "Back to top": "Наверх",
    "Contents": "Содержание страницы",
    "Dark mode": "Тёмная",
    "Expand": "Развернуть",
    "Light mode": "Светлая",
    "Menu": "Уроки",
    "Next": "Дальше",
    "On this page": "На этой странице",
    "Previous": "Назад",
    "Skip to content": "К тексту",
    "Toggle Light / Dark / Auto color theme": "Светлая, тёмная или как в системе",
    "Toggle site navigation sidebar": "Показать или убрать список уроков",
    "Toggle table of contents sidebar": "Показать или убрать содержание страницы",
}
# What Furo leaves without a name.
NAMED = {
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="Уроки">',
    '<aside class="toc-drawer">': '<aside class="toc-drawer" aria-label="Содержание страницы">',
    '<div id="search-results">': '<h1>Поиск</h1>\n<div id="search-results">',
}
ENGLISH = re.compile(rf'(?<=[>"\s])({"|".join(map(re.escape, RUSSIAN))})(?=\s*[<"])')


def read_source(app: Sphinx, name: str, source: list[str]) -> None:
    """Give Sphinx a lesson as it reads it; the contents also name all pages."""
    path = Path(app.srcdir, f"{name}.md")
    try:
        text = adapt(path, source[0])
    except LessonError as error:
        raise SphinxError(str(error)) from None
    if name == root_doc:
        pages = sorted(page.stem for page in Path(app.srcdir).glob("*.md"))
        pages = [page for page in pages if page[0].isdigit()] + ["next", ERRORS]
        text += "\n".join(["", "```{toctree}", ":hidden:", "", *pages, "```", ""])
    source[0] = text


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Write the catalogue's entries for the search, and the theme's own words in Russian."""
    if exception:
        return
    entries = []
    for section in app.env.get_doctree(ERRORS).findall(nodes.section):
        if not any(part for part in section if isinstance(part, nodes.section)):
            title, text = section[0].astext(), section.astext()
            entries.append({"title": title, "anchor": section["ids"][0], "text": text})
    script = f"window.knownErrors = {json.dumps(entries, ensure_ascii=False)};\n"
    Path(app.outdir, "_static", "known_errors.js").write_text(script, encoding="utf-8")
    for page in Path(app.outdir).glob("*.html"):
        text = page.read_text(encoding="utf-8")
        text = ENGLISH.sub(lambda found: RUSSIAN[found[0]], text)
        for unnamed, named in NAMED.items():
            text = text.replace(unnamed, named)
        page.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect what is ours."""
    for lexer in LEXERS:
        app.add_lexer(lexer.name, lexer)
    app.connect("source-read", read_source)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True}
