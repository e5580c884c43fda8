"""Metrics of rhythm, from the audio: onsets, pulse clarity and tempo."""

from typing import Final

import librosa
import numpy as np
from scipy import signal

from benchmarks.music.audio import LOW_RATE, ONSET_HOP, Reals, StereoAudio

RATE: Final = LOW_RATE / ONSET_HOP
MAX_BEAT_SECONDS, MIN_BEAT_SECONDS = 1.0, 0.3
"""Range of beat periods for the pulse: 60 to 200 BPM."""
TEMPO_FACTORS: Final = (1.0, 2.0, 0.5, 3.0, 1 / 3, 4.0, 0.25, 1.5, 2 / 3, 0.75, 4 / 3, 6.0, 8.0)
"""Ambiguities of a tempo: half, double, triplet and dotted values."""


def measure(sound: StereoAudio) -> dict[str, float]:
    """Return onsets per second, their mean strength, and the pulse clarity."""
    strength = sound.onset_strength
    onsets = librosa.onset.onset_detect(onset_envelope=strength, sr=LOW_RATE, hop_length=ONSET_HOP)
    return {
        "onsets": len(onsets) / sound.seconds,
        "flux": float(strength.mean()),
        "pulse": pulse(strength),
    }


def pulse(strength: Reals) -> float:
    """Return the highest autocorrelation of the onset strength at a beat period; 1.0 for an exact repetition."""
    varying = strength - strength.mean()
    size = 2 ** int(np.ceil(np.log2(2 * len(varying))))
    spectrum = np.fft.rfft(varying, size)
    correlation = np.fft.irfft(np.square(np.abs(spectrum)), size)[: len(varying)]
    unbiased = correlation / np.arange(len(varying), 0, -1)
    low, high = round(MIN_BEAT_SECONDS * RATE), min(round(MAX_BEAT_SECONDS * RATE), len(varying) - 1)
    if unbiased[0] <= 0 or high <= low:
        return 0.0
    return float(unbiased[low : high + 1].max() / unbiased[0])


def tempo_error(sound: StereoAudio, reported_bpm: float) -> float:
    """Return the difference in percent between a period of the onsets and the nearest multiple of the reported tempo.

    Periods are the three highest peaks from 0.5 to 8 Hz of the onset strength's spectrum, if at least half as high as
    the highest. The best fit counts, because dotted rhythms shift the highest peak. The resolution at 60 s is 0.1 %.
    """
    strength = sound.onset_strength - sound.onset_strength.mean()
    size = 2 ** int(np.ceil(np.log2(16 * len(strength))))
    lines = np.abs(np.fft.rfft(strength * np.hanning(len(strength)), size))
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    inside = (hertz >= 0.5) & (hertz <= 8.0)
    lines, hertz = lines[inside], hertz[inside]
    peaks, _ = signal.find_peaks(lines, height=0.5 * lines.max(), distance=32)
    highest = sorted(peaks, key=lambda index: -lines[index])[:3]
    errors = [
        100.0 * (60.0 * float(hertz[index]) / (reported_bpm * factor) - 1.0)
        for index in highest
        for factor in TEMPO_FACTORS
    ]
    return min(errors, key=abs, default=0.0)
