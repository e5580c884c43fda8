"""Instruments: a tone generator with its range, release and General MIDI program."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engines.studio.dsp.arrays import Wave

ToneGenerator = Callable[[int, float, float, np.random.Generator], Wave]
"""Generates a tone from a MIDI pitch, a velocity from 0 to 1 (timbre, not level), seconds and a random generator.

Returns shape (channels, frames) at about -20 dB RMS. If the instrument sustains, the tone lasts to the end.
"""


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
