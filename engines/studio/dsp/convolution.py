"""Convolution by fast Fourier transforms."""

from functools import lru_cache

import numpy as np
from numpy import fft
from numpy.typing import NDArray

from engines.studio.dsp.arrays import Mono, Wave


@lru_cache(maxsize=256)
def fft_length(minimum: int) -> int:
    """Return the smallest length from ``minimum`` with no prime factors except 2, 3 and 5."""
    products = (2**two * 3**three * 5**five for two in range(24) for three in range(5) for five in range(4))
    return min(int(length) for length in products if length >= minimum)


def spectrum(sound: Wave, length: int) -> NDArray[np.complex64]:
    """Return the unnormalized spectrum of a sound with silence up to ``length``, along the last axis.

    NumPy calculates a transform in single precision only if it normalizes it: the other takes five times as long.
    """
    return np.asarray(fft.rfft(sound, length, axis=-1, norm="forward") * np.float32(length), dtype=np.complex64)


def convolve(sound: Mono, response: Mono) -> Mono:
    """Return a sound through an impulse response, shape (frames,), without the tail after its end."""
    length = fft_length(len(sound) + len(response))
    product = spectrum(sound, length) * spectrum(response, length)
    return np.asarray(fft.irfft(product, length)[: len(sound)], dtype=np.float32)
