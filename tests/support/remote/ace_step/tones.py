"""Tones in place of music, by which tests recognize a render."""

from io import BytesIO
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray

SAMPLE_RATE: Final = 48_000


def frequency(seed: int) -> float:
    """The frequency in Hz of the tone for a seed."""
    return 220.0 + seed % 220


def tone(seed: int, seconds: float) -> NDArray[np.float32]:
    """A quiet stereo tone, shape (frames, 2)."""
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    samples = 0.2 * np.sin(2 * np.pi * frequency(seed) * times)
    return np.column_stack([samples, samples]).astype(np.float32)


def encode(samples: NDArray[np.float32], container: str, subtype: str = "PCM_16") -> bytes:
    """Return the bytes of a file of libsndfile's format."""
    buffer = BytesIO()
    soundfile.write(buffer, samples, SAMPLE_RATE, format=container, subtype=subtype)
    return buffer.getvalue()
