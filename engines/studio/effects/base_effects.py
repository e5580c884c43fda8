"""Basic effects: equaliser, mono bass, saturation, tremolo and sidechain ducking."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from engines.port import SAMPLE_RATE
from engines.studio.dsp import filters
from engines.studio.dsp.arrays import Mono, Wave

Effect = Callable[[Wave], Wave]
"""Processes the next block, shape (2, frames), possibly in place."""


def bell(hz: float, decibels: float, q: float = 0.8) -> np.ndarray:
    """Return a bell filter as one second-order section, shape (1, 6) (R. Bristow-Johnson's Audio EQ Cookbook)."""
    amount, omega = 10 ** (decibels / 40), 2 * np.pi * hz / SAMPLE_RATE
    alpha = np.sin(omega) / (2 * q)
    b = np.array([1 + alpha * amount, -2 * np.cos(omega), 1 - alpha * amount])
    a = np.array([1 + alpha / amount, -2 * np.cos(omega), 1 - alpha / amount])
    return np.asarray(np.concatenate([b, a])[None] / a[0])


def high_shelf(hz: float, decibels: float) -> np.ndarray:
    """Return a high shelf as one second-order section, shape (1, 6) (Audio EQ Cookbook, slope 1)."""
    amount, omega = 10 ** (decibels / 40), 2 * np.pi * hz / SAMPLE_RATE
    root, cosine = 2 * np.sqrt(amount) * np.sin(omega) / np.sqrt(2), np.cos(omega)
    plus, minus = amount + 1, amount - 1
    b = amount * np.array([plus + minus * cosine + root, -2 * (minus + plus * cosine), plus + minus * cosine - root])
    a = np.array([plus - minus * cosine + root, 2 * (minus - plus * cosine), plus - minus * cosine - root])
    return np.asarray(np.concatenate([b, a])[None] / a[0])


def cut(hz: float, kind: Literal["highpass", "lowpass"] = "highpass", order: int = 2) -> np.ndarray:
    """Return a Butterworth high-pass or low-pass as second-order sections."""
    return filters.butter(order, hz, kind)


class Equaliser:
    """Filters both channels through cascaded second-order sections."""

    def __init__(self, *sections: np.ndarray) -> None:
        self._sos = np.concatenate(sections).astype(np.float32)
        self._state: np.ndarray | None = None

    def __call__(self, block: Wave) -> Wave:
        filtered, self._state = filters.sosfilt(self._sos, block, self._state)
        return filtered


class MonoBass:
    """Removes the side signal below a frequency, so that the bass is mono."""

    def __init__(self, hz: float) -> None:
        self._sos = cut(hz).astype(np.float32)
        self._state: np.ndarray | None = None

    def __call__(self, block: Wave) -> Wave:
        mid = (block[0] + block[1]) * np.float32(0.5)
        side, self._state = filters.sosfilt(self._sos, (block[0] - block[1]) * np.float32(0.5), self._state)
        return np.asarray(np.stack([mid + side, mid - side]), dtype=np.float32)


def saturation(amount: float) -> Effect:
    """Create a soft saturation; ``amount`` is the gain before the curve. Quiet signals keep their level."""
    scale = np.float32(amount)

    def process(block: Wave) -> Wave:
        return np.asarray(np.tanh(block * scale) / scale, dtype=np.float32)

    return process


def tremolo(hertz: float, depth: float, *, pan: bool) -> Effect:
    """Create a tremolo; with ``pan`` the channels move in opposite directions, as in a suitcase piano."""
    clock = 0

    def process(block: Wave) -> Wave:
        nonlocal clock
        frames = block.shape[1]
        seconds = (clock + np.arange(0, frames + 64, 64)) / SAMPLE_RATE
        wave = np.interp(np.arange(frames) / 64.0, np.arange(len(seconds)), np.sin(2 * np.pi * hertz * seconds))
        clock += frames
        modulation = (wave * depth).astype(np.float32)
        block[0] *= 1 - modulation
        block[1] *= 1 + modulation if pan else 1 - modulation
        return block

    return process


def sidechain_ducking(kicks: Sequence[float], depth: float, recovery: float) -> Effect:
    """Create ducking by ``depth`` (0 to 1) after each kick (in seconds), with a recovery of ``recovery`` seconds."""
    kick_times = np.asarray(sorted(kicks), dtype=np.float64)
    clock = 0

    def process(block: Wave) -> Wave:
        nonlocal clock
        frames = block.shape[1]
        block *= ducking_gain(kick_times, clock, frames, depth, recovery)
        clock += frames
        return block

    return process


def ducking_gain(kick_times: np.ndarray, start: int, frames: int, depth: float, recovery: float) -> Mono:
    """Return the gain of sidechain ducking for the frames from ``start``, shape (frames,)."""
    seconds = (start + np.arange(0, frames + 64, 64)) / SAMPLE_RATE
    if not len(kick_times):
        return np.ones(frames, dtype=np.float32)
    latest = np.searchsorted(kick_times, seconds, side="right") - 1
    elapsed = np.where(latest >= 0, seconds - kick_times[np.maximum(latest, 0)], 1e3)
    progress = np.clip(elapsed / recovery, 0.0, 1.0)
    coarse = 1.0 - depth * (0.5 + 0.5 * np.cos(np.pi * progress)) * np.clip(elapsed / 0.004, 0.0, 1.0)
    return np.interp(np.arange(frames) / 64.0, np.arange(len(seconds)), coarse).astype(np.float32)
