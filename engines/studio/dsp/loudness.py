"""Loudness and true-peak metering per ITU-R BS.1770-4, block by block."""

from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from engines.port import SAMPLE_RATE
from engines.studio.dsp import filters
from engines.studio.dsp.arrays import Reals, Wave

GATING_HOP: Final = SAMPLE_RATE // 10
"""Frames between the starts of gating blocks: 400 ms blocks overlap by 75 %."""
ABSOLUTE_GATE_LUFS: Final = -70.0
RELATIVE_GATE_LU: Final = -10.0
LOUDNESS_OFFSET_DB: Final = -0.691
LEVEL_FRAMES: Final = 32
"""Frames of a level block, the resolution of powers, true peaks and gains (0.73 ms)."""


def _k_weighting() -> np.ndarray:
    """Return the K-weighting filter at SAMPLE_RATE, shape (2, 6), from the analogue prototypes of the 48 kHz filters.

    Source of the prototypes: B. De Man, "Evaluation of implementations of the EBU R128 loudness measurement" (2018).
    """
    q, gain = 0.7071752369554196, 3.999843853973347
    k = np.tan(np.pi * 1681.974450955533 / SAMPLE_RATE)
    high_gain, band_gain = 10 ** (gain / 20), (10 ** (gain / 20)) ** 0.4996667741545416
    a0 = 1 + k / q + k * k
    zeros = high_gain + band_gain * k / q + k * k, 2 * (k * k - high_gain), high_gain - band_gain * k / q + k * k
    shelf = np.array([*zeros, a0, 2 * (k * k - 1), 1 - k / q + k * k]) / a0
    q = 0.5003270373238773
    k = np.tan(np.pi * 38.13547087602444 / SAMPLE_RATE)
    a0 = 1 + k / q + k * k
    high_pass = [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0]
    return np.array([shelf, high_pass])


K_WEIGHTING: Final = _k_weighting()


class LoudnessMeter:
    """Meter the K-weighted power of stereo audio, both channels added, per level block."""

    def __init__(self) -> None:
        self._state: np.ndarray | None = None
        self._powers: list[Reals] = []

    def add(self, block: Wave) -> None:
        """Add frames, shape (1 or 2, frames); one channel counts as two equal ones.

        The number of frames is a multiple of LEVEL_FRAMES except at the end.
        """
        weighted, self._state = filters.sosfilt(K_WEIGHTING, block, self._state)
        if padding := -weighted.shape[1] % LEVEL_FRAMES:
            weighted = np.pad(weighted, ((0, 0), (0, padding)))
        parts = weighted.reshape(len(weighted), -1, LEVEL_FRAMES)
        self._powers.append(np.einsum("ckf,ckf->k", parts, parts) * (2 / len(parts) / LEVEL_FRAMES))

    @property
    def powers(self) -> Reals:
        """The power of each level block so far, shape (blocks,)."""
        return np.concatenate(self._powers)


def integrated_loudness(powers: Reals) -> float:
    """Return the gated loudness in LUFS of the powers of a LoudnessMeter; -70 for silence."""
    hop = GATING_HOP / LEVEL_FRAMES
    edges = np.arange(0.0, len(powers) - 4 * hop + 1e-6, hop)
    if not len(edges):
        return float(_lufs(np.mean(powers)))
    total = np.concatenate([[0.0], np.cumsum(powers)])
    axis = np.arange(len(total))
    blocks = (np.interp(edges + 4 * hop, axis, total) - np.interp(edges, axis, total)) / (4 * hop)
    loud = blocks[_lufs(blocks) > ABSOLUTE_GATE_LUFS]
    if not len(loud):
        return ABSOLUTE_GATE_LUFS
    gate = _lufs(loud.mean()) + RELATIVE_GATE_LU
    return float(_lufs(loud[_lufs(loud) > gate].mean()))


def _lufs(power: ArrayLike) -> Reals:
    return np.asarray(LOUDNESS_OFFSET_DB + 10.0 * np.log10(np.maximum(power, 1e-12)))


def _oversampler() -> np.ndarray:
    axis = (np.arange(48) - 23.5) / 4.0
    taps = np.sinc(axis) * np.kaiser(48, 5.0)
    return np.asarray(4.0 * taps / taps.sum(), dtype=np.float32).reshape(12, 4)


OVERSAMPLING_FILTER: Final = _oversampler()
"""A windowed sinc with 12 taps in each of 4 phases, as in BS.1770-4 annex 2."""
EVEN_TAPS: Final = (OVERSAMPLING_FILTER[::-1] + OVERSAMPLING_FILTER)[:6, :2] * np.float32(0.5)
ODD_TAPS: Final = (OVERSAMPLING_FILTER[::-1] - OVERSAMPLING_FILTER)[:6, :2] * np.float32(0.5)
"""The even and odd parts of the first two phases, of which the last two are the mirror images, shape (6, 2)."""


PEAK_SPAN: Final = 512 * LEVEL_FRAMES


def true_peaks(block: Wave) -> Reals:
    """Return the peak of each level block at four times the sample rate, shape (blocks,); the last may be short."""
    padded = _padded(block)
    length = padded.shape[1] - 11
    peaks = [
        _oversampled(padded[:, start : min(length, start + PEAK_SPAN) + 11]) for start in range(0, length, PEAK_SPAN)
    ]
    highest = np.concatenate([span.max(axis=0) for span in peaks])
    return np.asarray(highest.reshape(-1, LEVEL_FRAMES).max(axis=1), dtype=np.float64)


def highest_true_peak(block: Wave, level_blocks: NDArray[np.intp]) -> float:
    """Return the highest true peak of some level blocks, given their numbers; 0 if there are none."""
    windows = sliding_window_view(_padded(block), LEVEL_FRAMES + 11, axis=1)[:, ::LEVEL_FRAMES][:, level_blocks]
    return float(_oversampled(windows.reshape(-1, LEVEL_FRAMES + 11)).max(initial=0.0))


def _padded(block: Wave) -> Wave:
    """Return a block of whole level blocks with the 5 frames before and the 6 frames after it, which are silent."""
    return np.pad(block, ((0, 0), (5, 6 - block.shape[1] % -LEVEL_FRAMES)))


def _oversampled(sound: Wave) -> Wave:
    """Return the highest absolute value of the phases of each frame but the last 11, shape (channels, frames - 11).

    Few frames fit the processor's cache. A phase is the sum of the responses of its even and its odd part, the mirrored
    phase their difference; so the larger of both is the sum of the absolute values.
    """
    length = sound.shape[1] - 11
    even, odd = np.zeros((2, 2, len(sound), length), dtype=np.float32)
    pair, product = np.empty((2, len(sound), length), dtype=np.float32)
    for tap in range(6):
        first, last = sound[:, tap : tap + length], sound[:, 11 - tap : 11 - tap + length]
        for combine, taps, responses in ((np.add, EVEN_TAPS, even), (np.subtract, ODD_TAPS, odd)):
            combine(first, last, out=pair)
            for phase in range(2):
                np.multiply(pair, taps[tap, phase], out=product)
                responses[phase] += product
    highest: Wave = (np.abs(even, out=even) + np.abs(odd, out=odd)).max(axis=0)
    return highest
