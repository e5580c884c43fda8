"""Orchestral instruments and voices: subtractive patches, formant synthesis and timpani."""

from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np

from engines.studio.dsp.arrays import Mono, Wave
from engines.studio.instruments.bodies import HOLLOW
from engines.studio.instruments.instrument import Instrument
from engines.studio.instruments.oscillators import (
    bend_pitch,
    damped_modes,
    decay,
    envelope,
    fade_in,
    interpolate_breakpoints,
    pitch_to_hz,
    to_frames,
    vibrato,
    white_noise,
)
from engines.studio.instruments.plucked import PluckedString
from engines.studio.instruments.synths import Patch

STRINGS = Patch(shape="bow", voices=4, detune=22, attack=0.28, sustain=1.0, peak_hz=4200, floor_hz=2400,
                filter_decay=4.0, filter_attack=0.8, vibrato=(5.3, 9.0, 0.15), swell=(0.6, 1.1))  # fmt: skip
STACCATO = Patch(shape="bow", voices=4, detune=16, attack=0.03, decay=0.9, sustain=0.1, peak_hz=5200, floor_hz=1400)
BRASS = Patch(shape="brass", voices=3, detune=12, attack=0.06, sustain=0.85, peak_hz=4800, floor_hz=1500,
              filter_decay=1.5, filter_attack=0.12, swell=(0.75, 0.5))  # fmt: skip
TRUMPET = Patch(shape="brass", attack=0.035, sustain=0.9, peak_hz=6500, floor_hz=2200, filter_decay=2.0,
                vibrato=(5.4, 12, 0.35), swell=(0.75, 0.45), noise_level=0.006)  # fmt: skip
VIOLIN = Patch(shape="bow", attack=0.07, sustain=1.0, peak_hz=7500, floor_hz=3600, filter_decay=3.0,
               filter_attack=0.15, vibrato=(5.8, 19, 0.3), swell=(0.6, 0.8), noise_level=0.010)  # fmt: skip
CELLO = Patch(shape="bow", attack=0.09, sustain=1.0, peak_hz=5200, floor_hz=2400, filter_decay=3.0,
              filter_attack=0.2, vibrato=(5.1, 15, 0.35), swell=(0.6, 0.9), noise_level=0.008)  # fmt: skip
CLARINET = Patch(shape="square", attack=0.045, sustain=0.95, peak_hz=3000, floor_hz=1400, filter_decay=3.0,
                 vibrato=(4.8, 4, 0.5), swell=(0.7, 0.5), noise_level=0.012)  # fmt: skip
HARMONICA = Patch(shape="reed", voices=2, detune=7, attack=0.03, sustain=0.9, peak_hz=6500, floor_hz=3000,
                  filter_decay=1.5, vibrato=(5.6, 9, 0.3), swell=(0.75, 0.4), noise_level=0.03)  # fmt: skip
ACCORDION = Patch(shape="reed", voices=3, detune=16, attack=0.05, sustain=1.0, peak_hz=5500, floor_hz=3000,
                  filter_decay=2.0, swell=(0.75, 0.7))  # fmt: skip
MELODICA = Patch(shape="reed", attack=0.03, sustain=0.95, peak_hz=4200, floor_hz=2600,
                 vibrato=(5.2, 8, 0.4), noise_level=0.02)  # fmt: skip
HORN = Patch(shape="brass", voices=2, detune=9, attack=0.12, sustain=0.9, peak_hz=1700, floor_hz=900,
             filter_decay=2.5, filter_attack=0.2, vibrato=(4.6, 5, 0.5), swell=(0.7, 0.8))  # fmt: skip
FLUTE = Patch(shape="flute", attack=0.06, sustain=0.9, peak_hz=5000, floor_hz=3500,
              vibrato=(5.1, 13.0, 0.25), noise_level=0.035, gain=0.22, swell=(0.75, 0.5))  # fmt: skip
REED = Patch(shape="reed", attack=0.045, sustain=0.9, peak_hz=3600, floor_hz=1900, vibrato=(4.9, 11.0, 0.3),
             noise_level=0.02, swell=(0.75, 0.4))  # fmt: skip

PIZZICATO = PluckedString(length=1.9, bright=0.5, pluck=0.27, damping=0.9, knock=0.35, body=HOLLOW, residue=-30.0)

AH: Final = ((600.0, 90.0, 1.0), (1040.0, 110.0, 0.5), (2250.0, 150.0, 0.22), (3300.0, 220.0, 0.1))
"""Formants of a sung "ah" (hertz, bandwidth, level), rounded from Peterson & Barney 1952."""
OO: Final = ((350.0, 80.0, 1.0), (760.0, 100.0, 0.3), (2400.0, 160.0, 0.05), (3300.0, 220.0, 0.03))
"""Formants of a sung "oo"."""


def sung_vowel(
    vowel: Sequence[tuple[float, float, float]], pitch: int, velocity: float, seconds: float, rng: np.random.Generator
) -> Wave:
    """Voices on a vowel: harmonics weighted by formants, with slightly detuned singers in both channels."""
    frames = to_frames(seconds)
    n = np.arange(1, 1 + min(30, int(5000 / pitch_to_hz(pitch))))
    hz = pitch_to_hz(pitch) * n
    gains = sum(level / (1 + ((hz - centre) / width) ** 2) for centre, width, level in vowel) + 0.02
    gains = gains / n ** (1.0 - 0.5 * velocity)
    sides = [_singers(hz, gains, frames, rng) for _ in range(2)]
    air = white_noise(frames, rng) * np.float32(0.004)
    swell = interpolate_breakpoints(frames, (0.0, 1.3, 3.0, 5.5, 8.0), (0.7, 1.0, 0.88, 0.98, 0.85))
    shape = envelope(frames, 0.35, 1.0, 1.0) * swell * np.float32(0.25)
    return np.asarray((np.stack(sides) + air) * shape, dtype=np.float32)


def _singers(hz: np.ndarray, gains: np.ndarray, frames: int, rng: np.random.Generator) -> Mono:
    tunings = 2 ** (rng.normal(0, 7.0, 3) / 1200)
    many = np.concatenate([hz * tuning for tuning in tunings])
    still = damped_modes(many, np.tile(gains, 3) / 3, 900.0, frames, rng.uniform(0, 6.28, len(many)))
    rate, depth, phase = rng.uniform(4.9, 5.7), rng.uniform(13.0, 19.0), rng.random()
    return bend_pitch(still, vibrato(frames, float(rate), float(depth), 0.35, float(phase)))


def timpani(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
    """The near-harmonic modes of a loaded membrane, 1 : 1.5 : 1.98 : 2.44 (Fletcher & Rossing 1998)."""
    frames = to_frames(seconds)
    modes = np.array([1.0, 1.504, 1.742, 1.98, 2.44, 2.91])
    gains = np.array([1.0, 0.7, 0.2, 0.45, 0.3, 0.18]) * np.array([1.0] + [0.4 + velocity] * 5)
    sound = damped_modes(pitch_to_hz(pitch) * modes, gains, 2.6 / modes, frames, rng.uniform(0, 0.4, 6))
    tap = white_noise(to_frames(0.04), rng) * decay(to_frames(0.04), 0.03) * np.float32(0.2 * velocity)
    sound[: len(tap)] += tap[: len(sound)]
    return fade_in(sound * np.float32(0.3), 0.002)[None]


ORCHESTRA = (
    # key, name, program, tone, lowest and highest pitch, maximum seconds, release, low cut
    Instrument("strings", "String section", 48, STRINGS, 36, 96, 8.0, 0.7, 90.0, is_crossfaded=True),
    Instrument("staccato_strings", "Short strings", 48, STACCATO, 36, 96, 1.2, 0.3, 100.0, round_robin=2),
    Instrument("pizzicato", "Pizzicato strings", 45, PIZZICATO, 36, 96, 1.5, 0.3, 100.0, round_robin=2),
    Instrument("brass", "Brass section", 61, BRASS, 40, 88, 5.0, 0.2, 110.0),
    Instrument("horn", "French horns", 60, HORN, 36, 84, 6.0, 0.35, 90.0),
    Instrument("flute", "Flute", 73, FLUTE, 60, 98, 4.0, 0.15, 220.0),
    Instrument("sax", "Tenor reed", 66, REED, 44, 86, 4.0, 0.12, 140.0),
    Instrument("choir", "Choir", 52, partial(sung_vowel, AH), 43, 86, 8.0, 0.9, 140.0, is_crossfaded=True),
    Instrument("humming", "Humming voices", 53, partial(sung_vowel, OO), 43, 86, 8.0, 0.8, 140.0, is_crossfaded=True),
    Instrument("trumpet", "Trumpet", 56, TRUMPET, 52, 90, 4.0, 0.15, 160.0),
    Instrument("violin", "Violin", 40, VIOLIN, 55, 98, 6.0, 0.3, 180.0, round_robin=2, is_crossfaded=True),
    Instrument("viola", "Viola", 41, CELLO, 48, 88, 6.0, 0.35, 120.0, round_robin=2, is_crossfaded=True),
    Instrument("cello", "Cello", 42, CELLO, 36, 76, 6.0, 0.4, 55.0, round_robin=2, is_crossfaded=True),
    Instrument("clarinet", "Clarinet", 71, CLARINET, 50, 91, 4.0, 0.15, 140.0),
    Instrument("harmonica", "Harmonica", 22, HARMONICA, 55, 91, 3.0, 0.12, 220.0),
    Instrument("accordion", "Accordion", 21, ACCORDION, 48, 91, 5.0, 0.15, 150.0, is_crossfaded=True),
    Instrument("melodica", "Melodica", 22, MELODICA, 53, 89, 3.0, 0.12, 220.0),
    Instrument("timpani", "Timpani", 47, timpani, 36, 60, 3.0, 1.5, 40.0, round_robin=2),
)
