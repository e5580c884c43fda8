"""Unpitched textures: record crackle, wind, risers and impacts."""

import numpy as np

from engines.studio.dsp import filters
from engines.studio.dsp.arrays import Wave
from engines.studio.instruments.drums import band_noise, noise_decay
from engines.studio.instruments.instrument import Instrument
from engines.studio.instruments.oscillators import damped_modes, interpolate_breakpoints, to_frames, white_noise


def vinyl(_pitch: int, _velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
    """The surface noise of a record: sparse clicks of random sizes and a soft hiss, in stereo."""
    frames = to_frames(seconds)
    clicks = np.zeros((2, frames), dtype=np.float32)
    count = max(1, int(seconds * 9))
    positions = rng.integers(0, frames, count)
    sizes = rng.pareto(2.2, count).clip(0.05, 1.6) * rng.choice((-1.0, 1.0), count)
    np.add.at(clicks, (rng.integers(0, 2, count), positions), (sizes * 0.5).astype(np.float32))
    surface, _ = filters.sosfilt(filters.butter_bandpass(1, 700.0, 7500.0).astype(np.float32), clicks)
    floor = np.stack([white_noise(frames, rng), white_noise(frames, rng)]) * np.float32(0.006)
    return np.asarray(surface + floor, dtype=np.float32) * np.float32(0.8)


def wind(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
    """Bands of noise around a pitch with independent swells, in stereo."""
    frames = to_frames(seconds)
    centre = 220.0 * 2 ** ((pitch - 57) / 12.0)
    sides = []
    for _ in range(2):
        low = band_noise(seconds, centre, centre * 2.2, rng)[:frames]
        high = band_noise(seconds, centre * 6, centre * 14, rng)[:frames] * np.float32(0.15 + 0.2 * velocity)
        points = np.linspace(0, seconds, 7)
        swells = [interpolate_breakpoints(frames, points, levels) for levels in (rng.uniform(0.3, 1, 7), rng.random(7))]
        sides.append(low * swells[0] + high * swells[1])
    fade = interpolate_breakpoints(frames, (0.0, min(2.0, seconds / 3)), (0.0, 1.0))
    return np.asarray(np.stack(sides) * (fade * np.float32(0.1)), dtype=np.float32)


def riser(_pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
    """Noise with a rising cutoff and level, in stereo."""
    frames = to_frames(seconds)
    bands = [(300.0, 900.0), (800.0, 2400.0), (2000.0, 6000.0), (5000.0, 15_000.0)]
    sides = []
    for _ in range(2):
        sound = np.zeros(frames, dtype=np.float32)
        for index, (low, high) in enumerate(bands):
            peak = seconds * (index + 1) / len(bands)
            swell = interpolate_breakpoints(frames, (0.0, peak * 0.4, peak, seconds), (0.0, 0.1, 1.0, 0.6))
            sound += band_noise(seconds, low, high, rng)[:frames] * swell * np.float32((0.5 + velocity) ** (index / 2))
        sides.append(sound * np.square(interpolate_breakpoints(frames, (0.0, seconds), (0.05, 1.0))))
    return np.asarray(np.stack(sides) * np.float32(0.05 + 0.06 * velocity), dtype=np.float32)


def impact(_pitch: int, velocity: float, _seconds: float, rng: np.random.Generator) -> Wave:
    """A deep hit with a dark tail, in stereo."""
    frames = to_frames(2.8)
    low = damped_modes((38.0, 57.0, 83.0, 121.0), (1.0, 0.5, 0.3, 0.2), (2.6, 1.6, 1.0, 0.5), frames, 0.4)
    tail = [noise_decay(2.8, 90, 900 + 1200 * velocity, 1.8, rng) for _ in range(2)]
    return np.asarray((low + np.stack(tail) * np.float32(0.16)) * np.float32(0.4), dtype=np.float32)


TEXTURES = (
    # key, name, program, tone, lowest and highest pitch, maximum seconds, release, low cut
    Instrument("vinyl", "Record crackle", 122, vinyl, 0, 127, 11.0, 0.3, 60.0, round_robin=6),
    Instrument("air", "Wind", 122, wind, 24, 96, 12.0, 2.0, 160.0, round_robin=3),
    Instrument("riser", "Riser", 119, riser, 0, 127, 8.0, 0.15, 200.0),
    Instrument("impact", "Impact", 127, impact, 0, 127, 3.0, 3.0, 28.0, round_robin=2),
)
