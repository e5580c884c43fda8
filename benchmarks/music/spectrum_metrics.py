"""Balance over frequency and between the sides."""

from typing import Final

import librosa
import numpy as np
from scipy import signal

from benchmarks.music.audio import HOP, LOW_RATE, Reals, StereoAudio, decibels
from engines.port import SAMPLE_RATE

BANDS: Final = {
    "sub": (20.0, 60.0),
    "low": (60.0, 250.0),
    "mid": (250.0, 2000.0),
    "high": (2000.0, 8000.0),
    "air": (8000.0, 20_000.0),
}
SLOPE_FROM, SLOPE_TO = 125.0, 10_000.0
PEAK_FRAME: Final = 8192
PEAK_DEPTH: Final = 30.0
"""Decibels under the strongest peak of a frame within which a peak counts as heard."""
PEAK_WIDTH: Final = 4.0
"""Semitones around a peak in which it must be the highest: a third of an octave, about what one ear filter holds."""


def measure(sound: StereoAudio) -> dict[str, float]:
    """Side/mid, slope, bands, centroid, and the peaks that sound at once."""
    frequencies, power = signal.welch(sound.stereo, SAMPLE_RATE, nperseg=8192, axis=0)
    density = power.mean(axis=1)
    peaks, octaves = _peaks(sound)
    return {
        "side_mid": _side_mid(sound),
        "slope": slope(frequencies, density),
        **bands(frequencies, density),
        "centroid": _centroid(sound),
        "peaks": peaks,
        "peak_octaves": octaves,
    }


def _side_mid(sound: StereoAudio) -> float:
    left, right = sound.stereo.T
    return float(decibels(np.square(left - right).mean()) - decibels(np.square(left + right).mean()))


def slope(frequencies: Reals, density: Reals) -> float:
    """Decibels per octave of power density, a straight line through third-octave means from 125 Hz to 10 kHz."""
    centres = SLOPE_FROM * 2 ** (np.arange(20) / 3)
    centres = centres[centres <= SLOPE_TO * 1.01]
    edge = 2 ** (1 / 6)
    level = [
        density[(frequencies >= one / edge) & (frequencies < one * edge)].mean()
        if ((frequencies >= one / edge) & (frequencies < one * edge)).any()
        else 1e-20
        for one in centres
    ]
    return float(np.polyfit(np.log2(centres), 10 * np.log10(np.maximum(level, 1e-20)), 1)[0])


def bands(frequencies: Reals, density: Reals) -> dict[str, float]:
    """Power of each of BANDS beside the whole, in decibels."""
    whole = max(float(density.sum()), 1e-20)
    return {
        f"band_{name}": float(decibels(density[(frequencies >= low) & (frequencies < high)].sum() / whole))
        for name, (low, high) in BANDS.items()
    }


def _centroid(sound: StereoAudio) -> float:
    """Median over the frames that are heard (within 40 dB of the loudest), in hertz."""
    centroid = librosa.feature.spectral_centroid(S=sound.spectrum, sr=LOW_RATE)[0]
    level = decibels(np.square(sound.spectrum).sum(axis=0))
    heard = level > level.max() - 40.0
    return float(np.median(centroid[heard]))


def _peaks(sound: StereoAudio) -> tuple[float, float]:
    """How many spectral peaks sound at once, and octaves from the lowest to the highest: medians over frames."""
    magnitude = np.abs(librosa.stft(sound.mono_low_rate, n_fft=PEAK_FRAME, hop_length=8 * HOP))
    level = np.asarray(20 * np.log10(np.maximum(magnitude, 1e-9)), dtype=np.float64)
    frequencies = np.asarray(np.fft.rfftfreq(PEAK_FRAME, 1 / LOW_RATE), dtype=np.float64)
    lowest = int(np.searchsorted(frequencies, 30.0))
    counts, ranges = [], []
    loudest = float(level.max())
    for frame in np.ascontiguousarray(level.T):
        if frame.max() < loudest - 40.0:
            continue
        places = _prominent(frame, frequencies, lowest)
        counts.append(len(places))
        ranges.append(float(np.log2(frequencies[places[-1]] / frequencies[places[0]])) if len(places) else 0.0)
    return (float(np.median(counts)), float(np.median(ranges))) if counts else (0.0, 0.0)


def _prominent(frame: Reals, frequencies: Reals, lowest: int) -> list[int]:
    """Local maxima within PEAK_DEPTH of the highest that stand 6 dB over their neighbourhood."""
    found, _ = signal.find_peaks(frame[lowest:], height=frame.max() - PEAK_DEPTH, prominence=6.0)
    kept: list[int] = []
    for place in sorted(found + lowest, key=lambda one: -frame[one]):
        near = (abs(12 * np.log2(frequencies[place] / frequencies[other])) < PEAK_WIDTH for other in kept)
        if not any(near):
            kept.append(int(place))
    return sorted(kept)
