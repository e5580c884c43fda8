"""Full-text queries from user input. The last word matches as a prefix while it is being typed."""

import re
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, cast, func, literal
from sqlalchemy.dialects.postgresql import REGCONFIG

_CONFIGURATION: Final = cast(literal("simple"), REGCONFIG)
"""Without stemming and stop words, because titles and styles may be in any language."""

_LAST_WORD: Final = re.compile(r"(?P<head>(?:.*\s)?)(?P<last>\S*\w)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """A search text: ``head`` in web search syntax, the prefix of the last word, and whether "or" joins them."""

    head: str
    prefix: str = ""
    is_or: bool = False


def parse(text: str) -> SearchTerms:
    """Separate the last word as a prefix, unless it is quoted or follows a minus sign."""
    match = _LAST_WORD.fullmatch(text)
    if match is None:
        return SearchTerms(text)
    head, last = match["head"], match["last"]
    if '"' in last or last.startswith("-") or head.count('"') % 2:
        return SearchTerms(text)
    words = head.lower().split()
    if words and last.lower() == "or":
        return SearchTerms(head)
    if words[-1:] == ["or"]:
        # Postgres treats a trailing "or" as a word
        return SearchTerms(head.rstrip()[: -len("or")], last, is_or=True)
    return SearchTerms(head, last)


def build_tsquery(text: str) -> ColumnElement[Any]:
    """Return the tsquery of a search text; a text without words matches nothing."""
    terms = parse(text)
    head = func.websearch_to_tsquery(_CONFIGURATION, terms.head)
    if not terms.prefix:
        return head
    prefix = func.to_tsquery(_CONFIGURATION, f"{_quote(terms.prefix)}:*")
    return head.op("||" if terms.is_or else "&&")(prefix)


def _quote(word: str) -> str:
    """Quote any text as one operand of to_tsquery."""
    escaped = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
