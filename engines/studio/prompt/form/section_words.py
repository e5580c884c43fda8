"""The energy and transformations of one section, from the words for mood, energy and tempo that describe it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from engines.studio.prompt.moods import MOOD_ENERGY
from engines.studio.prompt.negation import Negations
from engines.studio.prompt.phrases.phrase_meanings import ADJECTIVE_KINDS, PhraseKind, PhraseMatch

MEAN_ENERGY, MOOD_FACTOR, ENERGY_FACTOR, TEMPO_FACTOR = 0.5, 1.6, 1.2, 0.2
"""The energy of a section that words describe: moods, energy and tempo words shift it."""
NEGATED_FACTOR: Final = -0.5


def energy_of(matches: Sequence[PhraseMatch], negations: Negations) -> float | None:
    """Return the energy that words give a section, 0.1 to 1, or None if there are no such words."""
    shifts = list(_energy_shifts(matches, negations))
    return max(0.1, min(1.0, MEAN_ENERGY + sum(shifts))) if shifts else None


def _energy_shifts(matches: Sequence[PhraseMatch], negations: Negations) -> Iterator[float]:
    for match in matches:
        sign = NEGATED_FACTOR if negations.is_negated(match) else 1.0
        mood, energy = match.value_of(PhraseKind.MOOD), match.value_of(PhraseKind.ENERGY)
        tempo = match.value_of(PhraseKind.TEMPO)
        if match.kind not in ADJECTIVE_KINDS:
            continue
        if mood is not None:
            yield sign * MOOD_FACTOR * MOOD_ENERGY[str(mood)]
        if energy is not None:
            yield sign * ENERGY_FACTOR * float(energy)
        if tempo is not None:
            yield sign * TEMPO_FACTOR * float(tempo)


def transformations_of(matches: Sequence[PhraseMatch], negations: Negations) -> Mapping[str, float]:
    """Return the transformations that words name, at full strength."""
    found = ((match.value_of(PhraseKind.TRANSFORMATION), match) for match in matches)
    return {str(value): 1.0 for value, match in found if value is not None and not negations.is_negated(match)}
