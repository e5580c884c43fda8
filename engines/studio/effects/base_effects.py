"""What an effect is, and the smallest ones: equaliser, drive, tremolo, and the sidechain pump."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from engines.port import SAMPLE_RATE
from engines.studio.dsp import filters
from engines.studio.dsp.arrays import Mono, Wave

Effect = Callable[[Wave], Wave]
"""Takes the next block, shape (2, frames), and gives it treated; may reuse its memory."""


def bell(hz: float, decibels: float, q: float = 0.8) -> np.ndarray:
    """A bell filter as one second-order section, shape (1, 6) (R. Bristow-Johnson's Audio EQ Cookbook)."""
    amount, turn = 10 ** (decibels / 40), 2 * np.pi * hz / SAMPLE_RATE
    alpha = np.sin(turn) / (2 * q)
    b = np.array([1 + alpha * amount, -2 * np.cos(turn), 1 - alpha * amount])
    a = np.array([1 + alpha / amount, -2 * np.cos(turn), 1 - alpha / amount])
    return np.asarray(np.concatenate([b, a])[None] / a[0])


def high_shelf(hz: float, decibels: float) -> np.ndarray:
    """A high shelf as one second-order section, shape (1, 6) (Audio EQ Cookbook, slope 1)."""
    amount, turn = 10 ** (decibels / 40), 2 * np.pi * hz / SAMPLE_RATE
    root, cosine = 2 * np.sqrt(amount) * np.sin(turn) / np.sqrt(2), np.cos(turn)
    plus, minus = amount + 1, amount - 1
    b = amount * np.array([plus + minus * cosine + root, -2 * (minus + plus * cosine), plus + minus * cosine - root])
    a = np.array([plus - minus * cosine + root, 2 * (minus - plus * cosine), plus - minus * cosine - root])
    return np.asarray(np.concatenate([b, a])[None] / a[0])


def cut(hz: float, kind: Literal["highpass", "lowpass"] = "highpass", order: int = 2) -> np.ndarray:
    """A Butterworth low or high cut as second-order sections."""
    return filters.butter(order, hz, kind)


class Equaliser:
    """Second-order sections in a row; both channels alike."""

    def __init__(self, *sections: np.ndarray) -> None:
        self._sos = np.concatenate(sections).astype(np.float32)
        self._state: np.ndarray | None = None

    def __call__(self, block: Wave) -> Wave:
        """See Effect."""
        treated, self._state = filters.sosfilt(self._sos, block, self._state)
        return treated


class MonoBass:
    """Takes the side signal out below a frequency, so that the bass stays in the middle."""

    def __init__(self, hz: float) -> None:
        self._sos = cut(hz).astype(np.float32)
        self._state: np.ndarray | None = None

    def __call__(self, block: Wave) -> Wave:
        """See Effect."""
        middle = (block[0] + block[1]) * np.float32(0.5)
        side, self._state = filters.sosfilt(self._sos, (block[0] - block[1]) * np.float32(0.5), self._state)
        return np.asarray(np.stack([middle + side, middle - side]), dtype=np.float32)


def saturation(amount: float) -> Effect:
    """Soft saturation; ``amount`` is the gain before the curve. Quiet sound keeps its level."""
    scale = np.float32(amount)

    def treat(block: Wave) -> Wave:
        return np.asarray(np.tanh(block * scale) / scale, dtype=np.float32)

    return treat


def tremolo(hertz: float, depth: float, *, pan: bool) -> Effect:
    """A slow wave on the level; with ``pan`` the sides move against each other (as in a suitcase piano)."""
    clock = [0]

    def treat(block: Wave) -> Wave:
        frames = block.shape[1]
        spots = (clock[0] + np.arange(0, frames + 64, 64)) / SAMPLE_RATE
        wave = np.interp(np.arange(frames) / 64.0, np.arange(len(spots)), np.sin(2 * np.pi * hertz * spots))
        clock[0] += frames
        swing = (wave * depth).astype(np.float32)
        block[0] *= 1 - swing
        block[1] *= 1 + swing if pan else 1 - swing
        return block

    return treat


def sidechain_ducking(kicks: Sequence[float], depth: float, recovery: float) -> Effect:
    """Ducks after each kick (seconds from the start): down by ``depth`` (0 to 1), back within ``recovery`` seconds."""
    times = np.asarray(sorted(kicks), dtype=np.float64)
    clock = [0]

    def treat(block: Wave) -> Wave:
        frames = block.shape[1]
        block *= ducking_gain(times, clock[0], frames, depth, recovery)
        clock[0] += frames
        return block

    return treat


def ducking_gain(times: np.ndarray, start: int, frames: int, depth: float, recovery: float) -> Mono:
    """The gain curve of pump for the frames from ``start``, shape (frames,)."""
    spots = (start + np.arange(0, frames + 64, 64)) / SAMPLE_RATE
    if not len(times):
        return np.ones(frames, dtype=np.float32)
    last = np.searchsorted(times, spots, side="right") - 1
    since = np.where(last >= 0, spots - times[np.maximum(last, 0)], 1e3)
    way = np.clip(since / recovery, 0.0, 1.0)
    coarse = 1.0 - depth * (0.5 + 0.5 * np.cos(np.pi * way)) * np.clip(since / 0.004, 0.0, 1.0)
    return np.interp(np.arange(frames) / 64.0, np.arange(len(spots)), coarse).astype(np.float32)
