"""Gain riding for a focus segment: a constant loudness although parts enter and leave."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from engines.port import SAMPLE_RATE
from engines.studio.dsp.arrays import Reals
from engines.studio.dsp.loudness import LEVEL_FRAMES, integrated_loudness
from engines.studio.mixing.mastering import MEASUREMENT_STEP, WINDOW_MEASUREMENTS, limiter_gains, windowed_levels

CORRECTION_SHARE: Final = 0.8
"""Share of a deviation that each iteration corrects."""
ITERATIONS: Final = 4
MAX_CORRECTION_DB: Final = 12.0
OVERLAP_MARGIN_DB: Final = 1.6
"""Extra headroom where two segments overlap; an equal-power crossfade adds up to 3 dB at most."""


def build_rider(
    edges: Sequence[float], hold_from: float | None, peaks: Reals, target_lufs: float
) -> Callable[[Reals], Reals]:
    """Return a gain curve function for ``mastering.master``.

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
            levels = np.concatenate([windowed_levels(total, first, last) for first, last in pairwise(bounds)])
            corrections += CORRECTION_SHARE * (_level(total, hold) - levels)
            corrections[hold:] = corrections[hold - 1]
            corrections = np.clip(corrections - np.median(corrections), -MAX_CORRECTION_DB, MAX_CORRECTION_DB)
            gains = 10 ** (np.interp(np.arange(len(powers)), positions, corrections) / 20)
        return np.asarray(gains)

    return ride


def overlap_margin(frames: int, overlap_in: float, overlap_out: float) -> Reals:
    """Return the ``margin`` for ``mastering.master`` of a segment, given its overlaps in seconds."""
    seconds = (np.arange(-(-frames // LEVEL_FRAMES)) + 0.5) * LEVEL_FRAMES / SAMPLE_RATE
    is_overlap = (seconds < overlap_in) | (seconds > frames / SAMPLE_RATE - overlap_out)
    return np.where(is_overlap, 10 ** (OVERLAP_MARGIN_DB / 20), 1.0)


def _measurement(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE / LEVEL_FRAMES / MEASUREMENT_STEP)


def _level(total: Reals, last: int) -> float:
    """Return the mean level in dB up to a measurement."""
    blocks = min(last * MEASUREMENT_STEP, len(total) - 1)
    return float(10.0 * np.log10(max(total[blocks] / blocks, 1e-12)))
