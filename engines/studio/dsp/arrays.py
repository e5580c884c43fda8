"""NumPy array types for audio and measurements."""

import numpy as np
from numpy.typing import NDArray

Mono = NDArray[np.float32]
"""One channel, shape (frames,)."""
Wave = NDArray[np.float32]
"""One or two channels, shape (channels, frames)."""
Reals = NDArray[np.float64]


def interleaved(sound: Wave) -> NDArray[np.float32]:
    """Return a stereo sound as little-endian samples, shape (frames, 2). It is faster than a transposed copy."""
    samples = np.empty((sound.shape[1], 2), dtype="<f4")
    samples[:, 0], samples[:, 1] = sound
    return samples


def ramps(values: Reals, step: int) -> Mono:
    """Return values and the lines from each to the next, ``step`` frames long; the last value is not reached."""
    shares = np.arange(step, dtype=np.float32) / np.float32(step)
    lines = np.diff(values).astype(np.float32)[:, None] * shares
    lines += values[:-1, None].astype(np.float32)
    return np.asarray(lines.ravel(), dtype=np.float32)
