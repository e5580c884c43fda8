"""Detects prompts that exclude all other instruments: "only piano", "nur Klavier", "piano seul", "a cappella"."""

from collections.abc import Sequence
from typing import Final

from engines.studio.prompt.phrases.phrase_meanings import PhraseKind, PhraseMatch
from engines.studio.prompt.text.tokens import Token

MAX_DISTANCE: Final = 3
"""Largest number of tokens between "only" and its instrument."""
SECTION_KINDS: Final = frozenset({PhraseKind.SECTION, PhraseKind.POSITION})
SOLO: Final = "solo"


def find_exclusivity_markers(tokens: Sequence[Token], matches: Sequence[PhraseMatch]) -> list[PhraseMatch]:
    """Return the markers that exclude all instruments but the named ones."""
    return [
        match
        for number, match in enumerate(matches)
        if match.value_of(PhraseKind.EXCLUSIVITY) is not None and _refers_to_instrument(tokens, matches, number)
    ]


def _refers_to_instrument(tokens: Sequence[Token], matches: Sequence[PhraseMatch], number: int) -> bool:
    marker, previous = matches[number], matches[number - 1] if number else None
    if previous and previous.value_of(PhraseKind.NEGATION) is not None and previous.end == marker.start:
        return False
    following = matches[number + 1] if number + 1 < len(matches) else None
    if following and following.kind is PhraseKind.POSTPONED_NEGATION and following.start == marker.end:
        return False
    positions = {meaning.value for meaning in marker.meanings if meaning.kind is PhraseKind.EXCLUSIVITY}
    if not positions & {"before", "after", "both"}:
        return True
    return (bool(positions & {"before", "both"}) and _precedes_instrument(tokens, matches, number)) or (
        (bool(positions & {"after", "both"}) or marker.text == SOLO) and _follows_instrument(matches, number)
    )


def _precedes_instrument(tokens: Sequence[Token], matches: Sequence[PhraseMatch], number: int) -> bool:
    """Return whether only adjectives separate the marker from an instrument after it."""
    marker = matches[number]
    for other in matches[number + 1 :]:
        gap = tokens[marker.end : other.start]
        if len(gap) > MAX_DISTANCE or any(token.is_break for token in gap):
            return False
        if other.kind is PhraseKind.INSTRUMENT:
            return True
        if other.kind in {PhraseKind.STYLE, PhraseKind.FORM, PhraseKind.NEGATION, PhraseKind.CONJUNCTION}:
            return False
    return False


def _follows_instrument(matches: Sequence[PhraseMatch], number: int) -> bool:
    """Return whether an instrument directly precedes the marker."""
    marker, previous = matches[number], matches[max(0, number - 1)]
    is_adjacent = previous.kind is PhraseKind.INSTRUMENT and previous.end == marker.start
    if any(other.kind in SECTION_KINDS and other.start - marker.end <= MAX_DISTANCE for other in matches[number + 1 :]):
        return False  # "drums only in the chorus"
    return is_adjacent and (marker.text != SOLO or not is_solo_section(marker))


def is_solo_section(solo: PhraseMatch) -> bool:
    """Return whether "solo" after an instrument is a section ("guitar solo"); in some languages it means "alone"."""
    positions = {meaning.value for meaning in solo.meanings if meaning.kind is PhraseKind.EXCLUSIVITY}
    return not positions & {"after", "both"}
