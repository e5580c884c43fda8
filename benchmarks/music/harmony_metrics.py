"""Chords and pitch classes, from the sound alone."""

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
"""The twelve major and the twelve minor triads, shape (24, 12), each of length one."""


def measure(sound: StereoAudio) -> dict[str, float]:
    """Chord changes a minute, entropies in bit, and how well triads fit."""
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
    """Chroma averaged over half seconds, shape (frames, 12), each of length one."""
    rate = LOW_RATE / (4 * HOP)
    places = np.minimum((np.arange(chroma.shape[1]) / rate / FRAME_SECONDS).astype(int), 10**6)
    frames = np.stack([chroma[:, places == place].mean(axis=1) for place in range(places[-1] + 1)])
    return np.asarray(frames / np.maximum(np.linalg.norm(frames, axis=1, keepdims=True), 1e-9), dtype=np.float64)


def entropy(weights: Reals) -> float:
    """Of a distribution in bit."""
    shares = weights[weights > 0] / weights.sum()
    return float(-(shares * np.log2(shares)).sum())
