"""Guitar amplifiers: asymmetric valve clipping, and a loudspeaker cabinet as a fixed impulse response."""

from functools import cache
from typing import Final

import numpy as np

from engines.port import SAMPLE_RATE
from engines.studio.dsp import filters
from engines.studio.dsp.arrays import Mono, Wave
from engines.studio.dsp.convolution import ShortResponse
from engines.studio.effects.base_effects import Effect, Equaliser, bell, cut

CABINET_TAPS: Final = 2048
MICROPHONE_REFLECTIONS: Final = ((0.0, 1.0), (0.00042, -0.32), (0.0011, 0.18), (0.0031, -0.1))
"""Delays in seconds and levels of the sound from the cone, its edge, the baffle and the floor."""


@cache
def cabinet_impulse_response() -> Mono:
    """Return the impulse response of a close-miked 4x12 cabinet, shape (CABINET_TAPS,), with unit energy.

    A resonance at 110 Hz, a dip at 420 Hz, a peak at 2.8 kHz and a roll-off above 5 kHz follow the published curves of
    the Celestion V30.
    """
    response = np.zeros(CABINET_TAPS)
    for seconds, level in MICROPHONE_REFLECTIONS:
        response[round(seconds * SAMPLE_RATE)] += level
    peaks = bell(112.0, 3.5, 1.1), bell(420.0, -4.0, 0.9), bell(2800.0, 6.0, 0.9)
    shaped, _ = filters.sosfilt(np.concatenate([cut(78.0), *peaks, cut(5200.0, "lowpass", 4)]), response)
    shaped *= np.linspace(1.0, 0.0, CABINET_TAPS) ** 2
    return np.asarray(shaped / np.sqrt(np.sum(shaped**2)), dtype=np.float32)


class Convolver:
    """Convolves one channel with a fixed impulse response, block by block."""

    def __init__(self, response: Mono) -> None:
        self._response = ShortResponse(response)
        self._tail = np.zeros(len(response), dtype=np.float32)

    def __call__(self, sound: Mono) -> Mono:
        """Process the next block, shape (frames,). The tail is added to the following block."""
        wet = self._response.convolve(sound)
        wet[: len(self._tail)] += self._tail
        self._tail = wet[len(sound) :].copy()
        return wet[: len(sound)]


def amplifier(gain: float, low_cut: float, bias: float = 0.15) -> Effect:
    """Create a mono amplifier with a cabinet.

    ``gain`` is applied before the valve; ``low_cut`` in hertz keeps distorted chords clear; ``bias`` makes the clipping
    asymmetric, which adds even harmonics. A low-pass before the valve reduces aliasing.
    """
    equaliser = Equaliser(cut(low_cut), bell(820.0, 4.0), cut(4200.0, "lowpass", 1))
    cabinet = Convolver(cabinet_impulse_response())
    offset, scale = np.float32(np.tanh(bias)), np.float32(gain)

    def process(block: Wave) -> Wave:
        mono = block if len(block) == 1 else ((block[0] + block[1]) * np.float32(0.5))[None]
        clipped = np.tanh(equaliser(mono)[0] * scale + np.float32(bias)) - offset
        return cabinet(clipped * np.float32(0.25))[None]

    return process
