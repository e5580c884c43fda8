"""Unpitched textures: record crackle, wind, rain, risers and impacts."""

import numpy as np

from engines.port import SAMPLE_RATE
from engines.studio.dsp import filters
from engines.studio.dsp.arrays import Mono, Wave
from engines.studio.instruments.drums import band_noise, noise_decay
from engines.studio.instruments.instrument import Instrument
from engines.studio.instruments.noise import coloured_noise
from engines.studio.instruments.oscillators import (
    damped_modes,
    decay,
    interpolate_breakpoints,
    to_frames,
    white_noise,
)


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
    fade = interpolate_breakpoints(frames, (0.0, min(2.0, seconds / 3)), (0.0, 1.0)) * np.float32(0.1)
    sound = np.empty((2, frames), dtype=np.float32)
    for side in sound:
        low = band_noise(seconds, centre, centre * 2.2, rng)
        high = band_noise(seconds, centre * 6, centre * 14, rng)
        points = np.linspace(0, seconds, 7)
        low *= interpolate_breakpoints(frames, points, rng.uniform(0.3, 1, 7))
        high *= interpolate_breakpoints(frames, points, (0.15 + 0.2 * velocity) * rng.random(7))
        low += high
        np.multiply(low, fade, out=side)
    return sound


def rain(_pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
    """Drops over the hiss of distant ones, in stereo; more and brighter drops at a higher velocity.

    A drop is a short tap, and if near a bubble: a damped sine whose pitch rises (van den Doel 2005, "Physically based
    models for liquid sounds").
    """
    frames = to_frames(seconds)
    brightness = 2500.0 + 5500.0 * velocity
    swell = interpolate_breakpoints(frames, np.linspace(0, seconds, 9), rng.uniform(0.7, 1.0, 9))
    hiss = [coloured_noise(frames, 450.0, brightness, rng, slope=-2.5) for _ in range(2)]
    sound = np.stack(hiss) * (swell * np.float32(0.045))
    taps = [_tap(float(rng.uniform(0.6, 1.6)) * brightness, rng) for _ in range(16)]
    bubbles = [_bubble(600.0 * 4 ** float(rng.random()), rng) for _ in range(16)]
    for drops, per_second, level in ((taps, 60.0 + 180.0 * velocity, 0.16), (bubbles, 5.0 + 12.0 * velocity, 0.09)):
        count = max(1, round(seconds * per_second))
        starts, kinds = rng.integers(0, frames, count), rng.integers(0, len(drops), count)
        sizes, sides = level * rng.pareto(2.5, count).clip(0.05, 2.5), rng.uniform(0.1, np.pi / 2 - 0.1, count)
        gains = (sizes * np.stack([np.cos(sides), np.sin(sides)])).astype(np.float32)
        for start, kind, gain in zip(starts.tolist(), kinds.tolist(), gains.T, strict=True):
            target = sound[:, start : start + len(drops[kind])]
            target += gain[:, None] * drops[kind][: target.shape[1]]
    fade = interpolate_breakpoints(frames, (0.0, min(1.5, seconds / 3)), (0.0, 1.0))
    return np.asarray(sound * (fade * np.float32(2.0)), dtype=np.float32)


def _tap(hertz: float, rng: np.random.Generator) -> Mono:
    """Return the impact of a drop: a few milliseconds of noise around a frequency."""
    length = float(rng.uniform(0.003, 0.009))
    return noise_decay(0.012, 0.6 * hertz, min(16_000.0, 1.7 * hertz), length, rng)


def _bubble(hertz: float, rng: np.random.Generator) -> Mono:
    """Return a bubble under the surface: it rings for some hundredths of a second and rises by up to a third."""
    length = float(rng.uniform(0.015, 0.05))
    seconds = np.arange(to_frames(length)) / SAMPLE_RATE
    phase = 2 * np.pi * hertz * seconds * (1 + float(rng.uniform(0.02, 0.15)) * seconds / length)
    return np.asarray(np.sin(phase) * decay(len(seconds), length), dtype=np.float32)


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
    Instrument("rainfall", "Rain", 122, rain, 0, 127, 12.0, 2.0, 150.0, round_robin=3),
    Instrument("riser", "Riser", 119, riser, 0, 127, 8.0, 0.15, 200.0),
    Instrument("impact", "Impact", 127, impact, 0, 127, 3.0, 3.0, 28.0, round_robin=2),
)
