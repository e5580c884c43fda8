"""Which meanings of a phrase apply together, and the positions of highlights."""

from collections.abc import Sequence
from typing import Final

from engines.studio.model.form_request import TimePoint
from engines.studio.prompt.phrases import PhraseKind, PhraseMatch
from engines.studio.prompt.quantities import ClockTime

MAX_TOKENS_APART: Final = 7
"""The most tokens between a highlight of the form ("drop") and its position ("in the middle")."""
WORDS: Final = frozenset({PhraseKind.MOOD, PhraseKind.ENERGY, PhraseKind.TEMPO, PhraseKind.TRANSFORMATION})
COMBINED: Final = {
    **dict.fromkeys(WORDS, WORDS | {PhraseKind.SCENE}),
    PhraseKind.STYLE: frozenset({PhraseKind.METRE, PhraseKind.MOOD, PhraseKind.DECADE}),
    PhraseKind.METRE: frozenset({PhraseKind.APPROXIMATED_STYLE}),
}
"""The kinds that apply beside a leading one: "dark" is a mood and a tone, "waltz" a style and a metre, "night" a
mood and a scene."""


def applicable_kinds(match: PhraseMatch) -> list[PhraseKind]:
    """Return the kinds of the meanings that apply: the leading one and those that go with it."""
    kinds = list(dict.fromkeys(meaning.kind for meaning in match.meanings))
    if kinds[0] in WORDS and PhraseKind.APPROXIMATED_STYLE in kinds:
        return [PhraseKind.APPROXIMATED_STYLE, *(kind for kind in kinds if kind in WORDS)]
    return [kind for kind in kinds if kind is kinds[0] or COMBINED.get(kinds[0], frozenset()) & {kind}]


def position_of(match: PhraseMatch, nearby: Sequence[PhraseMatch], times: list[ClockTime]) -> TimePoint | None:
    """Return the position of a highlight: the next clock time, otherwise the nearest phrase, preferably after it."""
    if times:
        return TimePoint(0.5, times.pop(0).seconds)
    positions = [
        other
        for other in nearby
        if other.kind is PhraseKind.POSITION and abs(other.start - match.start) <= MAX_TOKENS_APART
    ]
    if not positions:
        return None
    nearest = min(
        positions,
        key=lambda other: other.start - match.end if other.start > match.start else 2 + match.start - other.end,
    )
    return TimePoint(float(nearest.value))
