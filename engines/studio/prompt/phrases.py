"""Longest-match lookup of the known phrases of all languages and styles in a tokenized prompt."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from engines.studio.languages import LANGUAGES
from engines.studio.languages.language import Phrases
from engines.studio.prompt import vocabulary
from engines.studio.prompt.tokens import Token, normalized_spellings
from engines.studio.styles import STYLES


class PhraseKind(IntEnum):
    """What a phrase describes; if a phrase has several meanings, the lowest value wins."""

    STYLE = 0
    INSTRUMENT = 1
    FORM = 2
    METRE = 3
    MOOD = 4
    ENERGY = 5
    TEMPO = 6
    ERA = 7
    MODE = 8
    TRANSFORMATION = 9
    NEAR_STYLE = 10
    POSITION = 11
    NEGATION = 12
    EXCLUSIVITY = 13
    CONJUNCTION = 14
    FILLER = 15
    STOP_WORD = 16


NON_MUSICAL_KINDS: Final = frozenset(kind for kind in PhraseKind if kind >= PhraseKind.POSITION)
"""Kinds that only modify other phrases or have no musical meaning."""

Value = str | float
Rows = Mapping[str, Phrases] | Mapping[int, Phrases] | Mapping[float, Phrases]
"""Phrases by their value."""


@dataclass(frozen=True, slots=True)
class PhraseMatch:
    """A known phrase in a prompt. ``value`` is its meaning, ``start`` and ``end`` the range of its token indexes."""

    kind: PhraseKind
    value: Value
    start: int
    end: int
    text: str


def _entries() -> Iterator[tuple[Iterable[str], PhraseKind, Value]]:
    for style in STYLES.values():
        yield style.keywords, PhraseKind.STYLE, style.key
    for styles, row in vocabulary.NEAR_STYLES.items():
        yield row.split(", "), PhraseKind.NEAR_STYLE, styles
    for language in LANGUAGES:
        tables: tuple[tuple[PhraseKind, Rows], ...] = (
            (PhraseKind.FORM, language.forms),
            (PhraseKind.METRE, language.metres),
            (PhraseKind.ERA, language.eras),
            (PhraseKind.POSITION, language.positions),
            (PhraseKind.EXCLUSIVITY, language.exclusivity),
            (PhraseKind.NEGATION, {"": language.negations}),
            (PhraseKind.CONJUNCTION, {"": language.conjunctions}),
            (PhraseKind.FILLER, {"": language.fillers + language.prefixes + language.suffixes}),
            (PhraseKind.STOP_WORD, {"": language.stop_words}),
        )
        inflected: tuple[tuple[PhraseKind, Rows], ...] = (
            (PhraseKind.MOOD, language.moods),
            (PhraseKind.ENERGY, language.energy),
            (PhraseKind.TEMPO, language.tempos),
            (PhraseKind.MODE, language.modes),
            (PhraseKind.TRANSFORMATION, language.transformations),
        )
        nouns: tuple[tuple[PhraseKind, Rows], ...] = (
            (PhraseKind.STYLE, language.styles),
            (PhraseKind.INSTRUMENT, language.instruments),
        )
        yield from (
            (language.inflected_nouns(phrases), kind, value) for kind, rows in nouns for value, phrases in rows.items()
        )
        yield from ((phrases, kind, value) for kind, rows in tables for value, phrases in rows.items())
        yield from (
            (language.inflected_phrases(phrases), kind, value)
            for kind, rows in inflected
            for value, phrases in rows.items()
        )


def _phrase_table() -> Mapping[tuple[str, ...], tuple[PhraseKind, Value]]:
    table: dict[tuple[str, ...], tuple[PhraseKind, Value]] = {}
    for phrases, kind, value in _entries():
        for phrase in phrases:
            for spelling in normalized_spellings(phrase):
                if spelling and (spelling not in table or kind < table[spelling][0]):
                    table[spelling] = (kind, value)
    return table


PHRASE_TABLE: Final = _phrase_table()
MAX_PHRASE_TOKENS: Final = max(len(phrase) for phrase in PHRASE_TABLE)


def find_phrases(text: str, tokens: Sequence[Token]) -> list[PhraseMatch]:
    """Return the known phrases of a text in order, the longest at each position."""
    matches: list[PhraseMatch] = []
    index = 0
    while index < len(tokens):
        match = _longest_match(text, tokens, index)
        if match:
            matches.append(match)
        index = match.end if match else index + 1
    return matches


def _longest_match(text: str, tokens: Sequence[Token], start: int) -> PhraseMatch | None:
    for end in range(min(len(tokens), start + MAX_PHRASE_TOKENS), start, -1):
        entry = PHRASE_TABLE.get(tuple(token.normalized for token in tokens[start:end]))
        if entry:
            return PhraseMatch(*entry, start, end, text[tokens[start].start : tokens[end - 1].end])
    return None
