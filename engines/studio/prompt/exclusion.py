"""Finds out whether nobody else may play: "only piano", "nur Klavier", "piano seul", "a cappella"."""

from collections.abc import Sequence
from typing import Final

from engines.studio.languages import LANGUAGES
from engines.studio.languages.language import phrases
from engines.studio.prompt.phrases import Hit, Kind
from engines.studio.prompt.tokens import Word, folded

REACH: Final = 3
"""Words between "only" and the instrument that it speaks of."""
SOLO: Final = "solo"
SOLOS: Final = frozenset(
    folded(phrase)
    for language in LANGUAGES
    if language.code in {"en", "de"}
    for row in language.instruments.values()
    for phrase in phrases(row)
)
"""In these languages a "guitar solo" is a passage, where a "chitarra solo" plays alone."""


def marks(row: Sequence[Word], hits: Sequence[Hit]) -> list[Hit]:
    """The words that leave all instruments but the wanted ones out; none where an "only" speaks of something else."""
    return [hit for turn, hit in enumerate(hits) if hit.kind is Kind.ONLY and _is_meant(row, hits, turn)]


def _is_meant(row: Sequence[Word], hits: Sequence[Hit], turn: int) -> bool:
    hit, earlier = hits[turn], hits[turn - 1] if turn else None
    if earlier and earlier.kind is Kind.NEGATION and earlier.last == hit.first:
        return False
    if hit.value not in {"before", "after", "both"}:
        return True
    return (hit.value != "after" and _leads(row, hits, turn)) or (
        (hit.value != "before" or hit.written == SOLO) and _follows(row, hits, turn)
    )


def _leads(row: Sequence[Word], hits: Sequence[Hit], turn: int) -> bool:
    """Whether an instrument comes next, with nothing but its colour between."""
    mark = hits[turn]
    for other in hits[turn + 1 :]:
        if other.first - mark.last > REACH or any(word.is_stop for word in row[mark.last : other.first]):
            return False
        if other.kind is Kind.INSTRUMENT:
            return True
        if other.kind in {Kind.STYLE, Kind.FORM, Kind.NEGATION, Kind.JOIN}:
            return False
    return False


def _follows(row: Sequence[Word], hits: Sequence[Hit], turn: int) -> bool:
    """Whether an instrument has just been named."""
    mark, before = hits[turn], hits[max(0, turn - 1)]
    is_near = before.kind is Kind.INSTRUMENT and before.last == mark.first
    named = " ".join(word.plain for word in row[before.first : before.last])
    return is_near and (mark.written != SOLO or named not in SOLOS)
