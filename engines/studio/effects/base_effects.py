"""Basic effects: equaliser, stereo width, saturation, tremolo and sidechain ducking."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from engines.port import SAMPLE_RATE
from engines.studio.dsp import filters
from engines.studio.dsp.arrays import Mono, Reals, Wave, ramps

Effect = Callable[[Wave], Wave]
"""Processes the next block, shape (1 or 2, frames), possibly in place.

The result of one channel has two if the effect makes it stereo. A channel that an effect has processed may become two
equal ones later, but not the reverse.
"""


def as_stereo(block: Wave) -> Wave:
    """Return a block with two channels: itself, or a copy with its one channel twice."""
    return block if len(block) == 2 else np.repeat(block, 2, axis=0)


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


def low_shelf(hz: float, decibels: float) -> np.ndarray:
    """Return a low shelf as one second-order section, shape (1, 6): a high shelf of the opposite gain, amplified."""
    section = high_shelf(hz, -decibels)
    section[0, :3] *= 10 ** (decibels / 20)
    return section


def cut(hz: float, kind: Literal["highpass", "lowpass"] = "highpass", order: int = 2) -> np.ndarray:
    """Return a Butterworth high-pass or low-pass as second-order sections."""
    return filters.butter(order, hz, kind)


PROBED_FRAMES: Final = 1021
"""The distance of the frames that are compared first."""


class Equaliser:
    """Filters one or both channels through cascaded second-order sections."""

    def __init__(self, *sections: np.ndarray) -> None:
        self.sections = np.concatenate(sections).astype(np.float32)
        self._state: np.ndarray | None = None

    def followed_by(self, other: "Equaliser") -> "Equaliser":
        """Return one equaliser for both: several sections take little longer than one."""
        return Equaliser(self.sections, other.sections)

    def __call__(self, block: Wave) -> Wave:
        """Filter the block in place; it must be contiguous."""
        if self._state is not None and len(self._state) < len(block):
            self._state = as_stereo(self._state)
        if not self._is_mono(block):
            self._state = filters.sosfilt_in_place(self.sections, block, self._state)
            return block
        state = None if self._state is None else self._state[:1]
        self._state = np.repeat(filters.sosfilt_in_place(self.sections, block[:1], state), 2, axis=0)
        block[1] = block[0]
        return block

    def _is_mono(self, block: Wave) -> bool:
        """Return whether there are two channels that are and have been equal: then one of them is filtered."""
        if len(block) < 2 or not _are_equal(block):
            return False
        return self._state is None or np.array_equal(self._state[0], self._state[1])


def _are_equal(block: Wave) -> bool:
    """Return whether two channels are equal. Few frames show that most are not."""
    few = block[:, ::PROBED_FRAMES]
    return np.array_equal(few[0], few[1]) and np.array_equal(block[0], block[1])


@dataclass(slots=True)
class Playhead:
    """The frame of the piece at which the next block starts, shared by the effects of a channel.

    Effects that depend on the time read it, so that they keep their phase while silent blocks are not processed.
    """

    frame: int = 0


CURVE_STEP: Final = 64
"""Frames between two values of a control curve that are calculated; the others are interpolated."""


class ControlCurve:
    """A function of the time of the piece in seconds."""

    def __init__(self, function: Callable[[Reals], Reals], playhead: Playhead) -> None:
        self._function, self._playhead = function, playhead

    def __call__(self, frames: int) -> Mono:
        """Return the values for the block at the playhead, shape (frames,)."""
        seconds = (self._playhead.frame + np.arange(0, frames + CURVE_STEP, CURVE_STEP)) / SAMPLE_RATE
        values = self._function(seconds)
        return ramps(values, CURVE_STEP)[:frames]


def sine_curve(hertz: float, playhead: Playhead) -> ControlCurve:
    return ControlCurve(lambda seconds: np.sin(2 * np.pi * hertz * seconds), playhead)


def stereo_width(mono_below_hz: float, width: float = 1.0) -> Effect:
    """Create an effect that scales the side signal by ``width`` and removes it below a frequency: the bass is mono."""
    low_cut, factor = Equaliser(cut(mono_below_hz)), np.float32(0.5 * width)

    def process(block: Wave) -> Wave:
        if len(block) == 1:
            return block
        mid, side = block[0] + block[1], block[:1] - block[1]
        mid *= np.float32(0.5)
        side *= factor
        side = low_cut(side)
        np.add(mid, side[0], out=block[0])
        np.subtract(mid, side[0], out=block[1])
        return block

    return process


def saturation(amount: float) -> Effect:
    """Create a soft saturation; ``amount`` is the gain before the curve. Quiet signals keep their level."""
    scale = np.float32(amount)

    def process(block: Wave) -> Wave:
        block *= scale
        np.tanh(block, out=block)
        block /= scale
        return block

    return process


def tremolo(hertz: float, depth: float, playhead: Playhead, *, pan: bool) -> Effect:
    """Create a tremolo; with ``pan`` the channels move in opposite directions, as in a suitcase piano."""
    wave = sine_curve(hertz, playhead)

    def process(block: Wave) -> Wave:
        modulation = wave(block.shape[1]) * np.float32(depth)
        if not pan:
            block *= 1 - modulation
            return block
        block = as_stereo(block)
        block[0] *= 1 - modulation
        block[1] *= 1 + modulation
        return block

    return process


def sidechain_ducking(kicks: Sequence[float], depth: float, recovery: float, playhead: Playhead) -> Effect:
    """Create ducking by ``depth`` (0 to 1) after each kick (in seconds), with a recovery of ``recovery`` seconds."""
    kick_times = np.array([-np.inf, *sorted(kicks)])

    def gain(seconds: Reals) -> Reals:
        elapsed = seconds - kick_times[np.searchsorted(kick_times, seconds, side="right") - 1]
        progress = np.clip(elapsed / recovery, 0.0, 1.0)
        return np.asarray(1.0 - depth * (0.5 + 0.5 * np.cos(np.pi * progress)) * np.clip(elapsed / 0.004, 0.0, 1.0))

    curve = ControlCurve(gain, playhead)

    def process(block: Wave) -> Wave:
        block *= curve(block.shape[1])
        return block

    return process
