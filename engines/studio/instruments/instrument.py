"""What an instrument is: a way to make a tone, its range, how it lets go and its General MIDI program."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engines.studio.dsp.arrays import Wave

ToneGenerator = Callable[[int, float, float, np.random.Generator], Wave]
"""Makes one tone: MIDI pitch, velocity 0 to 1 (timbre, not level), seconds it is held, and a die.

Gives (channels, frames), loud at about -20 dB RMS, still sounding after those seconds if the instrument sustains.
"""


@dataclass(frozen=True, slots=True)
class Instrument:
    """A sound source of the catalogue.

    ``longest`` is the most seconds a tone is made for; ``release`` seconds to -60 dB once a key is let go;
    ``renews`` means that a player takes a new bow or breath for what lasts longer, and nobody hears a gap;
    ``takes`` how many different tones it alternates between for one key; ``cut`` the low cut of its channel in hertz.
    """

    key: str
    name: str
    program: int
    tone: ToneGenerator
    lowest_pitch: int = 24
    highest_pitch: int = 100
    max_seconds: float = 6.0
    release: float = 0.3
    round_robin: int = 1
    low_cut: float = 120.0
    velocity_exponent: float = 1.3
    is_crossfaded: bool = False
    is_kit: bool = False
