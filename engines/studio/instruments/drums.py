"""Synthesised drums and cymbals: damped modes, sine sweeps and filtered noise, as strokes of shape (frames,)."""

from collections.abc import Callable
from functools import cache
from typing import Concatenate, Final, ParamSpec

import numpy as np
from numpy.random import PCG64, Generator

from engines.port import SAMPLE_RATE
from engines.studio.dsp import filters
from engines.studio.dsp.arrays import Mono
from engines.studio.instruments.oscillators import damped_modes, decay, interpolate_breakpoints, to_frames, white_noise

StrokeGenerator = Callable[[float, Generator], Mono]
"""Generates a stroke from a velocity (0 to 1) and a random generator."""
Settings = ParamSpec("Settings")

TR808_CYMBAL_HZ: Final = np.array([205.3, 304.4, 369.6, 522.7, 540.0, 800.0])
"""The frequencies of the six square oscillators of the TR-808's cymbal circuit (Werner, Abel & Smith 2014)."""
CYMBAL_MODES: Final = Generator(PCG64(27)).uniform(0.0, 1.0, 56)
"""The positions of a cymbal's modes between its lowest and highest frequency, on a logarithmic scale."""


def drum(stroke: Callable[Concatenate[float, Generator, Settings], Mono]) -> Callable[Settings, StrokeGenerator]:
    """Turn a function that generates a stroke into one that returns a stroke generator with fixed settings."""

    def configure(*args: Settings.args, **kwargs: Settings.kwargs) -> StrokeGenerator:
        return lambda velocity, rng: stroke(velocity, rng, *args, **kwargs)

    return configure


@cache
def _noise_filter(low: float, high: float) -> np.ndarray:
    if high >= 20_000:
        return filters.butter(2, low, "highpass").astype(np.float32)
    return filters.butter_bandpass(2, low, high).astype(np.float32)


def band_noise(seconds: float, low: float, high: float, rng: Generator) -> Mono:
    """Return noise between two frequencies with unit RMS, shape (frames,)."""
    sound = white_noise(to_frames(seconds), rng)
    filters.sosfilt_in_place(_noise_filter(low, high), sound[None])
    sound /= np.float32(np.sqrt(np.mean(np.square(sound))) + 1e-9)
    return sound


def noise_decay(seconds: float, low: float, high: float, fall: float, rng: Generator) -> Mono:
    """Return noise between two frequencies that decays by 60 dB in ``fall`` seconds, shape (frames,)."""
    sound = band_noise(seconds, low, high, rng)
    sound *= decay(len(sound), fall)
    return sound


@drum
def kick(
    velocity: float,
    rng: Generator,
    *,
    low: float,
    drop: float,
    fall: float,
    length: float,
    click: float,
    drive: float = 1.0,
) -> Mono:
    """A sine sweep from ``low + drop`` to ``low`` hertz in ``fall`` seconds; ``length`` seconds to -60 dB."""
    frames = to_frames(length)
    sweep = low + drop * (0.6 + 0.4 * velocity) * decay(frames, fall).astype(np.float64)
    body = np.sin(2 * np.pi * np.cumsum(sweep) / SAMPLE_RATE).astype(np.float32) * decay(frames, length)
    snap = noise_decay(0.012, 1500, 9000, 0.010, rng) * np.float32(click * (0.4 + velocity))
    body[: len(snap)] += snap
    return np.asarray(np.tanh(body * np.float32(drive)) / np.float32(np.tanh(drive)), dtype=np.float32)


@drum
def snare(
    velocity: float, rng: Generator, *, tone: float, ring_for: float, wires: float, rattle: float, bright: float
) -> Mono:
    """Shell modes and snare wires: ``rattle`` is the level of their noise, ``wires`` its seconds to -60 dB."""
    seconds = max(wires, ring_for)
    hz = tone * np.array([1.0, 1.62, 2.3]) * (1 + 0.02 * velocity)
    shell = damped_modes(hz, (0.8, 0.5, 0.2), (ring_for, ring_for * 0.7, ring_for * 0.4), to_frames(seconds), 1.2)
    buzz = noise_decay(seconds, 900, bright * (0.7 + 0.3 * velocity), wires, rng)
    tick = noise_decay(0.01, 2500, 12_000, 0.008, rng)
    sound = shell * np.float32(0.6) + buzz * np.float32(rattle * (0.25 + 0.3 * velocity))
    sound[: len(tick)] += tick * np.float32(0.25 * velocity)
    return sound


@drum
def hat(velocity: float, rng: Generator, *, length: float, low: float = 6500.0, metal: float) -> Mono:
    """A hi-hat from high-passed noise and the oscillators of TR808_CYMBAL_HZ: short if closed, long if open."""
    seconds = length * (0.7 + 0.5 * velocity) * float(rng.uniform(0.92, 1.08))
    frames = to_frames(seconds)
    axis = np.arange(frames) * (1.6 / SAMPLE_RATE)
    cycles = TR808_CYMBAL_HZ[:, None] * axis + rng.uniform(0, 6.28, (6, 1)) / (2 * np.pi)
    cycles -= np.floor(cycles)
    squares = 2 * np.count_nonzero(cycles < 0.5, axis=0) - len(cycles)
    clang: Mono = filters.sosfilt(_noise_filter(low, 20_000), squares)[0]
    sound = band_noise(seconds, low, 20_000, rng) * np.float32(1 - metal) + clang * np.float32(metal * 0.8)
    return sound * decay(frames, seconds) * np.float32(0.35)


@drum
def clap(velocity: float, rng: Generator, *, length: float = 0.28, low: float = 900.0, high: float = 5200.0) -> Mono:
    """Four claps within 35 ms; the last one has the tail of a room."""
    sound = np.zeros(to_frames(length + 0.05), dtype=np.float32)
    for delay, level in ((0.0, 0.7), (0.011, 0.8), (0.022, 0.9), (0.033, 1.0)):
        start = to_frames(delay + float(rng.uniform(0, 0.002)))
        seconds = length if level == 1.0 else 0.014
        burst = noise_decay(seconds, low, high * (0.8 + 0.3 * velocity), seconds, rng)
        sound[start : start + len(burst)] += burst[: len(sound) - start] * np.float32(level)
    return sound * np.float32(0.4)


@drum
def cymbal(
    velocity: float, rng: Generator, *, length: float, low: float, bell: float = 0.0, attack: float = 0.0
) -> Mono:
    """Many inharmonic modes and a long hiss; ``bell`` is the level of a clear ping, ``attack`` is in seconds."""
    frames = to_frames(length)
    hz = 380.0 * (14_000 / 380.0) ** CYMBAL_MODES
    modes = damped_modes(hz, 1.0 / 7.0, length * (0.3 + 0.7 * CYMBAL_MODES[::-1]), frames, rng.uniform(0, 6.28, 56))
    wash = noise_decay(length, low, 20_000, length * 0.8, rng)
    ping = damped_modes((1180.0, 2930.0, 4310.0), (0.5, 0.4, 0.25), length * 0.5, frames) * np.float32(bell)
    sound = modes * np.float32(0.35) + wash * np.float32(0.22 + 0.15 * velocity) + ping
    fade = interpolate_breakpoints(frames, (0.0, max(0.002, attack)), (0.0, 1.0))
    return np.asarray(sound * fade * np.float32(0.5), dtype=np.float32)


@drum
def tom(velocity: float, rng: Generator, hz: float, length: float) -> Mono:
    """A drum head with a slightly falling pitch and a second mode."""
    frames = to_frames(length)
    sweep = hz * (1 + 0.35 * velocity * decay(frames, 0.12).astype(np.float64))
    phase = 2 * np.pi * np.cumsum(sweep) / SAMPLE_RATE
    head = np.sin(phase) * decay(frames, length) + 0.35 * np.sin(1.59 * phase) * decay(frames, length * 0.5)
    tick = noise_decay(0.015, 800, 6000, 0.012, rng) * np.float32(0.2 * velocity)
    sound = head.astype(np.float32)
    sound[: len(tick)] += tick
    return sound * np.float32(0.8)


@drum
def noise_burst(
    velocity: float, rng: Generator, low: float, high: float, length: float, level: float = 0.5, attack: float = 0.0
) -> Mono:
    """A short burst of band-limited noise: shakers, rims, tambourines and brushes."""
    seconds = length * (0.8 + 0.4 * velocity)
    fade = interpolate_breakpoints(to_frames(seconds), (0.0, max(0.0015, attack)), (0.0, 1.0))
    return noise_decay(seconds, low, high, seconds, rng) * fade * np.float32(level)


@drum
def short_modes(velocity: float, rng: Generator, hz: tuple[float, ...], length: float) -> Mono:
    """A few short modes: side stick, congas, cowbell and wood blocks."""
    modes = np.array(hz) * (1 + 0.01 * velocity)
    gains, phases = 1.0 / np.arange(1, len(modes) + 1), rng.uniform(0.8, 1.4, len(modes))
    return damped_modes(modes, gains, length, to_frames(length), phases) * np.float32(0.6)
