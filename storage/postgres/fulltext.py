"""Search vectors of texts, and full-text queries from user input. Texts are folded and split by core.search_text.

Postgres receives lexemes and positions instead of texts, so that neither its locale nor its parser matters.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, cast, false, literal
from sqlalchemy.dialects.postgresql import TSQUERY

from core import search_text
from core.search_text import Word

_MAX_POSITION: Final = 16_383
"""The largest position that Postgres stores."""

_ITEM: Final = re.compile(r'(?P<minus>-?)"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]+)')


def build_vector(texts: Iterable[str]) -> str:
    """Return the search vector of some texts in the notation of tsvector. Phrases do not span texts."""
    positions: dict[str, set[int]] = defaultdict(set)
    position = 1
    for text in texts:
        for word in search_text.split(text):
            for offset, part in enumerate(word):
                positions[part].add(min(position + offset, _MAX_POSITION))
            last = position + len(word) - 1
            # the whole word is next to the words before and after it
            positions["".join(word)] |= {min(position, _MAX_POSITION), min(last, _MAX_POSITION)}
            position = last + 1
        position += 1
    return " ".join(f"{_quote(part)}:{','.join(map(str, sorted(found)))}" for part, found in positions.items())


def build_tsquery(text: str) -> ColumnElement[Any] | None:
    """Return the tsquery of a search text in web search syntax, or None for a text without words.

    All words must match, or with "or" those on one of its sides; quotes enclose phrases and a minus sign excludes. The
    last word matches as a prefix, because it may be incomplete, unless it is quoted or excluded.
    """
    query = parse(text)
    return cast(literal(query), TSQUERY) if query else None


def matches(vector: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Return whether a search vector matches a search text; a text without words matches nothing."""
    query = build_tsquery(text)
    return false() if query is None else vector.op("@@", is_comparison=True)(query)


def parse(text: str) -> str:
    """Return a search text in the notation of tsquery, empty for a text without words."""
    groups: list[list[str]] = [[]]
    items = [item for item in map(_Item.from_match, _ITEM.finditer(text)) if item.words or item.is_or]
    for number, item in enumerate(items):
        is_last = number == len(items) - 1
        if item.is_or and groups[-1]:
            # an "or" at the end has no right side yet
            if not is_last:
                groups.append([])
        else:
            groups[-1].append(item.to_tsquery(is_prefix=is_last))
    return " | ".join(" & ".join(group) for group in groups if group)


@dataclass(frozen=True, slots=True)
class _Item:
    """A word or a phrase of a search text."""

    words: list[Word]
    is_excluded: bool = False
    is_quoted: bool = False
    is_or: bool = False

    @classmethod
    def from_match(cls, match: re.Match[str]) -> "_Item":
        if match["plain"] is None:
            return cls(search_text.split(match["quoted"]), is_excluded=bool(match["minus"]), is_quoted=True)
        plain = match["plain"]
        words = search_text.split(plain)
        is_excluded = re.match(r"-\w", plain) is not None
        return cls(words, is_excluded=is_excluded, is_or=words == [("or",)] and not is_excluded)

    def to_tsquery(self, *, is_prefix: bool) -> str:
        is_open = is_prefix and not self.is_quoted and not self.is_excluded
        count = len(self.words)
        phrase = " <-> ".join(
            _term(word, is_prefix=is_open and number == count) for number, word in enumerate(self.words, 1)
        )
        return f"!({phrase})" if self.is_excluded else f"({phrase})"


def _term(word: Word, *, is_prefix: bool) -> str:
    mark = ":*" if is_prefix and not search_text.is_unspaced(word[-1]) else ""
    if len(word) == 1:
        return f"{_quote(word[0])}{mark}"
    parts = " <-> ".join(map(_quote, word))
    return f"({_quote(''.join(word))}{mark} | {parts}{mark})"


def _quote(part: str) -> str:
    """Quote any text as one lexeme."""
    escaped = part.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
