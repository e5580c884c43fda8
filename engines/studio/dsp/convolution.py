"""Convolution by fast Fourier transforms."""

from functools import cache
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from engines.studio.dsp.arrays import Mono, Wave
from engines.studio.dsp.scipy_extensions import load_extension

Spectrum = NDArray[np.complex64]
"""The spectrum of a sound of N frames, of shape (N / 2 + 1,) or (channels, N / 2 + 1)."""
UNSCALED, SCALED = 0, 2
"""Codes of PocketFFT: no factor, or one divided by the length."""


@cache
def _pocketfft() -> ModuleType:
    """Return the transforms behind scipy.fft: they calculate in single precision, four channels at a time by SIMD."""
    return load_extension("fft._pocketfft.pypocketfft")


def spectrum(sound: Wave | Mono, length: int) -> Spectrum:
    """Return the spectrum of a sound of at most ``length`` frames with silence up to it, along the last axis."""
    padded = np.zeros((*sound.shape[:-1], length), dtype=np.float32)
    padded[..., : sound.shape[-1]] = sound
    result: Spectrum = _pocketfft().r2c(padded, (padded.ndim - 1,), True, UNSCALED, None, 1)
    return result


def inverse(spectra: Spectrum, length: int) -> Wave:
    """Return the sound of ``length`` frames with a spectrum, along the last axis."""
    axis = spectra.ndim - 1
    result: Wave = _pocketfft().c2r(spectra, (axis,), length, False, SCALED, None, 1)
    return result


class ShortResponse:
    """An impulse response of at most half of LENGTH, with which sounds are convolved by overlap-add.

    The parts of a sound fit the processor's cache and are transformed together: a single long transform takes three
    times as long.
    """

    LENGTH = 1 << 14

    def __init__(self, response: Mono) -> None:
        self.taps = len(response)
        self._hop = self.LENGTH - self.taps
        self._spectrum = spectrum(response, self.LENGTH)

    def convolve(self, sound: Mono) -> Mono:
        """Return a sound through the response with its tail, shape (frames + taps,)."""
        rows, frames = -(-len(sound) // self._hop), len(sound) + self.taps
        padded = np.zeros((rows, self._hop), dtype=np.float32)
        padded.reshape(-1)[: len(sound)] = sound
        parts = inverse(spectrum(padded, self.LENGTH) * self._spectrum, self.LENGTH)
        result = np.zeros((rows + 1, self._hop), dtype=np.float32)
        result[:rows] = parts[:, : self._hop]
        result[1:, : self.taps] += parts[:, self._hop :]
        return result.reshape(-1)[:frames]
