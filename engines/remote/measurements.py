"""Measure the audio of a peer by the studio's own analysis."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.port import SAMPLE_RATE, Audio
from engines.studio.analysis import tempo_and_key
from engines.studio.dsp import loudness
from engines.studio.dsp.loudness import LoudnessMeter

_SILENT_PEAK: Final = 1e-5
"""The lowest true peak that is measured, -100 dBTP."""


@dataclass(frozen=True, slots=True)
class Measurements:
    """Properties of audio: ``tempo_bpm`` is None without a beat, ``key`` (as "A minor") for unpitched sound."""

    duration_seconds: float
    tempo_bpm: float | None
    key: str | None
    loudness_lufs: float
    true_peak_dbtp: float


def measure(audio: Audio, expected_bpm: float | None, heartbeat: Callable[[], None]) -> Measurements:
    """Measure audio. Of the multiples of the tempo, the nearest to ``expected_bpm`` is returned.

    ``heartbeat`` is called at least every few seconds and may end the measurement by an exception.
    """
    meter, peak = LoudnessMeter(), _SILENT_PEAK
    for block in audio.blocks():
        wave = np.ascontiguousarray(block.T)
        meter.add(wave)
        peak = max(peak, float(loudness.true_peaks(wave).max()))
        heartbeat()
    sound = tempo_and_key.to_reduced_mono(audio, heartbeat)
    tempo = tempo_and_key.estimate_tempo(sound, expected_bpm or tempo_and_key.PREFERRED_BPM, heartbeat)
    heartbeat()
    return Measurements(
        duration_seconds=round(audio.frames / SAMPLE_RATE, 3),
        tempo_bpm=tempo,
        key=tempo_and_key.estimate_key(sound, ends_on_tonic=False),
        loudness_lufs=round(loudness.integrated_loudness(meter.powers), 2),
        true_peak_dbtp=round(20 * math.log10(peak), 2),
    )
