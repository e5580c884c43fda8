"""The fader of a segment: it holds one loudness from the first second to the last, whoever comes and goes."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from engines.port import SAMPLE_RATE
from engines.studio.dsp.arrays import Reals
from engines.studio.dsp.loudness import GRAIN, integrated
from engines.studio.mixing.mastering import limiter

STEP: Final = SAMPLE_RATE // (10 * GRAIN)
"""Grains between two readings: a tenth of a second."""
REACH: Final = 15
"""Readings to each side over which a level is taken: three seconds in all, as long as short-term loudness hears."""
FIRM: Final = 0.8
"""How much of a deviation the fader takes away in each of its rounds."""
ROUNDS: Final = 4
MOST_DB: Final = 12.0
SHARED_DB: Final = 1.6
"""By how much peaks stay lower where two segments sound at once: at equal power they add up to 3 dB at most."""


def rider(edges: Sequence[float], end: float | None, peaks: Reals, aim: float) -> Callable[[Reals], Reals]:
    """A rider for master.master. Levels are not taken across ``edges``, where players come in or leave (seconds).

    From ``end`` on the fader stays, so that a last chord may die away. What the limiter will take from ``peaks`` (of
    the grains, with their margin) at an ``aim`` in LUFS counts too: loud attacks alone lose more than a full band.
    """

    def ride(powers: Reals) -> Reals:
        places = np.arange(0, len(powers), STEP)
        marks = [0, *(round(edge * SAMPLE_RATE / GRAIN / STEP) for edge in edges), len(places)]
        last = len(places) if end is None else max(1, round(end * SAMPLE_RATE / GRAIN / STEP) - REACH)
        gains, moves = np.ones(len(powers)), np.zeros(len(places))
        for _ in range(ROUNDS):
            whole = 10 ** ((aim - integrated(powers * gains**2)) / 20)
            total = np.concatenate([[0.0], np.cumsum(powers * (gains * limiter(peaks * gains, whole)) ** 2)])
            levels = np.concatenate([_levels(total, one, two) for one, two in pairwise(marks)])
            moves += FIRM * (_level(total, last) - levels)
            moves[last:] = moves[last - 1]
            moves = np.clip(moves - np.median(moves), -MOST_DB, MOST_DB)
            gains = 10 ** (np.interp(np.arange(len(powers)), places, moves) / 20)
        return np.asarray(gains)

    return ride


def margin(frames: int, head: float, tail: float) -> Reals:
    """The margin for master.master of a segment whose overlaps last ``head`` and ``tail`` seconds."""
    seconds = (np.arange(-(-frames // GRAIN)) + 0.5) * GRAIN / SAMPLE_RATE
    is_shared = (seconds < head) | (seconds > frames / SAMPLE_RATE - tail)
    return np.where(is_shared, 10 ** (SHARED_DB / 20), 1.0)


def _levels(total: Reals, first: int, last: int) -> Reals:
    """The level around each reading from ``first`` to ``last``, in decibels, from the running sum of powers."""
    places = np.arange(first, last)
    low = np.maximum(places - REACH, first) * STEP
    high = np.minimum(np.minimum(places + REACH, last) * STEP, len(total) - 1)
    return np.asarray(10.0 * np.log10(np.maximum((total[high] - total[low]) / np.maximum(1, high - low), 1e-12)))


def _level(total: Reals, last: int) -> float:
    """The level of the whole up to a reading."""
    frames = min(last * STEP, len(total) - 1)
    return float(10.0 * np.log10(max(total[frames] / frames, 1e-12)))
