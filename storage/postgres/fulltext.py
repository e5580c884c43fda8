"""How a text that people type becomes a Postgres text query; the last word counts as a beginning until it is ended."""

import re
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, cast, func, literal
from sqlalchemy.dialects.postgresql import REGCONFIG

_CONFIGURATION: Final = cast(literal("simple"), REGCONFIG)
"""No stems and no stop words: titles and styles come in every language."""

_LAST_WORD: Final = re.compile(r"(?P<head>(?:.*\s)?)(?P<last>\S*\w)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """A search text in its parts: ``head`` in web search syntax, the beginning of a word, whether "or" joins them."""

    head: str
    prefix: str = ""
    is_or: bool = False


def parse(text: str) -> SearchTerms:
    """Cut off the word that is still being typed, unless it stands in quotes or behind a minus."""
    found = _LAST_WORD.fullmatch(text)
    if found is None:
        return SearchTerms(text)
    head, last = found["head"], found["last"]
    if '"' in last or last.startswith("-") or head.count('"') % 2:
        return SearchTerms(text)
    words = head.lower().split()
    if words and last.lower() == "or":
        return SearchTerms(head)
    if words[-1:] == ["or"]:
        # to Postgres an "or" with nothing behind it is a word
        return SearchTerms(head.rstrip()[: -len("or")], last, is_or=True)
    return SearchTerms(head, last)


def build_tsquery(text: str) -> ColumnElement[Any]:
    """The text query; one without any word finds nothing."""
    wanted = parse(text)
    head = func.websearch_to_tsquery(_CONFIGURATION, wanted.head)
    if not wanted.prefix:
        return head
    beginning = func.to_tsquery(_CONFIGURATION, f"{_quoted(wanted.prefix)}:*")
    return head.op("||" if wanted.is_or else "&&")(beginning)


def _quoted(word: str) -> str:
    """One operand of to_tsquery, whatever is in it."""
    escaped = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
