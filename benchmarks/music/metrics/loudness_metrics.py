"""Loudness over time per ITU-R BS.1770-4 and EBU Tech 3341/3342, with pyloudnorm's weighting filters."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyloudnorm
from scipy import signal

from benchmarks.music.audio import Reals, StereoAudio
from engines.port import SAMPLE_RATE

HOP: Final = SAMPLE_RATE // 10
ABSOLUTE_GATE: Final = -70.0
OFFSET: Final = -0.691


@dataclass(frozen=True, slots=True)
class LoudnessCurves:
    """Momentary (0.4 s) and short-term (3 s) loudness in LUFS, every 0.1 s."""

    momentary: Reals
    short: Reals


def integrated_loudness(sound: StereoAudio) -> float:
    """Return the gated loudness in LUFS."""
    return float(pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(sound.stereo))


def loudness_curves(sound: StereoAudio) -> LoudnessCurves:
    """Return momentary and short-term loudness; shorter audio than a window has one value for the whole."""
    weighted = sound.stereo
    for stage in pyloudnorm.Meter(SAMPLE_RATE)._filters.values():  # noqa: SLF001  the public API has no loudness over time
        weighted = np.stack([stage.apply_filter(channel) for channel in weighted.T], axis=1)
    power = np.square(weighted).sum(axis=1)
    sums = np.concatenate([[0.0], np.cumsum(power)])
    return LoudnessCurves(_windowed(sums, 0.4), _windowed(sums, 3.0))


def _windowed(sums: Reals, seconds: float) -> Reals:
    frames = len(sums) - 1
    half = min(round(seconds * SAMPLE_RATE), frames) // 2
    middles = np.arange(half, frames - half + 1, HOP)
    powers = (sums[middles + half] - sums[middles - half]) / (2 * half)
    return OFFSET + 10 * np.log10(np.maximum(powers, 1e-12))


def loudness_range(short: Reals) -> float:
    """Return the LRA in LU (EBU Tech 3342): 10th to 95th percentile of short-term loudness above the gates."""
    audible = short[short >= ABSOLUTE_GATE]
    if not len(audible):
        return 0.0
    gate = 10 * np.log10(np.mean(10 ** (audible / 10))) - 20.0
    low, high = np.percentile(audible[audible >= gate], [10, 95])
    return float(high - low)


def micro_dynamics(curves: LoudnessCurves) -> float:
    """Return the standard deviation in dB of momentary loudness minus the short-term loudness around it."""
    offset = (len(curves.momentary) - len(curves.short)) // 2
    momentary = curves.momentary[offset : offset + len(curves.short)]
    is_audible = (momentary > ABSOLUTE_GATE) & (curves.short > curves.short.max() - 20.0)
    return float(np.std(momentary[is_audible] - curves.short[is_audible])) if is_audible.any() else 0.0


def level_jump(short: Reals, seconds: float) -> float:
    """Return the largest change in LU from one window of 3 s to the next, without the last tenth of the track."""
    values = np.maximum(short[: max(31, round(len(short) - seconds))], ABSOLUTE_GATE)
    return float(np.abs(values[30:] - values[:-30]).max()) if len(values) > 30 else 0.0


def true_peak(sound: StereoAudio) -> float:
    """Return the peak at four times the sample rate in dBTP."""
    channels = (signal.resample_poly(channel, 4, 1) for channel in sound.stereo.T)
    return 20 * float(np.log10(max(1e-6, *(float(np.abs(channel).max()) for channel in channels))))
