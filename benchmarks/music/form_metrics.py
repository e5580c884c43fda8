"""How much a track changes and returns, from the sound alone."""

from typing import Final

import numpy as np
from scipy import signal

from benchmarks.music.audio import HOP, LOW_RATE, Reals, StereoAudio
from engines.port import SAMPLE_RATE

BLOCK_SECONDS: Final = 5.0
COPY_SECONDS: Final = 2.0
COPY_RATE: Final = SAMPLE_RATE // 4
COPY_LIKENESS: Final = 0.995
"""Correlation above which two passages are the same recording; an MP3 of 192 kbit/s keeps an exact copy over it."""


def measure(sound: StereoAudio) -> dict[str, float]:
    """Timbre variety, repetition, and the 2 s blocks that recur sample for sample."""
    return {
        "timbre_variety": timbre_variety(sound),
        "repetition": repetition(sound),
        "copied_blocks": float(copied_blocks(sound.mono)),
    }


def timbre_variety(sound: StereoAudio) -> float:
    """Mean distance between 5 s blocks of the mean MFCCs 1 to 12; the level (MFCC 0) does not count."""
    size = round(BLOCK_SECONDS * LOW_RATE / HOP)
    starts = range(0, sound.mfcc.shape[1] - size // 2, size)
    means = np.stack([sound.mfcc[1:13, at : at + size].mean(axis=1) for at in starts])
    if len(means) < 2:
        return 0.0
    apart = np.linalg.norm(means[:, None] - means[None], axis=2)
    return float(apart[np.triu_indices(len(means), 1)].mean())


def repetition(sound: StereoAudio) -> float:
    """How well each passage of 2 s is found again elsewhere: the best cosine at any lag of 2 s or more, averaged.

    Passages are chroma and MFCCs, each centred and scaled over the track: an exact loop gives 1.
    """
    cepstra = sound.mfcc[1:13, ::4]
    frames = min(cepstra.shape[1], sound.chroma.shape[1])
    features = np.concatenate([_scaled(sound.chroma[:, :frames].T), _scaled(cepstra[:, :frames].T)], axis=1)
    size = round(COPY_SECONDS * LOW_RATE / (4 * HOP))
    passages = np.stack([features[at : at + size].ravel() for at in range(0, frames - size + 1, 2)])
    passages /= np.maximum(np.linalg.norm(passages, axis=1, keepdims=True), 1e-9)
    places = 2 * np.arange(len(passages))
    likeness = np.where(np.abs(places[:, None] - places[None]) >= size, passages @ passages.T, -1.0)
    return float(likeness.max(axis=1).mean())


def _scaled(features: Reals) -> Reals:
    centred = features - features.mean(axis=0)
    return np.asarray(centred / np.maximum(features.std(axis=0), 1e-6), dtype=np.float64)


def copied_blocks(mono: Reals) -> int:
    """How many blocks of two seconds sound again later, sample for sample but for the coding."""
    low = np.diff(np.asarray(signal.resample_poly(mono, 1, SAMPLE_RATE // COPY_RATE)))
    size = round(COPY_SECONDS * COPY_RATE)
    length = 2 ** int(np.ceil(np.log2(len(low) + size)))
    spectrum = np.fft.rfft(low, length)
    energies = np.concatenate([[0.0], np.cumsum(np.square(low))])
    energy = energies[size:] - energies[:-size]
    floor = 1e-9 * size
    copied = 0
    for start in range(0, len(low) - size + 1, size):
        block = low[start : start + size]
        if energy[start] <= floor:
            continue
        found = np.fft.irfft(spectrum * np.conj(np.fft.rfft(block, length)), length)[: len(energy)]
        likeness = found / np.sqrt(np.maximum(energy, floor) * energy[start])
        copied += bool(np.any(likeness[start + size :] > COPY_LIKENESS))
    return copied
