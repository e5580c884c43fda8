"""Metrics of form, from the audio: timbre variety, repetition and copied blocks."""

from typing import Final

import numpy as np
from scipy import signal

from benchmarks.music.audio import HOP, LOW_RATE, Reals, StereoAudio
from engines.port import SAMPLE_RATE

BLOCK_SECONDS: Final = 5.0
COPY_SECONDS: Final = 2.0
COPY_RATE: Final = SAMPLE_RATE // 4
COPY_CORRELATION: Final = 0.995
"""Lowest correlation of two copies of one recording; exact copies exceed it after MP3 coding at 192 kbit/s."""


def measure(sound: StereoAudio) -> dict[str, float]:
    """Return timbre variety, repetition, and the number of copied 2 s blocks."""
    return {
        "timbre_variety": timbre_variety(sound),
        "repetition": repetition(sound),
        "copied_blocks": float(copied_blocks(sound.mono)),
    }


def timbre_variety(sound: StereoAudio) -> float:
    """Return the mean distance of the mean MFCCs 1 to 12 of 5 s blocks; MFCC 0, the level, is excluded."""
    size = round(BLOCK_SECONDS * LOW_RATE / HOP)
    starts = range(0, sound.mfcc.shape[1] - size // 2, size)
    means = np.stack([sound.mfcc[1:13, start : start + size].mean(axis=1) for start in starts])
    if len(means) < 2:
        return 0.0
    distances = np.linalg.norm(means[:, None] - means[None], axis=2)
    return float(distances[np.triu_indices(len(means), 1)].mean())


def repetition(sound: StereoAudio) -> float:
    """Return the mean of the best cosine similarity of each 2 s passage at any lag of 2 s or more.

    Passages consist of chroma and MFCCs, standardized over the track; an exact loop gives 1.
    """
    cepstra = sound.mfcc[1:13, ::4]
    frames = min(cepstra.shape[1], sound.chroma.shape[1])
    features = np.concatenate([_standardize(sound.chroma[:, :frames].T), _standardize(cepstra[:, :frames].T)], axis=1)
    size = round(COPY_SECONDS * LOW_RATE / (4 * HOP))
    passages = np.stack([features[start : start + size].ravel() for start in range(0, frames - size + 1, 2)])
    passages /= np.maximum(np.linalg.norm(passages, axis=1, keepdims=True), 1e-9)
    positions = 2 * np.arange(len(passages))
    similarity = np.where(np.abs(positions[:, None] - positions[None]) >= size, passages @ passages.T, -1.0)
    return float(similarity.max(axis=1).mean())


def _standardize(features: Reals) -> Reals:
    centred = features - features.mean(axis=0)
    return np.asarray(centred / np.maximum(features.std(axis=0), 1e-6), dtype=np.float64)


def copied_blocks(mono: Reals) -> int:
    """Return the number of 2 s blocks that recur later, sample for sample except for coding noise."""
    reduced = np.diff(np.asarray(signal.resample_poly(mono, 1, SAMPLE_RATE // COPY_RATE)))
    size = round(COPY_SECONDS * COPY_RATE)
    length = 2 ** int(np.ceil(np.log2(len(reduced) + size)))
    spectrum = np.fft.rfft(reduced, length)
    energies = np.concatenate([[0.0], np.cumsum(np.square(reduced))])
    energy = energies[size:] - energies[:-size]
    floor = 1e-9 * size
    copied = 0
    for start in range(0, len(reduced) - size + 1, size):
        block = reduced[start : start + size]
        if energy[start] <= floor:
            continue
        products = np.fft.irfft(spectrum * np.conj(np.fft.rfft(block, length)), length)[: len(energy)]
        correlation = products / np.sqrt(np.maximum(energy, floor) * energy[start])
        copied += bool(np.any(correlation[start + size :] > COPY_CORRELATION))
    return copied
