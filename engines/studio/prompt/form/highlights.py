"""Positions of highlights of the form: "drop at 0:40", "climax in the middle"."""

from collections.abc import Sequence
from typing import Final

from engines.studio.model.form_request import DEFAULT_POSITIONS, TimePoint
from engines.studio.prompt.phrases.phrase_meanings import PhraseKind, PhraseMatch
from engines.studio.prompt.quantities.lengths import ClockTime

MAX_PHRASES_APART: Final = 5
"""The most phrases between a highlight of the form ("drop") and its position ("in the middle")."""
MAX_TOKENS_APART: Final = 7
"""The most tokens between the two."""


def position_of(number: int, matches: Sequence[PhraseMatch], times: list[ClockTime]) -> TimePoint | None:
    """Return the position of the highlight that is the phrase of that number; None for other features of the form.

    It is the next one of ``times``, which is removed, otherwise the nearest phrase, preferably after it.
    """
    match = matches[number]
    if str(match.value) not in DEFAULT_POSITIONS:
        return None
    if times:
        return TimePoint(0.5, times.pop(0).seconds)
    positions = [
        other
        for other in matches[max(0, number - MAX_PHRASES_APART) : number + MAX_PHRASES_APART + 1]
        if other.kind is PhraseKind.POSITION and abs(other.start - match.start) <= MAX_TOKENS_APART
    ]
    if not positions:
        return None
    nearest = min(
        positions,
        key=lambda other: other.start - match.end if other.start > match.start else 2 + match.start - other.end,
    )
    return TimePoint(float(nearest.value))
