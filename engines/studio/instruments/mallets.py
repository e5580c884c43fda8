"""Struck bars and bells, by their modes."""

import numpy as np

from engines.studio.dsp.arrays import Wave
from engines.studio.instruments.instrument import Instrument, Tone
from engines.studio.instruments.oscillators import decay, fade_in, frames_of, hertz, noise, ring


def bar(ratios: tuple[float, ...], levels: tuple[float, ...], seconds_at_c4: float, mallet: float) -> Tone:
    """A struck bar: mode ratios and levels, how long C4 rings (seconds to -60 dB), and how hard the mallet is."""
    modes, strengths = np.array(ratios), np.array(levels)

    def tone(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
        frames = frames_of(seconds)
        hardness = mallet * (0.4 + 0.9 * velocity)
        gains = strengths * np.where(modes > 1.0, hardness, 1.0)
        falls = seconds_at_c4 * 2 ** (-(pitch - 60) / 24.0) / modes**0.6
        sound = ring(hertz(pitch) * modes, gains, falls, frames, rng.uniform(0, 0.5, len(modes)))
        tap = noise(frames_of(0.012), rng) * decay(frames_of(0.012), 0.012) * np.float32(0.08 * hardness)
        sound[: len(tap)] += tap[: len(sound)]
        return np.asarray(fade_in(sound * np.float32(0.28), 0.0015)[None])

    return tone


def vibraphone(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
    """A tuned bar (modes 1, 4, 10; Fletcher & Rossing 1998) over a resonator whose fan turns five times a second."""
    sound = bar((1.0, 4.0, 10.1), (1.0, 0.35, 0.12), 6.0, 0.8)(pitch, velocity, seconds, rng)
    axis = np.arange(sound.shape[1], dtype=np.float32) / np.float32(44_100)
    fan = 1 - 0.28 * (0.5 + 0.5 * np.sin(2 * np.pi * 5.2 * axis))
    return np.asarray(sound * fan, dtype=np.float32)


def bowl(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
    """A singing bowl: modes of a bell in pairs that beat slowly (ratios: Terwagne & Bush 2011), softly struck."""
    frames = frames_of(seconds)
    modes = np.array([1.0, 2.72, 5.1, 8.0])
    gains = np.array([1.0, 0.45, 0.2, 0.09]) * np.array([1.0, 0.5 + velocity, 0.3 + velocity, 0.2 + velocity])
    falls = 18.0 * 2 ** (-(pitch - 55) / 24.0) / modes**0.8
    sides = []
    for _ in range(2):
        beats = rng.uniform(0.4, 1.1, 4)
        hz = np.concatenate([hertz(pitch) * modes, hertz(pitch) * modes + beats])
        levels, lengths = np.concatenate([gains, gains * 0.7]), np.concatenate([falls, falls])
        sides.append(fade_in(ring(hz, levels, lengths, frames, rng.uniform(0, 6.28, 8)), 0.012))
    return np.stack(sides) * np.float32(0.16)


MALLETS = (
    Instrument("singing_bowl", "Singing bowl", 14, bowl, 43, 84, longest=12.0, release=3.0, cut=90.0),
    Instrument(
        "handpan",
        "Handpan",
        114,
        bar((1.0, 2.0, 3.0, 4.6), (1.0, 0.5, 0.28, 0.06), 3.2, 0.9),
        45,
        84,
        longest=3.0,
        release=0.6,
        takes=2,
        cut=90.0,
    ),
    Instrument("vibraphone", "Vibraphone", 11, vibraphone, 48, 96, longest=5.0, release=0.5, cut=150.0),
    Instrument(
        "marimba",
        "Marimba",
        12,
        bar((1.0, 3.93, 9.5), (1.0, 0.3, 0.1), 1.6, 0.7),
        40,
        96,
        longest=2.0,
        release=0.5,
        cut=110.0,
    ),
    Instrument(
        "glockenspiel",
        "Glockenspiel",
        9,
        bar((1.0, 2.76, 5.4, 8.93), (1.0, 0.55, 0.3, 0.12), 3.5, 1.0),
        67,
        103,
        longest=3.0,
        release=0.8,
        cut=300.0,
    ),
    Instrument(
        "bells",
        "Glass bells",
        98,
        bar((0.5, 1.0, 1.19, 1.5, 2.0, 2.51, 3.01), (0.25, 1.0, 0.35, 0.2, 0.5, 0.25, 0.2), 7.0, 0.8),
        55,
        100,
        longest=6.0,
        release=1.5,
        cut=200.0,
    ),
    Instrument(
        "kalimba", "Kalimba", 108, bar((1.0, 5.4, 13.1), (1.0, 0.22, 0.08), 2.4, 0.9), 52, 96, longest=2.5, cut=140.0
    ),
)
