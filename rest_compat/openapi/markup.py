"""HTML from Python: whatever is not markup already is escaped."""

import html
import json
import re
from collections.abc import Sequence
from typing import Final

_INLINE: Final = re.compile(r"\*\*(?P<strong>[^*]+)\*\*|`(?P<code>[^`]+)`")
_JSON: Final = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*")(?=:)|(?P<string>"(?:[^"\\]|\\.)*")|(?P<word>\b(?:true|false|null)\b)'
)
_VOID: Final = frozenset({"meta", "link", "br"})


class Markup(str):
    """Text that is HTML and stays as it is."""

    __slots__ = ()


def element(tag: str, *children: str, **attributes: str) -> Markup:
    """An element; a trailing underscore of an attribute's name is dropped, other underscores are hyphens."""
    names = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    written = "".join(f' {name}="{html.escape(value)}"' for name, value in names.items())
    return Markup(f"<{tag}{written}>" if tag in _VOID else f"<{tag}{written}>{joined(*children)}</{tag}>")


def joined(*children: str) -> Markup:
    """Children side by side."""
    return Markup("".join(child if isinstance(child, Markup) else html.escape(child) for child in children))


def inline(text: str) -> Markup:
    """A sentence with ``code`` between backticks and **strong** words."""
    pieces: list[str] = []
    end = 0
    for found in _INLINE.finditer(text):
        pieces += [text[end : found.start()], element(str(found.lastgroup), found[str(found.lastgroup)])]
        end = found.end()
    return joined(*pieces, text[end:])


def prose(text: str) -> Markup:
    """Paragraphs, separated by empty lines."""
    return joined(*(element("p", inline(paragraph)) for paragraph in text.split("\n\n")))


def listing(text: str, label: str) -> Markup:
    """Lines of code that scroll sideways, reachable by keyboard."""
    return element("pre", element("code", text), tabindex="0", role="region", aria_label=label)


def json_listing(value: object, label: str) -> Markup:
    """JSON, its words coloured."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    pieces: list[str] = []
    end = 0
    for found in _JSON.finditer(text):
        pieces += [text[end : found.start()], element("span", found[0], class_=str(found.lastgroup))]
        end = found.end()
    return listing(joined(*pieces, text[end:]), label)


def table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
    """A table whose first cells head their rows. The roles stay when a narrow screen shows its cells as blocks."""
    head = element("tr", *(element("th", name, scope="col", role="columnheader") for name in heads), role="row")
    lines = [
        element(
            "tr",
            element("th", row[0], scope="row", role="rowheader"),
            *(element("td", cell, role="cell") for cell in row[1:]),
            role="row",
        )
        for row in rows
    ]
    return element(
        "table",
        element("caption", caption),
        element("thead", head, role="rowgroup"),
        element("tbody", *lines, role="rowgroup"),
        role="table",
    )
