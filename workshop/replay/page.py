"""What a person sees of an HTML page, and the forms on it."""

from lxml import html

INLINE = {"a", "b", "code", "em", "i", "small", "span", "strong", "time"}
UNSEEN = {"head", "script", "style", "noscript", "template"}


def fields_of(page: str) -> dict[str, str]:
    """Return the names and values of the fields of all forms on a page."""
    forms = html.document_fromstring(page).forms
    return {name: value or "" for form in forms for name, value in form.fields.items()}


def lines_of(page: str) -> list[str]:
    """Return the lines that a person sees: one for each block element, label and button."""
    text = _text(html.document_fromstring(page)) if page.strip() else ""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return [line for line in lines if line]


def _text(element: html.HtmlElement) -> str:
    """The visible text of an element, with the ends of lines where those of blocks are."""
    if element.tag in UNSEEN or element.tag is html.etree.Comment or "hidden" in element.attrib:
        return "\n"
    text = _one_line(element.text)
    for child in element:
        text += _text(child) + _one_line(child.tail)
    return text if element.tag in INLINE else f"\n{text}\n"


def _one_line(text: str | None) -> str:
    return (text or "").replace("\n", " ")
