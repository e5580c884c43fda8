"""Onsets, pulse and tempo, from the sound alone."""

from typing import Final

import librosa
import numpy as np
from scipy import signal

from benchmarks.music.audio import LOW_RATE, ONSET_HOP, Reals, StereoAudio

RATE: Final = LOW_RATE / ONSET_HOP
SLOWEST_BEAT, FASTEST_BEAT = 1.0, 0.3
"""Seconds between beats at which the pulse is looked for: 60 to 200 BPM."""
OCTAVES: Final = (1.0, 2.0, 0.5, 3.0, 1 / 3, 4.0, 0.25, 1.5, 2 / 3, 0.75, 4 / 3, 6.0, 8.0)
"""What a tempo may be taken for: halves, doubles, triplets and dotted values."""


def measure(sound: StereoAudio) -> dict[str, float]:
    """Onsets per second, their mean strength, and the pulse."""
    strength = sound.onset_strength
    onsets = librosa.onset.onset_detect(onset_envelope=strength, sr=LOW_RATE, hop_length=ONSET_HOP)
    return {
        "onsets": len(onsets) / sound.seconds,
        "flux": float(strength.mean()),
        "pulse": pulse(strength),
    }


def pulse(strength: Reals) -> float:
    """The highest autocorrelation of the onset strength at a lag that may be a beat, 1.0 when it repeats exactly."""
    varying = strength - strength.mean()
    size = 2 ** int(np.ceil(np.log2(2 * len(varying))))
    spectrum = np.fft.rfft(varying, size)
    correlation = np.fft.irfft(np.square(np.abs(spectrum)), size)[: len(varying)]
    unbiased = correlation / np.arange(len(varying), 0, -1)
    low, high = round(FASTEST_BEAT * RATE), min(round(SLOWEST_BEAT * RATE), len(varying) - 1)
    if unbiased[0] <= 0 or high <= low:
        return 0.0
    return float(unbiased[low : high + 1].max() / unbiased[0])


def tempo_error(sound: StereoAudio, told: float) -> float:
    """Percent between a period of the onsets and the nearest multiple of a tempo that was told (BPM).

    Periods are the three highest lines, 0.5 to 8 Hz, of the onset strength's spectrum, if half as high as the highest;
    the one that fits best counts, because dotted rhythms put the highest beside the beat. 60 s tell 0.1 %.
    """
    strength = sound.onset_strength - sound.onset_strength.mean()
    size = 2 ** int(np.ceil(np.log2(16 * len(strength))))
    lines = np.abs(np.fft.rfft(strength * np.hanning(len(strength)), size))
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    inside = (hertz >= 0.5) & (hertz <= 8.0)
    lines, hertz = lines[inside], hertz[inside]
    peaks, _ = signal.find_peaks(lines, height=0.5 * lines.max(), distance=32)
    highest = sorted(peaks, key=lambda place: -lines[place])[:3]
    errors = [100.0 * (60.0 * float(hertz[place]) / (told * octave) - 1.0) for place in highest for octave in OCTAVES]
    return min(errors, key=abs, default=0.0)
