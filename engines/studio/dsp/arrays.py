"""NumPy array types for audio and measurements, and linear interpolation."""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Mono = NDArray[np.float32]
"""One channel, shape (frames,)."""
Wave = NDArray[np.float32]
"""One or two channels, shape (channels, frames)."""
Reals = NDArray[np.float64]

FRAMES_AT_ONCE: Final = 1 << 14
"""Frames that are interpolated at once."""


def interleaved(sound: Wave) -> NDArray[np.float32]:
    """Return a stereo sound as little-endian samples, shape (frames, 2). It is faster than a transposed copy."""
    samples = np.empty((sound.shape[1], 2), dtype="<f4")
    samples[:, 0], samples[:, 1] = sound
    return samples


def ramps(values: Reals | Mono, step: int) -> Mono:
    """Return values and the lines from each to the next, ``step`` frames long; the last value is not reached."""
    return interpolate(lines(values), step).ravel()


def lines(values: Reals | Mono, changes: Reals | None = None) -> Mono:
    """Return the change from each value to the next, unless it is given, and the value, shape (values - 1, 2)."""
    found = np.empty((len(values) - 1, 2), dtype=np.float32)
    found[:, 0] = np.diff(values) if changes is None else changes
    found[:, 1] = values[:-1]
    return found


def interpolate(lines: Mono, step: int) -> Mono:
    """Return the frames of lines that are ``step`` frames long, shape (lines, step).

    A matrix product takes less than half the time of a sum of broadcast arrays, and has the same rounding on all
    processors: the second of its two terms is multiplied by 1. The parts are too small for several threads.
    """
    shares, count = _shares(step), max(1, FRAMES_AT_ONCE // step)
    result = np.empty((len(lines), step), dtype=np.float32)
    for start in range(0, len(lines), count):
        np.dot(lines[start : start + count], shares, out=result[start : start + count])
    return result


@cache
def _shares(step: int) -> Mono:
    """Return the shares of the change and of the value in the frames of a line, shape (2, step)."""
    return np.stack([np.arange(step) / step, np.ones(step)]).astype(np.float32)
