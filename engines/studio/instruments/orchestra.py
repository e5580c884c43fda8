"""Bowed, blown and sung: ensembles of swept oscillators with vibrato, breath and formants."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from engines.studio.dsp.arrays import Wave
from engines.studio.instruments.instrument import Instrument
from engines.studio.instruments.oscillators import (
    curve,
    decay,
    envelope,
    fade_in,
    frames_of,
    hertz,
    noise,
    ring,
    vibrato,
    wavering,
)
from engines.studio.instruments.plucked import string
from engines.studio.instruments.synths import Patch, subtractive

STRINGS = Patch(
    shape="bow",
    voices=4,
    detune=22,
    attack=0.28,
    sustain=1.0,
    open=4200,
    close=2400,
    closing=4.0,
    opening=0.8,
    wobble=(5.3, 9.0, 0.15),
    swell=(0.6, 1.1),
)
STACCATO = Patch(shape="bow", voices=4, detune=16, attack=0.03, fall=0.9, sustain=0.1, open=5200, close=1400)
BRASS = Patch(
    shape="brass",
    voices=3,
    detune=12,
    attack=0.06,
    sustain=0.85,
    open=4800,
    close=1500,
    closing=1.5,
    opening=0.12,
    swell=(0.75, 0.5),
)
TRUMPET = Patch(
    shape="brass", attack=0.035, sustain=0.9, open=6500, close=2200, closing=2.0, wobble=(5.4, 12, 0.35),
    swell=(0.75, 0.45), breath=0.006,
)  # fmt: skip
VIOLIN = Patch(
    shape="bow", attack=0.07, sustain=1.0, open=7500, close=3600, closing=3.0, opening=0.15, wobble=(5.8, 19, 0.3),
    swell=(0.6, 0.8), breath=0.010,
)  # fmt: skip
CELLO = Patch(
    shape="bow", attack=0.09, sustain=1.0, open=5200, close=2400, closing=3.0, opening=0.2, wobble=(5.1, 15, 0.35),
    swell=(0.6, 0.9), breath=0.008,
)  # fmt: skip
CLARINET = Patch(
    shape="square", attack=0.045, sustain=0.95, open=3000, close=1400, closing=3.0, wobble=(4.8, 4, 0.5),
    swell=(0.7, 0.5), breath=0.012,
)  # fmt: skip
HARMONICA = Patch(
    shape="reed", voices=2, detune=7, attack=0.03, sustain=0.9, open=6500, close=3000, closing=1.5,
    wobble=(5.6, 9, 0.3), swell=(0.75, 0.4), breath=0.03,
)  # fmt: skip
ACCORDION = Patch(
    shape="reed", voices=3, detune=16, attack=0.05, sustain=1.0, open=5500, close=3000, closing=2.0, swell=(0.75, 0.7)
)
MELODICA = Patch(shape="reed", attack=0.03, sustain=0.95, open=4200, close=2600, wobble=(5.2, 8, 0.4), breath=0.02)
HORN = Patch(
    shape="brass",
    voices=2,
    detune=9,
    attack=0.12,
    sustain=0.9,
    open=1700,
    close=900,
    closing=2.5,
    opening=0.2,
    wobble=(4.6, 5, 0.5),
    swell=(0.7, 0.8),
)
FLUTE = Patch(
    shape="flute",
    attack=0.06,
    sustain=0.9,
    open=5000,
    close=3500,
    wobble=(5.1, 13.0, 0.25),
    breath=0.035,
    gain=0.22,
    swell=(0.75, 0.5),
)
REED = Patch(shape="reed", attack=0.045, sustain=0.9, open=3600, close=1900, wobble=(4.9, 11.0, 0.3), breath=0.02,
             swell=(0.75, 0.4))  # fmt: skip

PIZZICATO = string(length=1.3, bright=0.5, pluck=0.3, damping=2.0, knock=0.1)

VOWEL: Final = ((600.0, 90.0, 1.0), (1040.0, 110.0, 0.5), (2250.0, 150.0, 0.22), (3300.0, 220.0, 0.1))
"""Formants of a sung "ah" (hertz, bandwidth, level), rounded from Peterson & Barney 1952."""


ROUND: Final = ((350.0, 80.0, 1.0), (760.0, 100.0, 0.3), (2400.0, 160.0, 0.05), (3300.0, 220.0, 0.03))
"""The same for a sung "oo"."""


def choir(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
    """Voices on "ah": harmonics weighed by formants, each singer a little out of tune, left and right."""
    return _sung(VOWEL, pitch, velocity, seconds, rng)


def humming(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
    """Voices on "oo"."""
    return _sung(ROUND, pitch, velocity, seconds, rng)


def _sung(
    vowel: Sequence[tuple[float, float, float]], pitch: int, velocity: float, seconds: float, rng: np.random.Generator
) -> Wave:
    frames = frames_of(seconds)
    n = np.arange(1, 1 + min(30, int(5000 / hertz(pitch))))
    hz = hertz(pitch) * n
    gains = sum(level / (1 + ((hz - centre) / width) ** 2) for centre, width, level in vowel) + 0.02
    gains = gains / n ** (1.0 - 0.5 * velocity)
    sides = [_singers(hz, gains, frames, rng) for _ in range(2)]
    air = noise(frames, rng) * np.float32(0.004)
    swell = curve(frames, (0.0, 1.3, 3.0, 5.5, 8.0), (0.7, 1.0, 0.88, 0.98, 0.85))
    shape = envelope(frames, 0.35, 1.0, 1.0) * swell * np.float32(0.25)
    return np.asarray((np.stack(sides) + air) * shape, dtype=np.float32)


def _singers(hz: Sequence[float] | np.ndarray, gains: np.ndarray, frames: int, rng: np.random.Generator) -> np.ndarray:
    tunings = 2 ** (rng.normal(0, 7.0, 3) / 1200)
    many = np.concatenate([np.asarray(hz) * tuning for tuning in tunings])
    still = ring(many, np.tile(gains, 3) / 3, 900.0, frames, rng.uniform(0, 6.28, len(many)))
    rate, depth, phase = rng.uniform(4.9, 5.7), rng.uniform(13.0, 19.0), rng.random()
    return wavering(still, vibrato(frames, float(rate), float(depth), 0.35, float(phase)))


def timpani(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
    """A kettle: the near-harmonic modes of a loaded membrane, 1 : 1.5 : 1.98 : 2.44 (Fletcher & Rossing 1998)."""
    frames = frames_of(seconds)
    modes = np.array([1.0, 1.504, 1.742, 1.98, 2.44, 2.91])
    gains = np.array([1.0, 0.7, 0.2, 0.45, 0.3, 0.18]) * np.array([1.0] + [0.4 + velocity] * 5)
    sound = ring(hertz(pitch) * modes, gains, 2.6 / modes, frames, rng.uniform(0, 0.4, 6))
    tap = noise(frames_of(0.04), rng) * decay(frames_of(0.04), 0.03) * np.float32(0.2 * velocity)
    sound[: len(tap)] += tap[: len(sound)]
    return fade_in(sound * np.float32(0.3), 0.002)[None]


ORCHESTRA = (
    Instrument(
        "strings", "String section", 48, subtractive(STRINGS), 36, 96, longest=8.0, release=0.7, cut=90.0, renews=True
    ),
    Instrument("staccato_strings", "Short strings", 48, subtractive(STACCATO), 36, 96, longest=1.2, takes=2, cut=100.0),
    Instrument("pizzicato", "Pizzicato strings", 45, PIZZICATO, 36, 96, longest=1.5, release=0.3, takes=2, cut=100.0),
    Instrument("brass", "Brass section", 61, subtractive(BRASS), 40, 88, longest=5.0, release=0.2, cut=110.0),
    Instrument("horn", "French horns", 60, subtractive(HORN), 36, 84, longest=6.0, release=0.35, cut=90.0),
    Instrument("flute", "Flute", 73, subtractive(FLUTE), 60, 98, longest=4.0, release=0.15, cut=220.0),
    Instrument("sax", "Tenor reed", 66, subtractive(REED), 44, 86, longest=4.0, release=0.12, cut=140.0),
    Instrument("choir", "Choir", 52, choir, 43, 86, longest=8.0, release=0.9, cut=140.0, renews=True),
    Instrument("humming", "Humming voices", 53, humming, 43, 86, longest=8.0, release=0.8, cut=140.0, renews=True),
    Instrument("trumpet", "Trumpet", 56, subtractive(TRUMPET), 52, 90, longest=4.0, release=0.15, cut=160.0),
    Instrument(
        "violin", "Violin", 40, subtractive(VIOLIN), 55, 98, longest=6.0, release=0.3, takes=2, cut=180.0, renews=True
    ),
    Instrument(
        "viola", "Viola", 41, subtractive(CELLO), 48, 88, longest=6.0, release=0.35, takes=2, cut=120.0, renews=True
    ),
    Instrument(
        "cello", "Cello", 42, subtractive(CELLO), 36, 76, longest=6.0, release=0.4, takes=2, cut=55.0, renews=True
    ),
    Instrument("clarinet", "Clarinet", 71, subtractive(CLARINET), 50, 91, longest=4.0, release=0.15, cut=140.0),
    Instrument("harmonica", "Harmonica", 22, subtractive(HARMONICA), 55, 91, longest=3.0, release=0.12, cut=220.0),
    Instrument(
        "accordion", "Accordion", 21, subtractive(ACCORDION), 48, 91, longest=5.0, release=0.15, cut=150.0, renews=True
    ),
    Instrument("melodica", "Melodica", 22, subtractive(MELODICA), 53, 89, longest=3.0, release=0.12, cut=220.0),
    Instrument("timpani", "Timpani", 47, timpani, 36, 60, longest=3.0, release=1.5, takes=2, cut=40.0),
)
