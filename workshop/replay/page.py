"""What a person sees of an HTML page, and the forms on it."""

from html.parser import HTMLParser

INLINE = {"a", "b", "code", "em", "i", "small", "span", "strong", "time"}
UNSEEN = {"head", "script", "style", "noscript", "template"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "wbr"}
FIELDS = {"input", "select", "textarea"}


class Page(HTMLParser):
    """A parsed page: `lines` of visible text, `fields` of its forms with their values."""

    def __init__(self, html):
        """Parse a page from its text."""
        super().__init__()
        self.fields = {}
        self._text = [""]
        # The open elements, each with whether it is seen.
        self._open = []
        self.feed(html)
        self.close()
        self.lines = [line for line in (" ".join(text.split()) for text in self._text) if line]

    def handle_starttag(self, tag, attributes):
        """Open an element; called by HTMLParser."""
        attributes = dict(attributes)
        if tag not in INLINE:
            self._text.append("")
        if tag in FIELDS and attributes.get("name"):
            self.fields[attributes["name"]] = attributes.get("value", "")
        if tag not in VOID:
            seen = self._is_seen() and tag not in UNSEEN and "hidden" not in attributes
            self._open.append((tag, seen))

    def handle_endtag(self, tag):
        """Close an element and those that were left open in it; called by HTMLParser."""
        if tag not in INLINE:
            self._text.append("")
        if any(tag == name for name, _ in self._open):
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data):
        """Add text; called by HTMLParser."""
        if self._is_seen():
            self._text[-1] += data

    def _is_seen(self):
        return not self._open or self._open[-1][1]
