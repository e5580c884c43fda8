"""Longest-match lookup of phrases in tokens, independent of hyphens, spaces and joined spelling."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Final, Generic, TypeVar

from engines.studio.prompt.text import normalization
from engines.studio.prompt.text.tokens import CONNECTOR, Token, TokenKind, words_of_phrases

MAX_TOKENS: Final = 16
HEAD_LETTERS: Final = 4
"""The number of letters by which most tokens are rejected at once."""
MIN_PART: Final = 3
"""The fewest letters of each half of a name that is written as two words ("synth wave")."""
JOINERS: Final = frozenset("-'\u2010\u2011\u2013")

Value = TypeVar("Value")
Forms = Callable[[tuple[str, ...]], Iterable[str]]
"""Returns all forms of phrases, for example their plurals. Each begins like its phrase."""
Row = tuple[str, Value] | tuple[str, Value, Forms]
"""A phrase, its value and, unless it occurs only as written, its forms."""


CONNECTOR_LETTERS: Final = frozenset("an&+")
"""First characters of the spellings of "and", which have one key."""


@cache
def _group(character: str) -> str | None:
    """Return the group of the phrases that begin with a character; None if no word begins with it.

    It is the plain letter; in Asian and Arabic scripts, the block of 256 code points. The key of a phrase and each of
    its spellings belong to the same group.
    """
    plain = normalization.normalize(normalization.unify_letters(character).lower())[:1]
    if plain in CONNECTOR_LETTERS:
        return CONNECTOR
    if not plain.isalnum():
        return None
    return plain if ord(plain) < normalization.FIRST_UNSTRIPPED else f"{ord(plain) >> 8:x}00"


@cache
def _boundaries(lengths: tuple[int, ...], min_part: int | None) -> frozenset[int]:
    """Return the positions at which a phrase with words of these lengths may be separated."""
    ends = frozenset(accumulate(lengths))
    return ends if min_part is None or len(lengths) > 1 else ends.union(range(min_part, lengths[0] - min_part + 1))


def _never(_: object) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class _Entry(Generic[Value]):
    """A phrase without spaces: its value and the positions at which it may be separated."""

    value: Value
    boundaries: frozenset[int]


class _Group(Generic[Value]):
    """The entries of the phrases that begin with one letter, by their letters."""

    def __init__(self, rows: Iterable[Row[Value]], is_splittable: Callable[[Value], bool]) -> None:
        self.entries: dict[str, list[_Entry[Value]]] = {}
        spelled = [(spelling, row[1]) for row in rows for form in _forms(row) for spelling in _spellings(form)]
        for words, (_, value) in zip(words_of_phrases([phrase for phrase, _ in spelled]), spelled, strict=True):
            if words:
                min_part = MIN_PART if is_splittable(value) else None
                entry = _Entry(value, _boundaries(tuple(map(len, words)), min_part))
                entries = self.entries.setdefault("".join(words), [])
                if entry not in entries:
                    entries.append(entry)
        self.max_length = max(map(len, self.entries), default=0)
        self.heads = {key[:size] for key in self.entries for size in range(1, HEAD_LETTERS + 1)}


def _forms(row: Row[Value]) -> Iterable[str]:
    return row[2](row[:1]) if len(row) == 3 else row[:1]


def _spellings(phrase: str) -> tuple[str, ...]:
    """Return a phrase as it is and, if it has umlauts, spelled with "ae", "oe" and "ue"."""
    if phrase.isascii():
        return (phrase,)
    return tuple(dict.fromkeys((phrase, phrase.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue"))))


class PhraseLookup(Generic[Value]):
    """Phrases by their letters. "lo-fi", "lo fi" and "lofi" are one phrase; so are "synth wave" and "synthwave".

    A phrase of several words may be written with hyphens, with spaces, as one word, or with its end in parentheses.
    One word may be hyphenated; if its value ``is_splittable``, it may be written as two. Phrases are inflected and
    tokenized when a token first begins like them: most processes read few prompts, in few languages.
    """

    def __init__(self, rows: Iterable[Row[Value]], *, is_splittable: Callable[[Value], bool] = _never) -> None:
        self._rows: dict[str, list[Row[Value]]] = defaultdict(list)
        for row in rows:
            group = _group(row[0][:1]) or next(filter(None, map(_group, row[0])), None)
            if group:
                self._rows[group].append(row)
        self._is_splittable = is_splittable
        self._groups: dict[str, _Group[Value]] = {}

    def longest(self, tokens: Sequence[Token], start: int) -> tuple[int, tuple[Value, ...]] | None:
        """Return the end of the longest phrase at a token, and its values; None if there is none."""
        group = self._group_of(tokens[start].key) if start < len(tokens) else None
        if group is None or tokens[start].key[:HEAD_LETTERS] not in group.heads:
            return None
        found, key, cuts, is_joined, is_inside = None, "", [], True, False
        for index in range(start, min(len(tokens), start + MAX_TOKENS)):
            token = tokens[index]
            if token.kind is TokenKind.SYMBOL and token.text in JOINERS and index > start:
                is_joined = token.is_glued
                continue
            if token.text == "(" and index > start:
                is_joined, is_inside = False, True
                continue
            if not token.is_readable and token.key != CONNECTOR:
                break
            if key and not (is_joined and token.is_glued):
                cuts.append(len(key))
            key, is_joined = key + token.key, True
            if len(key) > group.max_length or key[:HEAD_LETTERS] not in group.heads:
                break
            values = tuple(entry.value for entry in group.entries.get(key, ()) if entry.boundaries.issuperset(cuts))
            if values:
                is_closed = is_inside and index + 1 < len(tokens) and tokens[index + 1].text == ")"
                found = index + 1 + is_closed, values
        return found

    def _group_of(self, key: str) -> _Group[Value] | None:
        """Return the phrases that begin like a key."""
        name = _group(key[:1])
        if name is None or name not in self._rows:
            return None
        if name not in self._groups:
            self._groups[name] = _Group(self._rows[name], self._is_splittable)
        return self._groups[name]
