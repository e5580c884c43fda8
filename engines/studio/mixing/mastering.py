"""Mastering: loudness normalization, gain riding and a look-ahead true-peak limiter."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from engines.port import SAMPLE_RATE, SpooledAudio
from engines.studio.dsp.arrays import Reals, interleaved, ramps
from engines.studio.dsp.loudness import LEVEL_FRAMES, LoudnessMeter, highest_true_peak, integrated_loudness
from engines.studio.mixing.mixdown import BLOCK_FRAMES, Mixdown
from engines.studio.model.mix_settings import DEFAULT_LUFS, DEFAULT_RANGE_LU

CEILING_DBTP: Final = -2.0
"""Limiter ceiling. It keeps peaks below -1 dBTP after MP3 coding at 192 kbit/s.

The coding added 0.73 dB at most in 140 renders of all styles. With DEFAULT_LUFS the ceiling leaves a peak-to-loudness
ratio of 12.3 dB, before and after the coding: the first quartile of human-made tracks is 12.4 dB.
"""
MAX_SHAPED_RANGE_LU: Final = 9.0
"""Largest loudness range if dynamics were requested; the 95th percentile of human-made tracks is 9.6 LU."""
LOOK_AHEAD_BLOCKS: Final = 5
"""Level blocks (of 0.73 ms) over which the gain changes before and after a peak."""
RELEASE_DB_PER_BLOCK: Final = 0.06
"""Fastest rise of the gain from one level block to the next: about 83 dB per second."""
MEASUREMENT_STEP: Final = SAMPLE_RATE // (10 * LEVEL_FRAMES)
"""Level blocks between two measurements: 0.1 s."""
WINDOW_MEASUREMENTS: Final = 15
"""Measurements to each side of a window: 3 s in total, the window of short-term loudness."""
CORRECTION_SHARE: Final = 0.8
"""Share of a deviation that each iteration corrects."""
ITERATIONS: Final = 4
MAX_CORRECTION_DB: Final = 12.0
PEAK_MARGIN_DB: Final = 1.0
"""Blocks whose expected true peak is lower than the highest by more than this are not measured in the master.

The change of the gain within a block made the peaks of five tracks differ by up to 0.15 dB from what was expected.
"""
OVERLAP_MARGIN_DB: Final = 1.6
"""Extra headroom where two segments overlap; an equal-power crossfade adds up to 3 dB at most."""


@dataclass(frozen=True, slots=True)
class Master:
    """A master, the gain that was applied before the limiter, and its measured loudness and true peak."""

    audio: SpooledAudio
    pre_limiter_gain: float
    loudness_lufs: float
    true_peak_dbtp: float


def _shifted(values: Reals, distance: int) -> list[Reals]:
    """Return the values shifted by -distance to distance, with repeated edges."""
    padded = np.pad(values, distance, mode="edge")
    return [padded[offset : offset + len(values)] for offset in range(2 * distance + 1)]


def limiter_gains(peaks: Reals, gain: float) -> Reals:
    """Return the limiter's gain for each level block, given the mix's true peaks and the gain before the limiter.

    The gain that each peak requires is held for the look-ahead, released linearly in decibels (a running minimum
    replaces the loop), and smoothed by a window no longer than the hold.
    """
    ceiling = 10 ** (CEILING_DBTP / 20)
    needed = np.minimum(0.0, 20 * np.log10(ceiling / np.maximum(peaks * gain, 1e-9)))
    held = reduce(np.minimum, _shifted(needed, LOOK_AHEAD_BLOCKS + 1))
    ramp = RELEASE_DB_PER_BLOCK * np.arange(len(held))
    released = np.minimum.accumulate(held - ramp) + ramp
    window = np.hanning(2 * LOOK_AHEAD_BLOCKS + 3)[1:-1]
    shifts = _shifted(np.minimum(released, 0.0), LOOK_AHEAD_BLOCKS)
    smooth = sum(weight * shifted for weight, shifted in zip(window / window.sum(), shifts, strict=True))
    return np.asarray(10 ** (smooth / 20))


def _levels(total: Reals, first: int, last: int) -> Reals:
    """Return the level in dB in the window around each measurement, given the running sum of powers.

    The windows are cut at the measurements ``first`` and ``last``.
    """
    positions = np.arange(first, last)
    low = np.maximum(positions - WINDOW_MEASUREMENTS, first) * MEASUREMENT_STEP
    high = np.minimum(np.minimum(positions + WINDOW_MEASUREMENTS, last) * MEASUREMENT_STEP, len(total) - 1)
    return np.asarray(10.0 * np.log10(np.maximum((total[high] - total[low]) / np.maximum(1, high - low), 1e-12)))


def ride_fader(powers: Reals, range_lu: tuple[float, float] = DEFAULT_RANGE_LU, fade_seconds: float = 0.0) -> Reals:
    """Return slow gain changes before the limiter, at most 1 for each level block.

    They bring the loudness range to ``range_lu`` (smallest, largest): loud sections are lowered if it is too wide,
    quiet ones if it is too narrow. The gain ends at its first value,
    so that a loop has no step, and is constant during a fade-out of ``fade_seconds``. The loudness range is the
    distance from the 10th to the 95th percentile of three-second levels (EBU Tech 3342).
    """
    positions = np.arange(0, len(powers), MEASUREMENT_STEP)
    levels = _levels(np.concatenate([[0.0], np.cumsum(powers)]), 0, len(positions))
    ending = max(40, round(10 * fade_seconds))
    body = levels[:-ending] if len(levels) > ending + 40 else levels
    audible = body[body > body.max() - 20.0]
    spread = float(np.percentile(audible, 95) - np.percentile(audible, 10))
    if len(positions) < 80 or spread < 0.3:
        return np.ones(len(powers))
    target = min(range_lu[1], max(range_lu[0], spread))
    factor = min(1.9, max(min(0.5, range_lu[1] / DEFAULT_RANGE_LU[1]), target / spread))
    changes = (factor - 1.0) * np.clip(levels - float(np.median(audible)), -9.0, 6.0)
    changes[-ending:] = changes[-ending] if fade_seconds else np.linspace(changes[-40], changes[0], 40)
    window = np.hanning(33)[1:-1]
    windows = sliding_window_view(np.pad(changes, 15, mode="wrap"), 31)
    smooth = (windows * (window / window.sum())).sum(axis=1)
    return np.asarray(10 ** (np.interp(np.arange(len(powers)), positions, smooth - smooth.max()) / 20))


def build_rider(
    edges: Sequence[float], hold_from: float | None, peaks: Reals, target_lufs: float
) -> Callable[[Reals], Reals]:
    """Return a gain curve function for ``master``.

    ``edges`` are the times in seconds at which parts enter or leave; no measurement window crosses them. From
    ``hold_from`` on the gain is constant, so that a last chord may decay. ``peaks`` (per level block, with their
    margin) determine the gain reduction of the limiter at ``target_lufs``, which is included in the levels: isolated
    loud attacks lose more than a full band.
    """

    def ride(powers: Reals) -> Reals:
        positions = np.arange(0, len(powers), MEASUREMENT_STEP)
        bounds = [0, *(_measurement(edge) for edge in edges), len(positions)]
        hold = len(positions) if hold_from is None else max(1, _measurement(hold_from) - WINDOW_MEASUREMENTS)
        gains, corrections = np.ones(len(powers)), np.zeros(len(positions))
        for _ in range(ITERATIONS):
            gain = 10 ** ((target_lufs - integrated_loudness(powers * gains**2)) / 20)
            total = np.concatenate([[0.0], np.cumsum(powers * (gains * limiter_gains(peaks * gains, gain)) ** 2)])
            levels = np.concatenate([_levels(total, first, last) for first, last in pairwise(bounds)])
            corrections += CORRECTION_SHARE * (_level(total, hold) - levels)
            corrections[hold:] = corrections[hold - 1]
            corrections = np.clip(corrections - np.median(corrections), -MAX_CORRECTION_DB, MAX_CORRECTION_DB)
            gains = 10 ** (np.interp(np.arange(len(powers)), positions, corrections) / 20)
        return np.asarray(gains)

    return ride


def overlap_margin(frames: int, overlap_in: float, overlap_out: float) -> Reals:
    """Return the ``margin`` for ``master`` of a segment, given its overlaps in seconds."""
    seconds = (np.arange(-(-frames // LEVEL_FRAMES)) + 0.5) * LEVEL_FRAMES / SAMPLE_RATE
    is_overlap = (seconds < overlap_in) | (seconds > frames / SAMPLE_RATE - overlap_out)
    return np.where(is_overlap, 10 ** (OVERLAP_MARGIN_DB / 20), 1.0)


def _measurement(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE / LEVEL_FRAMES / MEASUREMENT_STEP)


def _level(total: Reals, last: int) -> float:
    """Return the mean level in dB up to a measurement."""
    blocks = min(last * MEASUREMENT_STEP, len(total) - 1)
    return float(10.0 * np.log10(max(total[blocks] / blocks, 1e-12)))


def _pre_limiter_gain(
    powers: Reals, peaks: Reals, report_progress: Callable[[float], None], target_lufs: float
) -> float:
    """Iterate to the gain with which the limited mix has the target loudness."""
    gain = 10 ** ((target_lufs - integrated_loudness(powers)) / 20)
    for _ in range(8):
        report_progress(0.0)
        loudness = integrated_loudness(powers * (gain * limiter_gains(peaks, gain)) ** 2)
        gain *= 10 ** (min(6.0, max(-6.0, target_lufs - loudness)) / 20)
    return float(gain)


def master(
    mixdown: Mixdown,
    folder: Path,
    report_progress: Callable[[float], None],
    target_lufs: float = DEFAULT_LUFS,
    ride: Callable[[Reals], Reals] = ride_fader,
    margin: Reals | float = 1.0,
) -> Master:
    """Write the master to ``folder`` and call ``report_progress`` with the share that is done.

    ``ride`` returns the gain of each level block from the powers of the mix; ``margin`` is a factor, for each level
    block, by which peaks must stay below the ceiling.
    """
    riding = ride(mixdown.powers)
    peaks = mixdown.true_peaks * riding * margin
    gain = _pre_limiter_gain(mixdown.powers * riding**2, peaks, report_progress, target_lufs)
    curve = limiter_gains(peaks, gain) * gain * riding
    centred = np.pad(curve, 1, mode="edge")  # the gain of a level block is that of its middle frame
    expected = mixdown.true_peaks * curve
    is_near_peak = expected >= 10 ** (-PEAK_MARGIN_DB / 20) * expected.max()
    meter, highest, done = LoudnessMeter(), 0.0, 0
    path = folder / "master.f32"
    with path.open("wb") as file:
        for block in SpooledAudio(mixdown.paths["mix"], mixdown.frames).blocks(BLOCK_FRAMES):
            first, last = done // LEVEL_FRAMES, -(-(done + len(block)) // LEVEL_FRAMES)
            gains = ramps(centred[first : last + 2], LEVEL_FRAMES)[LEVEL_FRAMES // 2 :][: len(block)]
            mastered = np.empty((2, len(block)), dtype=np.float32)
            np.multiply(block.T, gains, out=mastered)
            meter.add(mastered)
            highest = max(highest, highest_true_peak(mastered, np.flatnonzero(is_near_peak[first:last])))
            file.write(interleaved(mastered).data)
            done += len(block)
            report_progress(done / mixdown.frames)
    peak = 20 * float(np.log10(max(highest, 1e-9)))
    return Master(SpooledAudio(path, mixdown.frames), gain, round(integrated_loudness(meter.powers), 2), round(peak, 2))
