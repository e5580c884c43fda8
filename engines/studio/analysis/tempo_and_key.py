"""Tempo estimation by autocorrelation of onset strength, and key estimation by chroma profiles."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy import fft
from numpy.lib.stride_tricks import sliding_window_view

from engines.port import SAMPLE_RATE, Audio
from engines.studio.dsp.arrays import Mono, Reals
from engines.studio.theory.pitch import Key

DECIMATION: Final = 4
REDUCED_RATE: Final = SAMPLE_RATE / DECIMATION
ONSET_HOP, ONSET_WINDOW, CHROMA_WINDOW = 128, 512, 8192
MIN_BPM, MAX_BPM, PREFERRED_BPM = 40.0, 220.0, 112.0
MAX_LAG_SECONDS: Final = 16.0
"""Longest lag at which the onsets are compared."""
MIN_AUTOCORRELATION: Final = 0.05
"""Lowest mean autocorrelation that counts as a beat."""
OCTAVE_FACTORS: Final = (1.0, 2.0, 0.5, 3.0, 1 / 3, 1.5, 2 / 3, 4.0, 0.25)
EDGE_SECONDS: Final = 4.0
ENDING_SECONDS: Final = 1.1
AUDIBLE_SHARE: Final = 1e-3
"""Lowest audible power, as a share of the strongest window's."""
KEY_PROFILES: Final = {
    "major": (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400),
    "minor": (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330),
}
"""Key profiles of D. Temperley, Music and Probability (2007)."""


def to_reduced_mono(audio: Audio, heartbeat: Callable[[], None] = lambda: None) -> Mono:
    """Return the audio in mono at REDUCED_RATE; ``heartbeat`` is called after each block."""
    parts = []
    for block in audio.blocks(1 << 17):
        mono = block[:, 0] + block[:, 1]
        frames = mono[: len(mono) // DECIMATION * DECIMATION].reshape(-1, DECIMATION).T
        parts.append((frames[0] + frames[1] + frames[2] + frames[3]) * np.float32(0.5 / DECIMATION))
        heartbeat()
    return np.concatenate(parts).astype(np.float32)


def estimate_tempo(sound: Mono, delivered_bpm: float, heartbeat: Callable[[], None] = lambda: None) -> float | None:
    """Return the tempo in BPM, or None without a beat.

    Autocorrelation is ambiguous between multiples of a tempo: the multiple nearest to ``delivered_bpm`` is returned.
    """
    onsets = onset_strength(sound, heartbeat)
    heartbeat()
    if len(onsets) < 4 * REDUCED_RATE / ONSET_HOP:
        return None
    autocorrelation = _autocorrelation(onsets)
    candidates = np.geomspace(MIN_BPM, MAX_BPM, 700)
    scores = np.array([_beat_score(autocorrelation, bpm, 8) for bpm in candidates])
    weights = np.exp(-0.5 * (np.log2(candidates / PREFERRED_BPM) / 1.2) ** 2)
    best = int(np.argmax(np.maximum(scores, 0.0) * weights))
    if scores[best] < MIN_AUTOCORRELATION:
        return None
    multiples = candidates[best] * np.array(OCTAVE_FACTORS)
    refined = multiples[np.argmin(np.abs(np.log(multiples / delivered_bpm)))] * np.linspace(0.985, 1.015, 301)
    return round(float(refined[int(np.argmax([_beat_score(autocorrelation, bpm, 64) for bpm in refined]))]), 1)


def onset_strength(sound: Mono, heartbeat: Callable[[], None] = lambda: None) -> Reals:
    """Return the spectral flux (the sum of all increases of the spectrum), every ONSET_HOP samples."""
    if len(sound) < 2 * ONSET_WINDOW:
        return np.zeros(0)
    frames = sliding_window_view(sound, ONSET_WINDOW)[::ONSET_HOP]
    window = np.hanning(ONSET_WINDOW).astype(np.float32)
    flux, last = [], None
    for start in range(0, len(frames), 2048):
        bands = np.log1p(200.0 * np.abs(fft.rfft(frames[start : start + 2048] * window, axis=1)))
        previous = bands[:1] if last is None else last
        flux.append(np.maximum(np.diff(bands, axis=0, prepend=previous), 0.0).sum(axis=1))
        last = bands[-1:]
        heartbeat()
    return np.concatenate(flux).astype(np.float64)


def _autocorrelation(onsets: Reals) -> Reals:
    """Return the normalized autocorrelation of the onsets by lag, 1 at lag 0."""
    centred = onsets - np.convolve(onsets, np.ones(87) / 87, mode="same")
    size = 1 << (2 * len(centred) - 1).bit_length()
    sums = fft.irfft(np.abs(fft.rfft(centred, size)) ** 2, size)[: len(centred)]
    lags = np.arange(len(centred))
    return np.asarray(sums / max(float(sums[0]), 1e-9) * len(centred) / np.maximum(1, len(centred) - lags))


def _beat_score(autocorrelation: Reals, bpm: float, beats: int) -> float:
    """Return the mean autocorrelation at multiples of a beat."""
    lag = 60.0 / bpm * REDUCED_RATE / ONSET_HOP
    count = min(beats, int(min(0.6 * len(autocorrelation), MAX_LAG_SECONDS * REDUCED_RATE / ONSET_HOP) / lag))
    if count < 2:
        return 0.0
    positions = lag * np.arange(1, count + 1)
    whole = positions.astype(np.int64)
    values = autocorrelation[whole]
    return float((values + (autocorrelation[whole + 1] - values) * (positions - whole)).mean())


def estimate_key(sound: Mono, *, ends_on_tonic: bool = True, stroke_at: float | None = None) -> str | None:
    """Return the best-fitting key, such as "A minor", or None for unpitched sound.

    Relative keys have the same degrees, and neighbours on the circle of fifths differ in one. If the piece ends on its
    tonic, the bass and chord of the ending distinguish them; otherwise (a loop, a fade-out) the bass of the whole piece
    and the first seconds do. The weights were fitted on two renders of each style. ``stroke_at`` is the second of a
    last chord that stops short or with the tape: the music before it would outweigh what sounds after it.
    """
    spectra = _spectra(sound)
    chroma = _chroma(spectra.mean(axis=0), 60.0, 1800.0)
    if float(np.ptp(chroma)) < 1e-9:
        return None
    ending = _ending_spectrum(spectra) if stroke_at is None else _stroke_spectrum(sound, stroke_at)
    ending_chroma = _chroma(ending, 60.0, 1800.0)
    if ends_on_tonic:
        tonics = 0.8 * _chroma(ending, 36.0, 130.0)
    else:
        windows = max(2, round(EDGE_SECONDS * 2 * REDUCED_RATE / CHROMA_WINDOW))
        tonics = 0.5 * _chroma(spectra.mean(axis=0), 36.0, 180.0) + _chroma(spectra[:windows].mean(axis=0), 36.0, 400.0)
    ending_weight = 0.2 if ends_on_tonic else 0.0

    def fit(key: Key) -> tuple[float, str]:
        correlation = _profile_correlation(key, chroma) + ending_weight * _profile_correlation(key, ending_chroma)
        return correlation + tonics[key.tonic], key.name

    return max(fit(Key(tonic, mode)) for mode in KEY_PROFILES for tonic in range(12))[1]


def _profile_correlation(key: Key, chroma: Reals) -> float:
    """Return the correlation of a chroma with the profile of a key; 0 for a constant chroma."""
    if float(np.ptp(chroma)) < 1e-9:
        return 0.0
    return float(np.corrcoef(np.roll(KEY_PROFILES[key.mode], key.tonic), chroma)[0, 1])


def _ending_spectrum(spectra: Mono) -> Mono:
    """Return the mean spectrum of the last audible seconds."""
    levels = np.square(np.square(spectra)).sum(axis=1)
    end = int(np.flatnonzero(levels >= AUDIBLE_SHARE * levels.max())[-1]) + 1
    windows = max(2, round(ENDING_SECONDS * 2 * REDUCED_RATE / CHROMA_WINDOW))
    return np.asarray(spectra[max(0, end - windows) : end].mean(axis=0))


def _stroke_spectrum(sound: Mono, second: float) -> Mono:
    """Return the spectrum of the window that begins with a chord."""
    start = max(0, min(round(second * REDUCED_RATE), len(sound) - CHROMA_WINDOW // 4))
    return np.asarray(_spectra(sound[start : start + CHROMA_WINDOW])[0])


def _spectra(sound: Mono) -> Mono:
    """Return the square roots of the magnitudes of overlapping windows, shape (windows, CHROMA_WINDOW / 2 + 1)."""
    sound = np.pad(sound, (0, max(0, CHROMA_WINDOW - len(sound))))
    frames = sliding_window_view(sound, CHROMA_WINDOW)[:: CHROMA_WINDOW // 2]
    window = np.hanning(CHROMA_WINDOW).astype(np.float32)
    parts = [
        np.sqrt(np.abs(fft.rfft(frames[start : start + 128] * window, axis=1))) for start in range(0, len(frames), 128)
    ]
    return np.concatenate(parts).astype(np.float32)


def _chroma(levels: Mono, min_hz: float, max_hz: float) -> Reals:
    """Return the share of each of the 12 pitch classes in the levels between two frequencies."""
    hertz = np.arange(len(levels)) * REDUCED_RATE / CHROMA_WINDOW
    inside = (hertz > min_hz) & (hertz < max_hz)
    pitches = 69.0 + 12.0 * np.log2(hertz[inside] / 440.0)
    weights = np.maximum(levels[inside] - np.median(levels[inside]), 0.0)
    weights *= np.clip(1.0 - 2.0 * np.abs(pitches - np.round(pitches)), 0.0, 1.0)
    chroma = np.bincount(np.round(pitches).astype(int) % 12, weights=weights, minlength=12)
    return np.asarray(chroma / max(1e-12, float(chroma.sum())))
