"""Where the notes of a chord lie: every spread is weighed against the last one, the closest wins."""

from itertools import pairwise, product
from typing import Final

from engines.studio.theory.pitch import Chord

LOWEST_PITCH: Final = 50
HIGHEST_PITCH: Final = 77
CENTRE_PITCH: Final = 63.0
LOW_INTERVAL_LIMIT: Final = 55
"""Below this pitch two voices want at least a fourth between them (arrangers' low-interval limit)."""


class Voicer:
    """Voices chords one after the other; ``rich`` leaves the root to the bass where a chord has four tones or more."""

    def __init__(self, *, rootless: bool) -> None:
        self._rich = rootless
        self._last: tuple[int, ...] = ()

    def voice(self, chord: Chord) -> tuple[int, ...]:
        """The pitches of a chord, low to high, three to five of them between LOW and HIGH."""
        classes = self._classes(chord)
        self._last = min(_candidates(classes), key=lambda pitches: (self._cost(pitches), pitches))
        return self._last

    def _classes(self, chord: Chord) -> tuple[int, ...]:
        tones = tuple(dict.fromkeys(chord.tones))
        if len(tones) <= 2:
            return (tones[0], tones[-1], tones[0])
        if len(tones) == 3:
            return (*tones, tones[0])
        if len(tones) >= 5 and self._rich:
            return tones[1:]
        return tones

    def _cost(self, pitches: tuple[int, ...]) -> float:
        motion = _motion(self._last, pitches) if self._last else 0.0
        top = 0.6 * abs(pitches[-1] - self._last[-1]) if self._last else 0.0
        centre = 0.35 * abs(sum(pitches) / len(pitches) - CENTRE_PITCH)
        mud = sum(3.0 for low, high in pairwise(pitches) if low < LOW_INTERVAL_LIMIT and high - low < 5)
        rub = sum(2.0 for low, high in pairwise(pitches) if high - low == 1)
        gap = sum(0.8 * (high - low - 9) for low, high in pairwise(pitches) if high - low > 9)
        return motion + top + centre + mud + rub + gap


def _motion(before: tuple[int, ...], after: tuple[int, ...]) -> float:
    return sum(min(abs(pitch - other) for other in before) for pitch in after) * 0.7


def _candidates(classes: tuple[int, ...]) -> list[tuple[int, ...]]:
    places = [[pitch for pitch in range(LOWEST_PITCH, HIGHEST_PITCH + 1) if pitch % 12 == tone] for tone in classes]
    spreads = {tuple(sorted(choice)) for choice in product(*places)}
    fitting = [spread for spread in spreads if len(set(spread)) == len(spread) and spread[-1] - spread[0] <= 24]
    return fitting or sorted(spreads)
