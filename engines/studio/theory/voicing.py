"""Chord voicings with smooth voice leading: of all candidates the one with the lowest cost is used."""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from itertools import pairwise, product
from typing import Final

from engines.studio.theory.pitch import Chord

LOWEST_PITCH: Final = 50
HIGHEST_PITCH: Final = 77
CENTRE_PITCH: Final = 63.0
LOW_INTERVAL_LIMIT: Final = 55
"""Below this pitch two voices should be at least a fourth apart (arrangers' low interval limit)."""
CACHED_VOICINGS: Final = 4096


class Voicer:
    """Voices successive chords around the pitch ``centre``.

    With ``rootless`` the root of chords of five or more tones is left to the bass. ``span`` is the preferred distance
    of the outer voices in semitones.
    """

    def __init__(self, *, rootless: bool, centre: float = CENTRE_PITCH, span: float | None = None) -> None:
        self._rootless = rootless
        self._centre = centre
        self._span = span
        self._previous: tuple[int, ...] = ()

    def voice(self, chord: Chord) -> tuple[int, ...]:
        """Return three to five pitches between LOWEST_PITCH and HIGHEST_PITCH in ascending order."""
        self._previous = _best_voicing(self._classes(chord), self._previous, self._centre, self._span)
        return self._previous

    def _classes(self, chord: Chord) -> tuple[int, ...]:
        tones = tuple(dict.fromkeys(chord.tones))
        if len(tones) <= 2:
            return (tones[0], tones[-1], tones[0])
        if len(tones) == 3:
            return (*tones, tones[0])
        if len(tones) >= 5 and self._rootless:
            return tones[1:]
        return tones


@lru_cache(CACHED_VOICINGS)
def _best_voicing(
    classes: tuple[int, ...], previous: tuple[int, ...], centre: float, span: float | None
) -> tuple[int, ...]:
    """Return the best voicing of pitch classes after the previous one; progressions repeat their chords."""
    steps = _steps_from(previous)
    return min(_candidates(classes), key=lambda pitches: (_cost(pitches, previous, steps, centre, span), pitches))


def _steps_from(previous: tuple[int, ...]) -> Mapping[int, int]:
    """Return the distance of each pitch to the closest one of a voicing, 0 without a voicing."""
    pitches = range(LOWEST_PITCH, HIGHEST_PITCH + 1)
    return {pitch: min((abs(pitch - other) for other in previous), default=0) for pitch in pitches}


def _cost(
    pitches: tuple[int, ...], previous: tuple[int, ...], steps: Mapping[int, int], centre: float, span: float | None
) -> float:
    motion = 0.7 * sum(steps[pitch] for pitch in pitches)
    top = 0.6 * abs(pitches[-1] - previous[-1]) if previous else 0.0
    off_centre = 0.35 * abs(sum(pitches) / len(pitches) - centre)
    spread = 0.0 if span is None else 0.4 * abs(pitches[-1] - pitches[0] - span)
    mud = sum(3.0 for low, high in pairwise(pitches) if low < LOW_INTERVAL_LIMIT and high - low < 5)
    clashes = sum(2.0 for low, high in pairwise(pitches) if high - low == 1)
    gaps = sum(0.8 * (high - low - 9) for low, high in pairwise(pitches) if high - low > 9)
    return motion + top + off_centre + spread + mud + clashes + gaps


@cache
def _candidates(classes: tuple[int, ...]) -> Sequence[tuple[int, ...]]:
    options = [[pitch for pitch in range(LOWEST_PITCH, HIGHEST_PITCH + 1) if pitch % 12 == tone] for tone in classes]
    voicings = {tuple(sorted(choice)) for choice in product(*options)}
    fitting = [voicing for voicing in voicings if len(set(voicing)) == len(voicing) and voicing[-1] - voicing[0] <= 24]
    return fitting or sorted(voicings)
