"""Metre detection: the number of beats after which changes of harmony and timbre recur in the master."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy import fft
from numpy.lib.stride_tricks import sliding_window_view

from engines.studio.analysis.tempo_and_key import REDUCED_RATE
from engines.studio.dsp.arrays import Mono, Reals
from engines.studio.theory.metre import Metre

BAR_LAGS: Final[Mapping[str, int]] = {"4/4": 8, "3/4": 6, "5/4": 10, "7/4": 14}
"""Length of a bar in half beats. Other metres are detected as the one with the same number of beats."""
WINDOW_FRAMES: Final = 2048
MAX_BIN, BASS_BINS = 700, slice(7, 40)
"""The FFT bins that are analysed, and those of bass and low chords (38 to 215 Hz)."""
TREND_HALF_BEATS: Final = 25
"""Length of the moving average that is subtracted to remove slow changes."""
MIN_SCORE, MIN_LEAD = 0.08, 0.05
"""The lowest autocorrelation that counts as a metre, and its smallest lead over the second best."""
MAX_SECONDS: Final = 180.0
IGNORED_FINAL_BEATS: Final = 6


def detect_metre(sound: Mono, delivered_bpm: float, delivered: Metre) -> str | None:
    """Return the metre by its number of beats, or None if no metre or more than one fits.

    Neither the subdivision of beats nor pairs of bars can be detected: if the number of beats agrees with the
    ``delivered`` metre, that metre is returned.
    """
    novelty = _novelty(sound[: round(MAX_SECONDS * REDUCED_RATE)], 30.0 / delivered_bpm)
    scores = {name: _recurrence(novelty, lag) for name, lag in BAR_LAGS.items() if novelty.shape[1] > 3 * lag}
    if len(scores) < 2:
        return None
    best, second = sorted(scores, key=lambda name: -scores[name])[:2]
    if scores[best] < MIN_SCORE or scores[best] - scores[second] < MIN_LEAD:
        return None
    return delivered.name if best == _detectable_metre(delivered) else best


def _detectable_metre(delivered: Metre) -> str:
    """Return the detectable metre with the same number of beats."""
    if delivered.name in BAR_LAGS:
        return delivered.name
    return "7/4" if delivered.bar_length == 3.5 else "3/4" if len(delivered.pulses) == 3 else "4/4"


def _novelty(sound: Mono, half_beat_seconds: float) -> Reals:
    """Return the spectral changes at each half beat, shape (3, half beats).

    The rows compare with one half beat before, with two before, and with two before in the bass.
    """
    count = max(0, int((len(sound) - WINDOW_FRAMES) / REDUCED_RATE / half_beat_seconds) - 2 * IGNORED_FINAL_BEATS)
    if count < TREND_HALF_BEATS:
        return np.zeros((3, 0))
    starts = (np.arange(count) * half_beat_seconds * REDUCED_RATE).astype(int)
    window = np.hanning(WINDOW_FRAMES).astype(np.float32)
    spectra = np.abs(fft.rfft(sliding_window_view(sound, WINDOW_FRAMES)[starts] * window, axis=1))
    levels, bass = np.log1p(200.0 * spectra[:, :MAX_BIN]), spectra[:, BASS_BINS]
    bass = bass / np.maximum(1e-9, np.linalg.norm(bass, axis=1, keepdims=True))
    rows = np.zeros((3, count))
    rows[0, 1:] = np.linalg.norm(levels[1:] - levels[:-1], axis=1)
    rows[1, 2:] = np.linalg.norm(levels[2:] - levels[:-2], axis=1)
    rows[2, 2:] = 1.0 - (bass[2:] * bass[:-2]).sum(axis=1)
    return np.stack([_detrend(row) for row in rows])


def _detrend(row: Reals) -> Reals:
    padded = np.pad(row, TREND_HALF_BEATS // 2, mode="edge")
    detrended = row - np.convolve(padded, np.ones(TREND_HALF_BEATS) / TREND_HALF_BEATS, mode="valid")
    return np.asarray(detrended / max(1e-9, float(detrended.std())))


def _recurrence(novelty: Reals, lag: int) -> float:
    """Return the autocorrelation after one and two bars; the lower of the two counts more."""
    once, twice = (float((novelty[:, :-shift] * novelty[:, shift:]).mean()) for shift in (lag, 2 * lag))
    return 0.75 * min(once, twice) + 0.25 * max(once, twice)
