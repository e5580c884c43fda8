"""Detects prompts that exclude all other instruments: "only piano", "nur Klavier", "piano seul", "a cappella"."""

from collections.abc import Sequence
from typing import Final

from engines.studio.languages import LANGUAGES
from engines.studio.prompt.phrases import PhraseKind, PhraseMatch
from engines.studio.prompt.scripts import normalize
from engines.studio.prompt.tokens import Token

MAX_DISTANCE: Final = 3
"""Largest number of tokens between "only" and its instrument."""
SOLO: Final = "solo"
SOLO_NOUNS: Final = frozenset(
    normalize(phrase)
    for language in LANGUAGES
    if language.code in {"en", "de"}
    for phrases in language.instruments.values()
    for phrase in phrases
)
"""Instruments after which "solo" is a passage ("guitar solo"); in Romance languages it means alone."""


def find_exclusivity_markers(tokens: Sequence[Token], matches: Sequence[PhraseMatch]) -> list[PhraseMatch]:
    """Return the markers that exclude all instruments but the named ones."""
    return [
        match
        for number, match in enumerate(matches)
        if match.kind is PhraseKind.EXCLUSIVITY and _refers_to_instrument(tokens, matches, number)
    ]


def _refers_to_instrument(tokens: Sequence[Token], matches: Sequence[PhraseMatch], number: int) -> bool:
    marker, previous = matches[number], matches[number - 1] if number else None
    if previous and previous.kind is PhraseKind.NEGATION and previous.end == marker.start:
        return False
    if marker.value not in {"before", "after", "both"}:
        return True
    return (marker.value != "after" and _precedes_instrument(tokens, matches, number)) or (
        (marker.value != "before" or marker.text == SOLO) and _follows_instrument(tokens, matches, number)
    )


def _precedes_instrument(tokens: Sequence[Token], matches: Sequence[PhraseMatch], number: int) -> bool:
    """Return whether only adjectives separate the marker from an instrument after it."""
    marker = matches[number]
    for other in matches[number + 1 :]:
        gap = tokens[marker.end : other.start]
        if len(gap) > MAX_DISTANCE or any(token.is_punctuation for token in gap):
            return False
        if other.kind is PhraseKind.INSTRUMENT:
            return True
        if other.kind in {PhraseKind.STYLE, PhraseKind.FORM, PhraseKind.NEGATION, PhraseKind.CONJUNCTION}:
            return False
    return False


def _follows_instrument(tokens: Sequence[Token], matches: Sequence[PhraseMatch], number: int) -> bool:
    """Return whether an instrument directly precedes the marker."""
    marker, previous = matches[number], matches[max(0, number - 1)]
    is_adjacent = previous.kind is PhraseKind.INSTRUMENT and previous.end == marker.start
    instrument = " ".join(token.normalized for token in tokens[previous.start : previous.end])
    return is_adjacent and (marker.text != SOLO or instrument not in SOLO_NOUNS)
