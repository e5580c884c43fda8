"""Hears the finished master's metre: after how many beats its harmony and its colour come round again."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy import fft
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from engines.studio.analysis.tempo_and_key import REDUCED_RATE, MonoSamples
from engines.studio.theory.metre import Metre

Reals = NDArray[np.float64]
BAR_LAGS: Final[Mapping[str, int]] = {"4/4": 8, "3/4": 6, "5/4": 10, "7/4": 14}
"""Half beats after which each of the metres comes round; 2/4 and everything in threes of eighths as what it groups."""
WINDOW: Final = 2048
MAX_BIN, BASS_BINS = 700, slice(7, 40)
"""Bins that are looked at, and those of bass and low chords (38 to 215 Hz)."""
TREND_HALF_BEATS: Final = 25
"""Half beats over which slow changes are taken out."""
MIN_SCORE, MIN_LEAD = 0.08, 0.05
"""The likeness below which nothing comes round, and by how much the best must lead."""
MAX_SECONDS: Final = 180.0
IGNORED_FINAL_BEATS: Final = 6


def detect_metre(sound: MonoSamples, delivered_bpm: float, delivered: Metre) -> str | None:
    """The metre by its number of beats; None where nothing comes round, or too much.

    ``pace`` is the tempo that was delivered. How a beat is divided, and whether two bars are one, is not heard: where
    the number of beats agrees, that of the ``delivered`` metre is told.
    """
    changes = _novelty(sound[: round(MAX_SECONDS * REDUCED_RATE)], 30.0 / delivered_bpm)
    scores = {name: _score(changes, lag) for name, lag in BAR_LAGS.items() if changes.shape[1] > 3 * lag}
    if len(scores) < 2:
        return None
    best, second = sorted(scores, key=lambda name: -scores[name])[:2]
    if scores[best] < MIN_SCORE or scores[best] - scores[second] < MIN_LEAD:
        return None
    return delivered.name if best == _detectable_metre(delivered) else best


def _detectable_metre(delivered: Metre) -> str:
    """Which of the metres that can be heard has as many beats."""
    if delivered.name in BAR_LAGS:
        return delivered.name
    return "7/4" if delivered.bar_length == 3.5 else "3/4" if len(delivered.pulses) == 3 else "4/4"


def _novelty(sound: MonoSamples, half: float) -> Reals:
    """How much sounds anew at each half beat, shape (3, half beats): beside the last, beside the last but one, low."""
    count = max(0, int((len(sound) - WINDOW) / REDUCED_RATE / half) - 2 * IGNORED_FINAL_BEATS)
    if count < TREND_HALF_BEATS:
        return np.zeros((3, 0))
    places = (np.arange(count) * half * REDUCED_RATE).astype(int)
    taper = np.hanning(WINDOW).astype(np.float32)
    spectra = np.abs(fft.rfft(sliding_window_view(sound, WINDOW)[places] * taper, axis=1))
    levels, low = np.log1p(200.0 * spectra[:, :MAX_BIN]), spectra[:, BASS_BINS]
    low = low / np.maximum(1e-9, np.linalg.norm(low, axis=1, keepdims=True))
    rows = np.zeros((3, count))
    rows[0, 1:] = np.linalg.norm(levels[1:] - levels[:-1], axis=1)
    rows[1, 2:] = np.linalg.norm(levels[2:] - levels[:-2], axis=1)
    rows[2, 2:] = 1.0 - (low[2:] * low[:-2]).sum(axis=1)
    return np.stack([_detrended(row) for row in rows])


def _detrended(row: Reals) -> Reals:
    edge = TREND_HALF_BEATS // 2
    steady = row - np.convolve(
        np.pad(row, (edge, edge), mode="edge"), np.ones(TREND_HALF_BEATS) / TREND_HALF_BEATS, mode="valid"
    )
    return np.asarray(steady / max(1e-9, float(steady.std())))


def _score(changes: Reals, lag: int) -> float:
    """The likeness to what was a bar before, and two bars before: the lesser counts for more."""
    once, twice = (float((changes[:, :-shift] * changes[:, shift:]).mean()) for shift in (lag, 2 * lag))
    return 0.75 * min(once, twice) + 0.25 * max(once, twice)
