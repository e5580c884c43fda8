"""Sounds without a pitch: record crackle, air, risers and impacts. They colour a track and make it breathe."""

import numpy as np

from engines.studio.dsp import filters
from engines.studio.dsp.arrays import Wave
from engines.studio.instruments.drums import hiss
from engines.studio.instruments.instrument import Instrument
from engines.studio.instruments.oscillators import curve, decay, frames_of, noise, ring


def vinyl(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
    """A record's surface: sparse clicks of all sizes, a soft hiss and a little rumble, two channels."""
    del pitch, velocity
    frames = frames_of(seconds)
    clicks = np.zeros((2, frames), dtype=np.float32)
    count = max(1, int(seconds * 9))
    places = rng.integers(0, frames, count)
    sizes = rng.pareto(2.2, count).clip(0.05, 1.6) * rng.choice((-1.0, 1.0), count)
    np.add.at(clicks, (rng.integers(0, 2, count), places), (sizes * 0.5).astype(np.float32))
    surface, _ = filters.sosfilt(filters.butter_bandpass(1, 700.0, 7500.0).astype(np.float32), clicks)
    floor = np.stack([noise(frames, rng), noise(frames, rng)]) * np.float32(0.006)
    return np.asarray(surface + floor, dtype=np.float32) * np.float32(0.8)


def air(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
    """Wind around a pitch: bands of noise that swell against each other, two channels."""
    frames = frames_of(seconds)
    centre = 220.0 * 2 ** ((pitch - 57) / 12.0)
    sides = []
    for _ in range(2):
        low = hiss(seconds, centre, centre * 2.2, rng)[:frames]
        high = hiss(seconds, centre * 6, centre * 14, rng)[:frames] * np.float32(0.15 + 0.2 * velocity)
        points = np.linspace(0, seconds, 7)
        sides.append(low * curve(frames, points, rng.uniform(0.3, 1, 7)) + high * curve(frames, points, rng.random(7)))
    rise = curve(frames, (0.0, min(2.0, seconds / 3)), (0.0, 1.0))
    return np.asarray(np.stack(sides) * (rise * np.float32(0.1)), dtype=np.float32)


def riser(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
    """Noise that opens and grows until the next section, two channels."""
    del pitch
    frames = frames_of(seconds)
    bands = [(300.0, 900.0), (800.0, 2400.0), (2000.0, 6000.0), (5000.0, 15_000.0)]
    sides = []
    for _ in range(2):
        sound = np.zeros(frames, dtype=np.float32)
        for place, (low, high) in enumerate(bands):
            peak = seconds * (place + 1) / len(bands)
            swell = curve(frames, (0.0, peak * 0.4, peak, seconds), (0.0, 0.1, 1.0, 0.6))
            sound += hiss(seconds, low, high, rng)[:frames] * swell * np.float32((0.5 + velocity) ** (place / 2))
        sides.append(sound * np.square(curve(frames, (0.0, seconds), (0.05, 1.0))))
    return np.asarray(np.stack(sides) * np.float32(0.05 + 0.06 * velocity), dtype=np.float32)


def impact(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
    """A deep hit with a dark tail, two channels."""
    del pitch, seconds
    frames = frames_of(2.8)
    low = ring((38.0, 57.0, 83.0, 121.0), (1.0, 0.5, 0.3, 0.2), (2.6, 1.6, 1.0, 0.5), frames, 0.4)
    tail = [hiss(2.8, 90, 900 + 1200 * velocity, rng)[:frames] * decay(frames, 1.8) for _ in range(2)]
    return np.asarray((low + np.stack(tail) * np.float32(0.16)) * np.float32(0.4), dtype=np.float32)


TEXTURES = (
    Instrument("vinyl", "Record crackle", 122, vinyl, 0, 127, longest=11.0, release=0.3, takes=6, cut=60.0),
    Instrument("air", "Wind", 122, air, 24, 96, longest=12.0, release=2.0, takes=3, cut=160.0),
    Instrument("riser", "Riser", 122, riser, 0, 127, longest=8.0, release=0.15, cut=200.0),
    Instrument("impact", "Impact", 127, impact, 0, 127, longest=3.0, release=3.0, takes=2, cut=28.0),
)
