"""Metrics of the spectrum and the stereo width, from the audio."""

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
PEAK_RANGE_DB: Final = 30.0
"""Range below the strongest peak of a frame in which peaks are audible."""
PEAK_COUNT_DB: Final = 25.0
"""Range below the strongest peak of a frame in which peaks are counted."""
PEAK_DISTANCE_SEMITONES: Final = 4.0
"""Smallest distance of two peaks: a third of an octave, about the width of an auditory filter."""


def measure(sound: StereoAudio) -> dict[str, float]:
    """Return side/mid ratio, slope, roughness, band levels, centroid, and number and range of simultaneous peaks."""
    frequencies, power = signal.welch(sound.stereo, SAMPLE_RATE, nperseg=8192, axis=0)
    density = power.mean(axis=1)
    peaks, octaves = _peaks(sound)
    return {
        "side_mid": side_mid(sound),
        "slope": slope(frequencies, density),
        "roughness": roughness(frequencies, density),
        **bands(frequencies, density),
        "centroid": centroid(sound),
        "peaks": peaks,
        "peak_octaves": octaves,
    }


def side_mid(sound: StereoAudio) -> float:
    left, right = sound.stereo.T
    return float(decibels(np.square(left - right).mean()) - decibels(np.square(left + right).mean()))


def slope(frequencies: Reals, density: Reals) -> float:
    """Return the slope in dB per octave of a line fitted to third-octave means of power density, 125 Hz to 10 kHz."""
    centres, levels = third_octaves(frequencies, density)
    return float(np.polyfit(np.log2(centres), levels, 1)[0])


def roughness(frequencies: Reals, density: Reals) -> float:
    """Return the mean difference in dB between neighbouring thirds of an octave, 125 Hz to 10 kHz."""
    return float(np.abs(np.diff(third_octaves(frequencies, density)[1])).mean())


def third_octaves(frequencies: Reals, density: Reals) -> tuple[Reals, Reals]:
    """Return centres from SLOPE_FROM to SLOPE_TO a third of an octave apart, and mean power densities in dB."""
    centres = SLOPE_FROM * 2 ** (np.arange(20) / 3)
    centres = centres[centres <= SLOPE_TO * 1.01]
    edge = 2 ** (1 / 6)
    level = [
        density[(frequencies >= centre / edge) & (frequencies < centre * edge)].mean()
        if ((frequencies >= centre / edge) & (frequencies < centre * edge)).any()
        else 1e-20
        for centre in centres
    ]
    return centres, 10 * np.log10(np.maximum(np.asarray(level), 1e-20))


def bands(frequencies: Reals, density: Reals) -> dict[str, float]:
    """Return the power of each of BANDS relative to the total, in dB."""
    total = max(float(density.sum()), 1e-20)
    return {
        f"band_{name}": float(decibels(density[(frequencies >= low) & (frequencies < high)].sum() / total))
        for name, (low, high) in BANDS.items()
    }


def centroid(sound: StereoAudio) -> float:
    """Return the median centroid in Hz of the audible frames (within 40 dB of the loudest)."""
    values = librosa.feature.spectral_centroid(S=sound.spectrum, sr=LOW_RATE)[0]
    level = decibels(np.square(sound.spectrum).sum(axis=0))
    is_audible = level > level.max() - 40.0
    return float(np.median(values[is_audible]))


def _peaks(sound: StereoAudio) -> tuple[float, float]:
    """Return the medians over frames of the number of spectral peaks, and of their range in octaves."""
    magnitude = np.abs(librosa.stft(sound.mono_low_rate, n_fft=PEAK_FRAME, hop_length=8 * HOP))
    level = np.asarray(20 * np.log10(np.maximum(magnitude, 1e-9)), dtype=np.float64)
    frequencies = np.asarray(np.fft.rfftfreq(PEAK_FRAME, 1 / LOW_RATE), dtype=np.float64)
    lowest = int(np.searchsorted(frequencies, 30.0))
    counts, ranges = [], []
    loudest = float(level.max())
    for frame in np.ascontiguousarray(level.T):
        if frame.max() < loudest - 40.0:
            continue
        peaks = _prominent_peaks(frame, frequencies, lowest)
        counts.append(sum(frame[peak] >= frame.max() - PEAK_COUNT_DB for peak in peaks))
        ranges.append(float(np.log2(frequencies[peaks[-1]] / frequencies[peaks[0]])) if len(peaks) else 0.0)
    return (float(np.median(counts)), float(np.median(ranges))) if counts else (0.0, 0.0)


def _prominent_peaks(frame: Reals, frequencies: Reals, lowest: int) -> list[int]:
    """Return the maxima within PEAK_RANGE_DB of the highest, with a prominence of 6 dB, at the smallest distance."""
    found, _ = signal.find_peaks(frame[lowest:], height=frame.max() - PEAK_RANGE_DB, prominence=6.0)
    peaks: list[int] = []
    for index in sorted(found + lowest, key=lambda index: -frame[index]):
        distances = (abs(12 * np.log2(frequencies[index] / frequencies[peak])) for peak in peaks)
        if all(distance >= PEAK_DISTANCE_SEMITONES for distance in distances):
            peaks.append(int(index))
    return sorted(peaks)
