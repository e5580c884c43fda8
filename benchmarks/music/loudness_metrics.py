"""Loudness over time after ITU-R BS.1770-4 and EBU Tech 3341/3342, weighted by pyloudnorm's filters."""

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
    """Loudness in LUFS, one value each 0.1 s: of 0.4 s (momentary) and of the 3 s around them (short)."""

    momentary: Reals
    short: Reals


def integrated_loudness(sound: StereoAudio) -> float:
    """Gated loudness in LUFS."""
    return float(pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(sound.stereo))


def loudness_curves(sound: StereoAudio) -> LoudnessCurves:
    """Momentary and short-term loudness, aligned by their middles; sounds under 3 s have one value of the whole."""
    weighted = sound.stereo
    for stage in pyloudnorm.Meter(SAMPLE_RATE)._filters.values():  # noqa: SLF001  it offers no curve over time
        weighted = np.stack([stage.apply_filter(side) for side in weighted.T], axis=1)
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
    """LRA in LU (EBU Tech 3342): 10th to 95th percentile of short-term loudness above the gates."""
    heard = short[short >= ABSOLUTE_GATE]
    if not len(heard):
        return 0.0
    gate = 10 * np.log10(np.mean(10 ** (heard / 10))) - 20.0
    low, high = np.percentile(heard[heard >= gate], [10, 95])
    return float(high - low)


def micro_dynamics(found: LoudnessCurves) -> float:
    """Spread (standard deviation, dB) of momentary loudness about the 3 s loudness around it."""
    skip = (len(found.momentary) - len(found.short)) // 2
    near = found.momentary[skip : skip + len(found.short)]
    heard = (near > ABSOLUTE_GATE) & (found.short > found.short.max() - 20.0)
    return float(np.std(near[heard] - found.short[heard])) if heard.any() else 0.0


def true_peak(sound: StereoAudio) -> float:
    """The highest of four-times oversampled samples in dBTP."""
    sides = (signal.resample_poly(side, 4, 1) for side in sound.stereo.T)
    return 20 * float(np.log10(max(1e-6, *(float(np.abs(side).max()) for side in sides))))
