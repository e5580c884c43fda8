"""Chord voicings with smooth voice leading: of all candidates the one with the lowest cost is used."""

from collections.abc import Sequence
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
    return min(_candidates(classes), key=lambda pitches: (_cost(pitches, previous, centre, span), pitches))


def _cost(pitches: tuple[int, ...], previous: tuple[int, ...], centre: float, span: float | None) -> float:
    motion = _motion(previous, pitches) if previous else 0.0
    top = 0.6 * abs(pitches[-1] - previous[-1]) if previous else 0.0
    off_centre = 0.35 * abs(sum(pitches) / len(pitches) - centre)
    spread = 0.0 if span is None else 0.4 * abs(pitches[-1] - pitches[0] - span)
    mud = sum(3.0 for low, high in pairwise(pitches) if low < LOW_INTERVAL_LIMIT and high - low < 5)
    clashes = sum(2.0 for low, high in pairwise(pitches) if high - low == 1)
    gaps = sum(0.8 * (high - low - 9) for low, high in pairwise(pitches) if high - low > 9)
    return motion + top + off_centre + spread + mud + clashes + gaps


def _motion(previous: tuple[int, ...], pitches: tuple[int, ...]) -> float:
    return sum(min(abs(pitch - other) for other in previous) for pitch in pitches) * 0.7


@cache
def _candidates(classes: tuple[int, ...]) -> Sequence[tuple[int, ...]]:
    options = [[pitch for pitch in range(LOWEST_PITCH, HIGHEST_PITCH + 1) if pitch % 12 == tone] for tone in classes]
    voicings = {tuple(sorted(choice)) for choice in product(*options)}
    fitting = [voicing for voicing in voicings if len(set(voicing)) == len(voicing) and voicing[-1] - voicing[0] <= 24]
    return fitting or sorted(voicings)
