"""Build HTML from Python. Text that is not ``Markup`` is escaped."""

import html
import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

_INLINE: Final = re.compile(r"\*\*(?P<strong>[^*]+)\*\*|`(?P<code>[^`]+)`")
_JSON: Final = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*")(?=:)|(?P<string>"(?:[^"\\]|\\.)*")|(?P<word>\b(?:true|false|null)\b)'
)
_VOID_ELEMENTS: Final = frozenset({"meta", "link", "br"})


class Markup(str):
    """HTML."""

    __slots__ = ()


def element(tag: str, *children: str, **attributes: str) -> Markup:
    """Build an element. Attribute names lose a trailing underscore, and their other underscores become hyphens."""
    names = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    start = "".join(f' {name}="{html.escape(value)}"' for name, value in names.items())
    return Markup(f"<{tag}{start}>" if tag in _VOID_ELEMENTS else f"<{tag}{start}>{join(*children)}</{tag}>")


def join(*children: str) -> Markup:
    return Markup("".join(child if isinstance(child, Markup) else html.escape(child) for child in children))


def code(text: str) -> Markup:
    return element("code", text)


def link(text: str, href: str, **attributes: str) -> Markup:
    return element("a", text, href=href, **attributes)


def inline(text: str) -> Markup:
    """Render the Markdown of one paragraph: ``code`` in backticks and **strong** text."""
    return _replace(_INLINE, text, lambda match: element(str(match.lastgroup), match[str(match.lastgroup)]))


def paragraphs(text: str) -> Markup:
    """Render the Markdown of paragraphs that are separated by empty lines."""
    return join(*(element("p", inline(paragraph)) for paragraph in text.split("\n\n")))


def listing(text: str, label: str) -> Markup:
    """Render preformatted code, focusable so that it can be scrolled by keyboard."""
    return element("pre", code(text), tabindex="0", role="region", aria_label=label)


def json_listing(value: object, label: str) -> Markup:
    """Render JSON with syntax highlighting."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return listing(_replace(_JSON, text, lambda match: element("span", match[0], class_=str(match.lastgroup))), label)


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Markup:
    """Render a table with row headers. Explicit roles survive the block layout of narrow screens."""
    head = element("tr", *(element("th", name, scope="col", role="columnheader") for name in columns), role="row")
    body = (
        element(
            "tr",
            element("th", first, scope="row", role="rowheader"),
            *(element("td", cell, role="cell") for cell in cells),
            role="row",
        )
        for first, *cells in rows
    )
    return element(
        "table",
        element("caption", caption),
        element("thead", head, role="rowgroup"),
        element("tbody", *body, role="rowgroup"),
        role="table",
    )


def _replace(pattern: re.Pattern[str], text: str, render: Callable[[re.Match[str]], Markup]) -> Markup:
    """Render the matches of a pattern and escape the text between them."""
    pieces: list[str] = []
    end = 0
    for match in pattern.finditer(text):
        pieces += [text[end : match.start()], render(match)]
        end = match.end()
    return join(*pieces, text[end:])
