"""Plucked strings: the modes of the Karplus-Strong string (1983) as damped sinusoids, in tune at all pitches."""

import numpy as np

from engines.studio.dsp.arrays import Wave
from engines.studio.instruments.instrument import Instrument, ToneGenerator
from engines.studio.instruments.oscillators import damped_modes, decay, fade_in, pitch_to_hz, to_frames, white_noise


def plucked_string(*, length: float, bright: float, pluck: float, damping: float, knock: float) -> ToneGenerator:
    """A plucked string.

    ``length`` is in seconds to -60 dB at E2; ``pluck`` is the plucking position on the string (0 to 0.5); ``damping``
    is how much faster high modes decay (the averaging in the loop of Karplus & Strong loses -log cos(πf/fs) per
    cycle); ``knock`` is the level of the finger and the body.
    """

    def tone(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
        frames = to_frames(seconds)
        base = pitch_to_hz(pitch)
        n = np.arange(1, 1 + max(4, min(48, int(10_000 / base))))
        roll = 0.9 + (1.0 - velocity) * 0.7 + (1.0 - bright)
        gains = np.abs(np.sin(np.pi * n * (pluck + rng.uniform(-0.01, 0.01)))) / n**roll
        falls = length * 2 ** (-(pitch - 40) / 20.0) / (1.0 + damping * (n * base / 1000.0) ** 1.4)
        hz = base * n * np.sqrt(1 + 2e-5 * n**2)
        sound = damped_modes(hz, gains, falls, frames, rng.uniform(-0.3, 0.3, len(n)))
        tap = white_noise(to_frames(0.03), rng) * decay(to_frames(0.03), 0.02) * np.float32(knock * (0.3 + velocity))
        tap = np.convolve(tap, np.ones(12, dtype=np.float32) / 12, mode="same").astype(np.float32)
        sound[: len(tap)] += tap[: len(sound)]
        return fade_in(sound * np.float32(0.3), 0.0012)[None]

    return tone


nylon_guitar = plucked_string(length=4.5, bright=0.45, pluck=0.22, damping=1.6, knock=0.12)
steel_guitar = plucked_string(length=6.5, bright=0.95, pluck=0.17, damping=0.7, knock=0.1)
clean_guitar = plucked_string(length=6.0, bright=0.7, pluck=0.26, damping=0.9, knock=0.04)
upright_bass = plucked_string(length=2.8, bright=0.3, pluck=0.3, damping=2.6, knock=0.25)
fingered_bass = plucked_string(length=4.5, bright=0.4, pluck=0.24, damping=1.7, knock=0.08)
slap_bass = plucked_string(length=3.5, bright=0.7, pluck=0.14, damping=1.3, knock=0.35)
harp = plucked_string(length=5.0, bright=0.55, pluck=0.4, damping=1.0, knock=0.04)
muted_guitar = plucked_string(length=0.7, bright=0.7, pluck=0.2, damping=1.6, knock=0.15)
banjo = plucked_string(length=1.5, bright=1.0, pluck=0.1, damping=0.8, knock=0.3)
palm_muted_guitar = plucked_string(length=0.9, bright=0.9, pluck=0.14, damping=2.6, knock=0.3)

PLUCKED = (
    # key, name, program, tone, lowest and highest pitch, maximum seconds, release, low cut
    Instrument("nylon_guitar", "Nylon guitar", 24, nylon_guitar, 40, 88, 4.0, 0.2, 90.0, round_robin=2),
    Instrument("steel_guitar", "Steel-string guitar", 25, steel_guitar, 40, 88, 4.5, 0.25, 100.0, round_robin=2),
    Instrument("electric_guitar", "Electric guitar", 27, clean_guitar, 40, 90, 4.5, 0.2, 110.0, round_robin=2),
    Instrument("muted_guitar", "Muted guitar", 28, muted_guitar, 40, 90, 0.8, 0.1, 130.0, round_robin=3),
    Instrument("driven_guitar", "Overdriven guitar", 30, clean_guitar, 36, 90, 6.0, 0.12, 90.0, round_robin=2),
    Instrument("palm_mute", "Palm-muted guitar", 30, palm_muted_guitar, 33, 76, 0.7, 0.05, 70.0, round_robin=4),
    Instrument("banjo", "Banjo", 105, banjo, 48, 90, 1.5, 0.15, 180.0, round_robin=2),
    Instrument("picked_bass", "Picked bass", 34, steel_guitar, 26, 62, 3.0, 0.08, 32.0, round_robin=3),
    Instrument("upright_bass", "Upright bass", 32, upright_bass, 26, 60, 2.5, 0.18, 32.0, round_robin=3),
    Instrument("electric_bass", "Electric bass", 33, fingered_bass, 26, 62, 3.5, 0.12, 32.0, round_robin=2),
    Instrument("slap_bass", "Slap bass", 36, slap_bass, 26, 62, 2.5, 0.08, 32.0, round_robin=2),
    Instrument("harp", "Harp", 46, harp, 36, 96, 4.5, 0.8, 90.0),
)
