"""Guitar amplifiers: a valve that clips unevenly, and a loudspeaker in a box, as one fixed impulse response."""

from functools import cache
from typing import Final

import numpy as np
from numpy import fft

from engines.port import SAMPLE_RATE
from engines.studio.dsp import filters
from engines.studio.dsp.arrays import Mono, Wave
from engines.studio.effects.base_effects import Effect, Equaliser, bell, cut
from engines.studio.effects.reverb_delay import fft_length

CABINET_TAPS: Final = 2048
MICROPHONE_REFLECTIONS: Final = ((0.0, 1.0), (0.00042, -0.32), (0.0011, 0.18), (0.0031, -0.1))
"""Seconds and levels: the cone, then its edge, the baffle and the floor."""


@cache
def cabinet_impulse_response() -> Mono:
    """Four twelve-inch loudspeakers through a close microphone, shape (TAPS,), of unit energy.

    Resonance at 110 Hz, a scoop at 420 Hz, presence at 2.8 kHz and nothing above 5 kHz, as such speakers measure
    (Celestion's published curves of the V30 have these bends).
    """
    answer = np.zeros(CABINET_TAPS)
    for seconds, level in MICROPHONE_REFLECTIONS:
        answer[round(seconds * SAMPLE_RATE)] += level
    bends = (
        cut(78.0),
        bell(112.0, 3.5, 1.1),
        bell(420.0, -4.0, 0.9),
        bell(2800.0, 6.0, 0.9),
        cut(5200.0, "lowpass", 4),
    )
    shaped, _ = filters.sosfilt(np.concatenate(bends), answer)
    shaped *= np.linspace(1.0, 0.0, CABINET_TAPS) ** 2
    return np.asarray(shaped / np.sqrt(np.sum(shaped**2)), dtype=np.float32)


class Convolver:
    """One channel through a fixed impulse response, by overlap-add."""

    def __init__(self, answer: Mono) -> None:
        self._answer = answer
        self._tail = np.zeros(len(answer), dtype=np.float32)

    def __call__(self, sound: Mono) -> Mono:
        """The next block, shape (frames,); what rings on comes with the one after."""
        frames, reach = len(sound), len(self._answer)
        length = fft_length(frames + reach)
        wet = fft.irfft(fft.rfft(sound, length) * fft.rfft(self._answer, length), length)[: frames + reach]
        wet[:reach] += self._tail
        self._tail = wet[frames:].astype(np.float32)
        return np.asarray(wet[:frames], dtype=np.float32)


def amplifier(gain: float, tight: float, bias: float = 0.15) -> Effect:
    """A mono amplifier and its cabinet.

    ``gain`` before the valve, ``tight`` the low cut in hertz that keeps heavy chords clear, ``bias`` how unevenly it
    clips (which adds even harmonics). Highs are tamed before the valve, so that little folds back.
    """
    before = Equaliser(cut(tight), bell(820.0, 4.0), cut(4200.0, "lowpass", 1))
    speaker = Convolver(cabinet_impulse_response())
    rest, scale = np.float32(np.tanh(bias)), np.float32(gain)

    def treat(block: Wave) -> Wave:
        heard = before(((block[0] + block[1]) * np.float32(0.5))[None])[0]
        clipped = np.tanh(heard * scale + np.float32(bias)) - rest
        sound = speaker(clipped * np.float32(0.25))
        return np.stack([sound, sound])

    return treat
