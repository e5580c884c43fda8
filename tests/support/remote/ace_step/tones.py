"""Tones in place of music, by which tests recognize a render."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tests.support.remote import tone_files

SAMPLE_RATE: Final = 48_000


def frequency(seed: int) -> float:
    """The frequency in Hz of the tone for a seed."""
    return 220.0 + seed % 220


def tone(seed: int, seconds: float, rate: int = SAMPLE_RATE) -> NDArray[np.float32]:
    """A quiet stereo tone, shape (frames, 2)."""
    return tone_files.tone(seconds, frequency(seed), rate=rate)


def encode(samples: NDArray[np.float32], container: str, subtype: str = "PCM_16", rate: int = SAMPLE_RATE) -> bytes:
    """Return the bytes of a file of libsndfile's format."""
    return tone_files.encode(samples, rate, container, subtype)
