"""Coloured noise from cached periodic tables: breath, bow, hammer and the residual between the partials of a tone."""

from functools import cache, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.port import SAMPLE_RATE
from engines.studio import random_streams
from engines.studio.dsp import filters
from engines.studio.dsp.arrays import Mono

TABLE_FRAMES: Final = 1 << 17
"""Length of a table (3 s): noise with a period of this length has no audible repetition under a tone."""


@cache
def _noise_spectrum() -> NDArray[np.complex64]:
    """Return the spectrum of white noise that all tables share, without its constant component."""
    parts = random_streams.stream(0, "noise").standard_normal((2, TABLE_FRAMES // 2), dtype=np.float32)
    return np.asarray(parts[0] + 1j * parts[1], dtype=np.complex64)


@lru_cache(maxsize=64)
def _noise_table(low: float, high: float, slope: float) -> Mono:
    hertz = np.fft.rfftfreq(TABLE_FRAMES, 1 / SAMPLE_RATE)[1:].astype(np.float32)
    magnitude = (hertz / low) ** (slope / 6.02) / np.sqrt((1 + (low / hertz) ** 4) * (1 + (hertz / high) ** 4))
    spectrum = np.zeros(TABLE_FRAMES // 2 + 1, dtype=np.complex64)
    spectrum[1:] = magnitude * _noise_spectrum()
    table = np.fft.irfft(spectrum, TABLE_FRAMES)
    return np.asarray(table / np.sqrt(np.mean(np.square(table))), dtype=np.float32)


def coloured_noise(frames: int, low: float, high: float, rng: np.random.Generator, slope: float = 0.0) -> Mono:
    """Return noise of unit RMS, shape (frames,), between two frequencies, with ``slope`` in dB per octave.

    The edges fall by 12 dB per octave. The noise starts at a random place of a table, which repeats after 3 s.
    """
    table = _noise_table(low, high, slope)
    start = int(rng.integers(TABLE_FRAMES))
    rounds = max(0, start + frames - 1) // TABLE_FRAMES
    return np.concatenate([table[start : start + frames], *[table] * rounds])[:frames]


def random_walk(count: int, rng: np.random.Generator, smoothness: float = 0.94) -> np.ndarray:
    """Return slow random fluctuations of unit variance, shape (count,), as a first-order autoregressive process.

    At the rate of control points (689 per second) a ``smoothness`` of 0.94 moves at about 7 Hz.
    """
    steps = rng.standard_normal(count + 64)
    section = np.array([[np.sqrt(1 - smoothness**2), 0.0, 0.0, 1.0, -smoothness, 0.0]])
    return filters.sosfilt(section, steps)[0][64:]
