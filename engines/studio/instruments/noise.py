"""Coloured noise from cached periodic tables: breath, bow, hammer and the residual between the partials of a tone."""

from functools import lru_cache
from typing import Final

import numpy as np

from engines.port import SAMPLE_RATE
from engines.studio import random_streams
from engines.studio.dsp.arrays import Mono

TABLE_FRAMES: Final = 1 << 17
"""Length of a table (3 s): noise with a period of this length has no audible repetition under a tone."""


@lru_cache(maxsize=64)
def _noise_table(low: float, high: float, slope: float) -> Mono:
    rng = random_streams.stream(0, "noise", f"{low:g}", f"{high:g}", f"{slope:g}")
    hertz = np.fft.rfftfreq(TABLE_FRAMES, 1 / SAMPLE_RATE)[1:]
    magnitude = (hertz / low) ** (slope / 6.02) / np.sqrt((1 + (low / hertz) ** 4) * (1 + (hertz / high) ** 4))
    spectrum = np.zeros(TABLE_FRAMES // 2 + 1, dtype=np.complex128)
    spectrum[1:] = magnitude * (rng.standard_normal(len(hertz)) + 1j * rng.standard_normal(len(hertz)))
    table = np.fft.irfft(spectrum, TABLE_FRAMES)
    return np.asarray(table / np.sqrt(np.mean(table**2)), dtype=np.float32)


def coloured_noise(frames: int, low: float, high: float, rng: np.random.Generator, slope: float = 0.0) -> Mono:
    """Return noise of unit RMS, shape (frames,), between two frequencies, with ``slope`` in dB per octave.

    The edges fall by 12 dB per octave. The noise starts at a random place of a table, which repeats after 3 s.
    """
    table = _noise_table(low, high, slope)
    start = int(rng.integers(TABLE_FRAMES))
    return np.tile(table, 2 + frames // TABLE_FRAMES)[start : start + frames]


def random_walk(count: int, rng: np.random.Generator, smoothness: float = 0.94) -> np.ndarray:
    """Return slow random fluctuations of unit variance, shape (count,), as a first-order autoregressive process.

    At the rate of control points (689 per second) a ``smoothness`` of 0.94 moves at about 7 Hz.
    """
    steps = rng.standard_normal(count + 64)
    length = min(len(steps), 160)
    kernel = smoothness ** np.arange(length) * np.sqrt(1 - smoothness**2)
    return np.asarray(np.convolve(steps, kernel)[64 : 64 + count])
