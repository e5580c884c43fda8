"""Metrics of harmony, from the audio: chord changes, entropies, the fit of triads and of a key, and percussion."""

from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from benchmarks.music.audio import HOP, LOW_RATE, Reals, StereoAudio

FRAME_SECONDS: Final = 0.5
SMOOTHING_FRAMES: Final = 3
"""Frames over which chroma is averaged before chords are read, so that passing notes are no chords of their own."""
TRIADS: Final = np.array(
    [
        [1.0 if (tone - root) % 12 in steps else 0.0 for tone in range(12)]
        for steps in ((0, 4, 7), (0, 3, 7))
        for root in range(12)
    ]
) / np.sqrt(3.0)
"""Major and minor triads as unit vectors, shape (24, 12)."""
KEY_PROFILES: Final = np.array(
    [
        [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88],
        [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17],
    ]
)
"""Stability of the pitch classes in a major and a minor key (Krumhansl & Kessler 1982)."""


def measure(sound: StereoAudio) -> dict[str, float]:
    """Return chord changes per minute, entropies in bits, the mean fit of the best triad, key fit and percussion."""
    frames = smoothed(half_seconds(sound.chroma))
    fits = frames @ TRIADS.T
    chords = np.argmax(fits, axis=1)
    minutes = max(len(frames) * FRAME_SECONDS, 1.0) / 60
    return {
        "chord_changes": float(np.count_nonzero(np.diff(chords))) / minutes,
        "chord_entropy": entropy(np.bincount(chords, minlength=24).astype(np.float64)),
        "pitch_class_entropy": entropy(sound.chroma.mean(axis=1)),
        "chord_fit": float(fits.max(axis=1).mean()),
        "key_fit": key_fit(sound.chroma.mean(axis=1)),
        "percussion": percussion(sound),
    }


def key_fit(weights: Reals) -> float:
    """Return the highest correlation of the mean pitch classes with the profile of a key."""
    profiles = [np.roll(profile, tonic) for profile in KEY_PROFILES for tonic in range(12)]
    return max(float(np.corrcoef(weights, profile)[0, 1]) for profile in profiles)


def percussion(sound: StereoAudio) -> float:
    """Return the energy of the percussive part relative to the harmonic part in dB."""
    harmonic, percussive = (float(np.square(part, dtype=np.float64).sum()) for part in sound.harmonic_percussive)
    return float(10 * np.log10(max(percussive, 1e-12) / max(harmonic, 1e-12)))


def half_seconds(chroma: Reals) -> Reals:
    """Return the chroma of half seconds as unit vectors, shape (frames, 12)."""
    rate = LOW_RATE / (4 * HOP)
    indexes = np.minimum((np.arange(chroma.shape[1]) / rate / FRAME_SECONDS).astype(int), 10**6)
    frames = np.stack([chroma[:, indexes == index].mean(axis=1) for index in range(indexes[-1] + 1)])
    return np.asarray(frames / np.maximum(np.linalg.norm(frames, axis=1, keepdims=True), 1e-9), dtype=np.float64)


def smoothed(frames: Reals) -> Reals:
    """Return the frames averaged over SMOOTHING_FRAMES, as unit vectors."""
    padded = np.pad(frames, ((SMOOTHING_FRAMES // 2, SMOOTHING_FRAMES // 2), (0, 0)), mode="edge")
    means = sliding_window_view(padded, SMOOTHING_FRAMES, axis=0).mean(axis=-1)
    return np.asarray(means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9), dtype=np.float64)


def entropy(weights: Reals) -> float:
    """Return the entropy of a distribution in bits."""
    shares = weights[weights > 0] / weights.sum()
    return float(-(shares * np.log2(shares)).sum())
