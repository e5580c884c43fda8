"""Instruments: a tone generator with its range, release and General MIDI program."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.studio.dsp.arrays import Wave
from engines.studio.instruments.slurred_notes import SlurGenerator

_SNARE: Final = 38
"""The General MIDI key."""

ToneGenerator = Callable[[int, float, float, np.random.Generator], Wave]
"""Generates a tone from a MIDI pitch, a velocity from 0 to 1 (timbre, not level), seconds and a random generator.

Returns shape (channels, frames) at about -20 dB RMS. If the instrument sustains, the tone lasts to the end.
"""


def fallback_key(keys: Collection[int]) -> int:
    """Return the key of the drum that replaces missing drums of a kit: the snare, or else the lowest."""
    return _SNARE if _SNARE in keys else min(keys)


@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument of the catalogue.

    ``program`` is its General MIDI program. ``max_seconds`` is the maximum length of a tone; an instrument that
    ``is_crossfaded`` plays longer notes as a crossfaded sequence of tones (a new bow or breath). ``release`` is in
    seconds to -60 dB; ``low_cut`` is the low cut of the channel in hertz. ``round_robin`` is the number of alternating
    tones per pitch.
    """

    key: str
    name: str
    program: int
    tone: ToneGenerator
    lowest_pitch: int
    highest_pitch: int
    max_seconds: float
    release: float
    low_cut: float
    round_robin: int = 1
    velocity_exponent: float = 1.3
    is_crossfaded: bool = False
    is_kit: bool = False
    kit_keys: frozenset[int] = frozenset()
    """The General MIDI keys of the drums of a kit."""
    slur: SlurGenerator | None = None
    """Plays several notes in one breath or bow, if the instrument can."""

    def sounding_pitch(self, pitch: int) -> int:
        """Return the pitch that sounds for a written one: in the instrument's range, or a drum of the kit."""
        if self.is_kit:
            return pitch if pitch in self.kit_keys else fallback_key(self.kit_keys)
        while pitch > self.highest_pitch:
            pitch -= 12
        while pitch < self.lowest_pitch:
            pitch += 12
        return pitch
