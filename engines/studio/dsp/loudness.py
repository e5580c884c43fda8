"""Loudness and true peak after ITU-R BS.1770-4, fed block by block."""

from typing import Final

import numpy as np

from engines.port import SAMPLE_RATE
from engines.studio.dsp import filters
from engines.studio.dsp.arrays import Reals, Wave

GATING_HOP: Final = SAMPLE_RATE // 10
"""Gating blocks of 400 ms begin every 100 ms."""
ABSOLUTE_GATE_LUFS: Final = -70.0
RELATIVE_GATE_LU: Final = -10.0
LOUDNESS_OFFSET_DB: Final = -0.691
LEVEL_FRAMES: Final = 32
"""Frames over which a level is kept for the limiter."""


def _k_weighting() -> np.ndarray:
    """The K curve at SAMPLE_RATE, shape (2, 6): the standard's 48 kHz filters by their analogue prototypes.

    Prototypes from B. De Man, "Evaluation of implementations of the EBU R128 loudness measurement" (2018).
    """
    q, gain = 0.7071752369554196, 3.999843853973347
    k = np.tan(np.pi * 1681.974450955533 / SAMPLE_RATE)
    high, band = 10 ** (gain / 20), (10 ** (gain / 20)) ** 0.4996667741545416
    a0 = 1 + k / q + k * k
    shelf = [
        (high + band * k / q + k * k) / a0,
        2 * (k * k - high) / a0,
        (high - band * k / q + k * k) / a0,
        1.0,
        2 * (k * k - 1) / a0,
        (1 - k / q + k * k) / a0,
    ]
    q = 0.5003270373238773
    k = np.tan(np.pi * 38.13547087602444 / SAMPLE_RATE)
    a0 = 1 + k / q + k * k
    low = [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0]
    return np.array([shelf, low])


K_WEIGHTING: Final = _k_weighting()


class LoudnessMeter:
    """Collects the K-weighted power of a sound (both channels added) in grains of GRAIN frames."""

    def __init__(self) -> None:
        self._state: np.ndarray | None = None
        self._powers: list[Reals] = []

    def add(self, block: Wave) -> None:
        """Takes the next block, shape (2, frames), a multiple of GRAIN long except the last."""
        weighted, self._state = filters.sosfilt(K_WEIGHTING, block, self._state)
        power = np.sum(np.square(weighted), axis=0)
        short = -len(power) % LEVEL_FRAMES
        self._powers.append(np.concatenate([power, np.zeros(short)]).reshape(-1, LEVEL_FRAMES).mean(axis=1))

    @property
    def powers(self) -> Reals:
        """The power of each grain so far, shape (grains,)."""
        return np.concatenate(self._powers)


def integrated_loudness(powers: Reals) -> float:
    """Gated loudness in LUFS of grain powers (see Meter); -70 for silence."""
    per_hop = GATING_HOP / LEVEL_FRAMES
    edges = np.arange(0.0, len(powers) - 4 * per_hop + 1e-6, per_hop)
    if not len(edges):
        return _loudness(float(np.mean(powers)))
    total = np.concatenate([[0.0], np.cumsum(powers)])
    axis = np.arange(len(total))
    blocks = (np.interp(edges + 4 * per_hop, axis, total) - np.interp(edges, axis, total)) / (4 * per_hop)
    loud = blocks[_loudnesses(blocks) > ABSOLUTE_GATE_LUFS]
    if not len(loud):
        return ABSOLUTE_GATE_LUFS
    gate = _loudness(float(loud.mean())) + RELATIVE_GATE_LU
    return _loudness(float(loud[_loudnesses(loud) > gate].mean()))


def _loudness(power: float) -> float:
    return LOUDNESS_OFFSET_DB + 10.0 * float(np.log10(max(power, 1e-12)))


def _loudnesses(powers: Reals) -> Reals:
    return LOUDNESS_OFFSET_DB + 10.0 * np.log10(np.maximum(powers, 1e-12))


def _oversampler() -> np.ndarray:
    axis = (np.arange(48) - 23.5) / 4.0
    taps = np.sinc(axis) * np.kaiser(48, 5.0)
    return np.asarray(4.0 * taps / taps.sum(), dtype=np.float32).reshape(12, 4)


OVERSAMPLER: Final = _oversampler()
"""Twelve taps in four phases, as many as in BS.1770-4 annex 2; a windowed sinc."""


def true_peaks(block: Wave) -> Reals:
    """The highest four-times oversampled magnitude in each grain, shape (grains,); the last grain may be short."""
    frames = block.shape[1]
    padded = np.pad(block, ((0, 0), (5, 6 - frames % -LEVEL_FRAMES)))
    kept = padded.shape[1] - 11
    highest = np.zeros((2, kept), dtype=np.float32)
    for phase in range(4):
        dense = sum(padded[:, place : place + kept] * OVERSAMPLER[11 - place, phase] for place in range(12))
        np.maximum(highest, np.abs(dense), out=highest)
    return np.asarray(np.maximum(highest[0], highest[1]).reshape(-1, LEVEL_FRAMES).max(axis=1), dtype=np.float64)
