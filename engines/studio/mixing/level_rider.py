"""The fader of a segment: it holds one loudness from the first second to the last, whoever comes and goes."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from engines.port import SAMPLE_RATE
from engines.studio.dsp.arrays import Reals
from engines.studio.dsp.loudness import LEVEL_FRAMES, integrated_loudness
from engines.studio.mixing.mastering import limiter_gains

READING_STEP: Final = SAMPLE_RATE // (10 * LEVEL_FRAMES)
"""Grains between two readings: a tenth of a second."""
WINDOW_READINGS: Final = 15
"""Readings to each side over which a level is taken: three seconds in all, as long as short-term loudness hears."""
CORRECTION_SHARE: Final = 0.8
"""How much of a deviation the fader takes away in each of its rounds."""
ROUNDS: Final = 4
MAX_MOVE_DB: Final = 12.0
OVERLAP_MARGIN_DB: Final = 1.6
"""By how much peaks stay lower where two segments sound at once: at equal power they add up to 3 dB at most."""


def build_rider(
    edges: Sequence[float], hold_from: float | None, peaks: Reals, target_lufs: float
) -> Callable[[Reals], Reals]:
    """A rider for master.master. Levels are not taken across ``edges``, where players come in or leave (seconds).

    From ``end`` on the fader stays, so that a last chord may die away. What the limiter will take from ``peaks`` (of
    the grains, with their margin) at an ``aim`` in LUFS counts too: loud attacks alone lose more than a full band.
    """

    def ride(powers: Reals) -> Reals:
        places = np.arange(0, len(powers), READING_STEP)
        marks = [0, *(round(edge * SAMPLE_RATE / LEVEL_FRAMES / READING_STEP) for edge in edges), len(places)]
        last = (
            len(places)
            if hold_from is None
            else max(1, round(hold_from * SAMPLE_RATE / LEVEL_FRAMES / READING_STEP) - WINDOW_READINGS)
        )
        gains, moves = np.ones(len(powers)), np.zeros(len(places))
        for _ in range(ROUNDS):
            whole = 10 ** ((target_lufs - integrated_loudness(powers * gains**2)) / 20)
            total = np.concatenate([[0.0], np.cumsum(powers * (gains * limiter_gains(peaks * gains, whole)) ** 2)])
            levels = np.concatenate([_levels(total, one, two) for one, two in pairwise(marks)])
            moves += CORRECTION_SHARE * (_level(total, last) - levels)
            moves[last:] = moves[last - 1]
            moves = np.clip(moves - np.median(moves), -MAX_MOVE_DB, MAX_MOVE_DB)
            gains = 10 ** (np.interp(np.arange(len(powers)), places, moves) / 20)
        return np.asarray(gains)

    return ride


def overlap_margin(frames: int, head: float, tail: float) -> Reals:
    """The margin for master.master of a segment whose overlaps last ``head`` and ``tail`` seconds."""
    seconds = (np.arange(-(-frames // LEVEL_FRAMES)) + 0.5) * LEVEL_FRAMES / SAMPLE_RATE
    is_shared = (seconds < head) | (seconds > frames / SAMPLE_RATE - tail)
    return np.where(is_shared, 10 ** (OVERLAP_MARGIN_DB / 20), 1.0)


def _levels(total: Reals, first: int, last: int) -> Reals:
    """The level around each reading from ``first`` to ``last``, in decibels, from the running sum of powers."""
    places = np.arange(first, last)
    low = np.maximum(places - WINDOW_READINGS, first) * READING_STEP
    high = np.minimum(np.minimum(places + WINDOW_READINGS, last) * READING_STEP, len(total) - 1)
    return np.asarray(10.0 * np.log10(np.maximum((total[high] - total[low]) / np.maximum(1, high - low), 1e-12)))


def _level(total: Reals, last: int) -> float:
    """The level of the whole up to a reading."""
    frames = min(last * READING_STEP, len(total) - 1)
    return float(10.0 * np.log10(max(total[frames] / frames, 1e-12)))
