"""Convolution by fast Fourier transforms."""

import numpy as np
from numpy import fft

from engines.studio.dsp.arrays import Mono


def fft_length(minimum: int) -> int:
    """Return the smallest length from ``minimum`` with no prime factors except 2, 3 and 5."""
    products = (2**two * 3**three * 5**five for two in range(24) for three in range(5) for five in range(4))
    return min(int(length) for length in products if length >= minimum)


def convolve(sound: Mono, response: Mono) -> Mono:
    """Return a sound through an impulse response, shape (frames,), without the tail after its end."""
    length = fft_length(len(sound) + len(response))
    product = fft.rfft(sound, length) * fft.rfft(response, length)
    return np.asarray(fft.irfft(product, length)[: len(sound)], dtype=np.float32)
