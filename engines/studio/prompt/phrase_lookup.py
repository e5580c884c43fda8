"""Longest-match lookup of phrases in tokens, independent of hyphens, spaces and joined spelling."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, Generic, TypeVar

from engines.studio.prompt.text.tokens import CONNECTOR, Token, TokenKind, words_of_phrases

MAX_TOKENS: Final = 16
HEAD_LETTERS: Final = 4
"""The number of letters by which most tokens are rejected at once."""
MIN_PART: Final = 3
"""The fewest letters of each half of a name that is written as two words ("synth wave")."""
JOINERS: Final = frozenset("-'\u2010\u2011\u2013")

Value = TypeVar("Value")


def _spellings(phrase: str) -> tuple[str, ...]:
    """Return a phrase as it is and, if it has umlauts, spelled with "ae", "oe" and "ue"."""
    return tuple(dict.fromkeys((phrase, phrase.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue"))))


@dataclass(frozen=True, slots=True)
class _Entry(Generic[Value]):
    """A phrase without spaces: its value and the positions at which it may be separated."""

    value: Value
    boundaries: frozenset[int]


class PhraseLookup(Generic[Value]):
    """Phrases by their letters. "lo-fi", "lo fi" and "lofi" are one phrase; so are "synth wave" and "synthwave".

    A phrase of several words may be written with hyphens, with spaces or as one word. One word may be hyphenated; if
    it is ``splittable``, it may be written as two.
    """

    def __init__(self, rows: Iterable[tuple[str, Value]], *, splittable: Iterable[Value] = ()) -> None:
        self._entries: dict[str, list[_Entry[Value]]] = {}
        splittable = set(splittable)
        rows = [(spelling, value) for phrase, value in rows for spelling in _spellings(phrase)]
        keys = words_of_phrases(phrase for phrase, _ in rows) if rows else ()
        for words, (_, value) in zip(keys, rows, strict=True):
            self._add(words, value, is_splittable=value in splittable)
        self._max_length = max(map(len, self._entries), default=0)
        self._heads = {key[:size] for key in self._entries for size in range(1, HEAD_LETTERS + 1)}

    def __len__(self) -> int:
        return len(self._entries)

    def longest(self, tokens: Sequence[Token], start: int) -> tuple[int, tuple[Value, ...]] | None:
        """Return the end of the longest phrase at a token, and its values; None if there is none."""
        found, key, cuts, is_joined = None, "", [], True
        for index in range(start, min(len(tokens), start + MAX_TOKENS)):
            token = tokens[index]
            if token.kind is TokenKind.SYMBOL and token.text in JOINERS and index > start:
                is_joined = token.is_glued
                continue
            if not token.is_readable and token.key != CONNECTOR:
                break
            if key and not (is_joined and token.is_glued):
                cuts.append(len(key))
            key, is_joined = key + token.key, True
            if len(key) > self._max_length or key[:HEAD_LETTERS] not in self._heads:
                break
            values = tuple(entry.value for entry in self._entries.get(key, ()) if entry.boundaries.issuperset(cuts))
            if values:
                found = index + 1, values
        return found

    def _add(self, words: tuple[str, ...], value: Value, *, is_splittable: bool) -> None:
        key = "".join(words)
        if not key:
            return
        boundaries = set(accumulate(map(len, words)))
        if is_splittable and len(words) == 1:
            boundaries |= set(range(MIN_PART, len(key) - MIN_PART + 1))
        entry = _Entry(value, frozenset(boundaries))
        row = self._entries.setdefault(key, [])
        if entry not in row:
            row.append(entry)
