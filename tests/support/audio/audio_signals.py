"""Test signals with known measurements."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.music.audio import StereoAudio
from engines.port import SAMPLE_RATE

Signal = NDArray[np.float64]


def time_axis(seconds: float) -> Signal:
    return np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE


def sine(hertz: float, seconds: float, amplitude: float = 0.5) -> Signal:
    return amplitude * np.sin(2 * np.pi * hertz * time_axis(seconds))


def noise(seconds: float, seed: int = 0) -> Signal:
    return np.asarray(np.random.default_rng(seed).normal(0.0, 0.1, round(seconds * SAMPLE_RATE)), dtype=np.float64)


def pink_noise(seconds: float) -> Signal:
    """Return noise whose power falls by 3.01 dB per octave."""
    spectrum = np.fft.rfft(noise(seconds))
    hertz = np.fft.rfftfreq(round(seconds * SAMPLE_RATE), 1 / SAMPLE_RATE)
    shaped = np.fft.irfft(spectrum / np.sqrt(np.maximum(hertz, 10.0)), round(seconds * SAMPLE_RATE))
    return np.asarray(0.1 * shaped / shaped.std(), dtype=np.float64)


def clicks(bpm: float, seconds: float) -> Signal:
    """Return a track with a different short burst of noise on every beat."""
    out = np.zeros(round(seconds * SAMPLE_RATE))
    burst = noise(seconds, 3)
    for beat in np.arange(0.0, seconds - 0.05, 60.0 / bpm):
        at = round(beat * SAMPLE_RATE)
        out[at : at + 800] = 4 * burst[at : at + 800] * np.exp(-np.arange(800) / 200)
    return out


def chord(pitches: tuple[int, ...], seconds: float) -> Signal:
    total = np.zeros(round(seconds * SAMPLE_RATE))
    for pitch in pitches:
        total += sine(440 * 2 ** ((pitch - 69) / 12), seconds, 0.15)
    return total


def dual_mono(mono: Signal) -> StereoAudio:
    return StereoAudio(np.stack([mono, mono], axis=1))


def stereo(left: Signal, right: Signal) -> StereoAudio:
    return StereoAudio(np.stack([left, right], axis=1))
