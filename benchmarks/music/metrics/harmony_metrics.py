"""Metrics of harmony, from the audio: chord changes, entropies and the fit of triads."""

from typing import Final

import numpy as np

from benchmarks.music.audio import HOP, LOW_RATE, Reals, StereoAudio

FRAME_SECONDS: Final = 0.5
TRIADS: Final = np.array(
    [
        [1.0 if (tone - root) % 12 in steps else 0.0 for tone in range(12)]
        for steps in ((0, 4, 7), (0, 3, 7))
        for root in range(12)
    ]
) / np.sqrt(3.0)
"""Major and minor triads as unit vectors, shape (24, 12)."""


def measure(sound: StereoAudio) -> dict[str, float]:
    """Return chord changes per minute, entropies in bits, and the mean fit of the best triad."""
    frames = half_seconds(sound.chroma)
    fits = frames @ TRIADS.T
    chords = np.argmax(fits, axis=1)
    minutes = max(len(frames) * FRAME_SECONDS, 1.0) / 60
    return {
        "chord_changes": float(np.count_nonzero(np.diff(chords))) / minutes,
        "chord_entropy": entropy(np.bincount(chords, minlength=24).astype(np.float64)),
        "pitch_class_entropy": entropy(sound.chroma.mean(axis=1)),
        "chord_fit": float(fits.max(axis=1).mean()),
    }


def half_seconds(chroma: Reals) -> Reals:
    """Return the chroma of half seconds as unit vectors, shape (frames, 12)."""
    rate = LOW_RATE / (4 * HOP)
    indexes = np.minimum((np.arange(chroma.shape[1]) / rate / FRAME_SECONDS).astype(int), 10**6)
    frames = np.stack([chroma[:, indexes == index].mean(axis=1) for index in range(indexes[-1] + 1)])
    return np.asarray(frames / np.maximum(np.linalg.norm(frames, axis=1, keepdims=True), 1e-9), dtype=np.float64)


def entropy(weights: Reals) -> float:
    """Return the entropy of a distribution in bits."""
    shares = weights[weights > 0] / weights.sum()
    return float(-(shares * np.log2(shares)).sum())
