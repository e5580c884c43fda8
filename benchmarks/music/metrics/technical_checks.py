"""Technical checks of every decoded track."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from benchmarks.music.audio import Reals, StereoAudio, decibels, split_frames
from benchmarks.music.metrics import loudness_metrics
from engines.port import SAMPLE_RATE

SILENCE_DBFS: Final = -60.0
LEVEL_FRAMES: Final = SAMPLE_RATE // 100
FULL_SCALE: Final = 0.9999
BASS_HERTZ: Final = 150.0


@dataclass(frozen=True, slots=True)
class TechnicalCheck:
    """A check with two limits: the target, and the limit of acceptance."""

    name: str
    unit: str
    is_on_target: Callable[[float], bool]
    is_acceptable: Callable[[float], bool]


CHECKS: Final[Mapping[str, TechnicalCheck]] = {
    "loudness": TechnicalCheck(
        "integrated loudness", "LUFS", lambda x: abs(x + 14) <= 0.5, lambda x: abs(x + 14) <= 1.0
    ),
    "true_peak": TechnicalCheck("true peak, 4x", "dBTP", lambda x: x <= -1.0, lambda x: x <= -1.0),
    "clipped": TechnicalCheck("clipped samples", "", lambda x: x == 0, lambda x: x == 0),
    "offset": TechnicalCheck("DC offset", "", lambda x: x < 0.0005, lambda x: x < 0.001),
    "leading_silence": TechnicalCheck("leading silence", "s", lambda x: x < 0.2, lambda x: x < 0.5),
    "gap": TechnicalCheck("longest gap inside", "s", lambda x: x == 0, lambda x: x < 1.0),
    "ending": TechnicalCheck("last 0.1 s below the mean level", "dB", lambda x: x >= 40, lambda x: x >= 15),
    "balance": TechnicalCheck("left relative to right", "dB", lambda x: abs(x) <= 1, lambda x: abs(x) <= 3),
    "correlation": TechnicalCheck("correlation, 5th percentile", "", lambda x: x > 0, lambda x: x > -0.2),
    "bass_correlation": TechnicalCheck("correlation below 150 Hz", "", lambda x: x > 0.8, lambda x: x > 0.5),
    "duration_error": TechnicalCheck("duration error", "s", lambda x: abs(x) <= 0.02, lambda x: abs(x) <= 0.05),
    "tempo_error": TechnicalCheck(
        "tempo error, requested to reported", "%", lambda x: abs(x) <= 0.5, lambda x: abs(x) <= 1.0
    ),
}


def measure(sound: StereoAudio, requested_seconds: float) -> dict[str, float]:
    """Return the values of all CHECKS that depend only on the audio."""
    levels = decibels(np.square(split_frames(sound.stereo, LEVEL_FRAMES)).mean(axis=(1, 2)))
    audible = np.flatnonzero(levels > SILENCE_DBFS)
    first, last = (int(audible[0]), int(audible[-1])) if len(audible) else (len(levels), len(levels))
    left, right = decibels(np.square(sound.stereo).mean(axis=0))
    return {
        "loudness": loudness_metrics.integrated_loudness(sound),
        "true_peak": loudness_metrics.true_peak(sound),
        "clipped": float(np.count_nonzero(np.abs(sound.stereo) >= FULL_SCALE)),
        "offset": float(np.abs(sound.stereo.mean(axis=0)).max()),
        "leading_silence": first * LEVEL_FRAMES / SAMPLE_RATE,
        "gap": _longest_run(levels[first:last] <= SILENCE_DBFS) * LEVEL_FRAMES / SAMPLE_RATE,
        "ending": _ending(sound),
        "balance": float(left - right),
        "correlation": _correlation(sound.stereo),
        "bass_correlation": _bass_correlation(sound),
        "duration_error": sound.seconds - requested_seconds,
    }


def _longest_run(flags: NDArray[np.bool_]) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return int(np.max(edges[1::2] - edges[::2], initial=0))


def _ending(sound: StereoAudio) -> float:
    """Return the level of the last 0.1 s below the mean level, in dB."""
    power = np.square(sound.stereo).mean(axis=1)
    return float(decibels(power.mean()) - decibels(power[-SAMPLE_RATE // 10 :].mean()))


def _correlation(stereo: Reals) -> float:
    """Return the 5th percentile of the channel correlation in windows of 1 s, without silent windows."""
    correlations = []
    for window in split_frames(stereo, min(SAMPLE_RATE, len(stereo))):
        left, right = (window - window.mean(axis=0)).T
        scale = float(np.sqrt(np.square(left).sum() * np.square(right).sum()))
        if scale > 1e-6 * len(window):
            correlations.append(float((left * right).sum()) / scale)
    return float(np.percentile(correlations, 5)) if correlations else 1.0


def _bass_correlation(sound: StereoAudio) -> float:
    low = signal.sosfiltfilt(signal.butter(4, BASS_HERTZ, fs=SAMPLE_RATE, output="sos"), sound.stereo, axis=0)
    left, right = np.asarray(low).T
    scale = float(np.sqrt(np.square(left).sum() * np.square(right).sum()))
    return float((left * right).sum()) / scale if scale > 1e-6 * len(left) else 1.0
