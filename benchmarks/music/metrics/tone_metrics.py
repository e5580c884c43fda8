"""Metrics of a single dry tone: attack, decay, brightness, fluctuation of its partials, noise between them."""

from typing import Final

import numpy as np

from benchmarks.music.audio import Reals, decibels
from engines.port import SAMPLE_RATE

HIGH_HZ: Final = 5000.0
ENVELOPE_HOP: Final = 64
ENVELOPE_SECONDS: Final = 0.02
"""Length of the windows of the level curve; an attack is never shorter than about half of it."""
SPECTRUM_FRAMES: Final = 16_384
PARTIALS: Final = 8
AUDIBLE_DB: Final = 45.0
"""Partials further below the strongest are not measured."""
LONGEST_ATTACK_SECONDS: Final = 0.8
NOISE_FRAMES: Final = 8192
LOWEST_HZ, HIGHEST_HZ = 60.0, 10_000.0
GAP: Final = 0.25
"""Smallest distance of noise from a partial, as a share of the fundamental."""


def measure(sound: Reals, hertz: float) -> dict[str, float]:
    """Return the metrics of a tone of at least 2 s, shape (frames,), with a fundamental of ``hertz``."""
    levels = level_curve(sound)
    return {
        "high": high_share(sound, 0.8),
        "fluctuation": fluctuation(sound, hertz),
        "noise": noise_between_partials(sound, hertz),
        "attack": attack_ms(levels),
        "centroid": centroid(sound, 0.05),
        "early_decay": decay_seconds(levels, 0.1, 0.5),
        "late_decay": decay_seconds(levels, 0.8, 1.8),
        "level": float(decibels(np.square(sound[:SAMPLE_RATE]).mean())),
    }


def level_curve(sound: Reals) -> Reals:
    """Return the RMS level, shape (windows,), every ENVELOPE_HOP frames."""
    length = round(ENVELOPE_SECONDS * SAMPLE_RATE)
    total = np.concatenate([[0.0], np.cumsum(np.square(np.pad(sound, (length // 2, length))))])
    starts = np.arange(0, len(sound), ENVELOPE_HOP)
    return np.asarray(np.sqrt((total[starts + length] - total[starts]) / length))


def attack_ms(levels: Reals) -> float:
    """Return the time in milliseconds from 10 % to 90 % of the highest level of the first 0.8 s."""
    start = levels[: round(LONGEST_ATTACK_SECONDS * SAMPLE_RATE / ENVELOPE_HOP)]
    first, last = (int(np.argmax(start >= share * start.max())) for share in (0.1, 0.9))
    return (last - first) * ENVELOPE_HOP / SAMPLE_RATE * 1000


def decay_seconds(levels: Reals, start: float, end: float) -> float:
    """Return the seconds of a decay by 60 dB, from a line through the levels between two times; 99 if it is longer."""
    axis = np.arange(len(levels)) * ENVELOPE_HOP / SAMPLE_RATE
    chosen = (axis >= start) & (axis < end)
    slope = float(np.polyfit(axis[chosen], decibels(levels[chosen] ** 2), 1)[0])
    return min(99.0, -60.0 / slope) if slope < -0.6 else 99.0


def _power(sound: Reals, middle: float, length: int) -> tuple[Reals, Reals]:
    start = max(0, round(middle * SAMPLE_RATE) - length // 2)
    frame = sound[start : start + length]
    spectrum = np.fft.rfft(frame * np.hanning(len(frame)), length)
    return np.asarray(np.fft.rfftfreq(length, 1 / SAMPLE_RATE)), np.asarray(np.abs(spectrum) ** 2, dtype=np.float64)


def high_share(sound: Reals, seconds: float) -> float:
    """Return the power above HIGH_HZ relative to the total around a time, in dB."""
    hertz, power = _power(sound, seconds, 8192)
    return float(decibels(power[hertz > HIGH_HZ].sum() / max(power.sum(), 1e-20)))


def centroid(sound: Reals, seconds: float) -> float:
    """Return the spectral centroid (of magnitudes) around a time, in hertz."""
    hertz, power = _power(sound, seconds, 2048)
    magnitude = np.sqrt(power)
    return float((hertz * magnitude).sum() / max(magnitude.sum(), 1e-20))


def partial_levels(sound: Reals, hertz: float) -> Reals:
    """Return the levels in dB of the first partials, shape (partials, times), every 10 ms from 0.25 to 1.5 s.

    A partial is found as the highest peak near its harmonic, because strings are inharmonic.
    """
    bins, power = _power(sound, 0.7, SPECTRUM_FRAMES)
    window = np.hanning(round(0.07 * SAMPLE_RATE))
    times = np.arange(0.25, 1.5, 0.01)
    starts = (times * SAMPLE_RATE).astype(int)
    frames = np.stack([sound[start : start + len(window)] for start in starts]) * window
    axis = np.arange(len(window)) / SAMPLE_RATE
    levels = []
    for n in range(1, PARTIALS + 1):
        near = np.abs(bins - n * hertz) < 0.3 * hertz
        peak = bins[near][int(np.argmax(power[near]))]
        levels.append(decibels(np.abs(frames @ np.exp(-2j * np.pi * peak * axis)) ** 2))
    return np.stack(levels)


def fluctuation(sound: Reals, hertz: float) -> float:
    """Return the median over the audible partials of the deviation (sd, dB) of the level from a smooth decay."""
    levels = partial_levels(sound, hertz)
    audible = levels[levels[:, 0] > levels[:, 0].max() - AUDIBLE_DB]
    axis = np.arange(levels.shape[1])
    return float(np.median([np.std(level - np.polyval(np.polyfit(axis, level, 2), axis)) for level in audible]))


def noise_between_partials(sound: Reals, hertz: float) -> float:
    """Return the power halfway between the partials relative to the total, in dB, from 0 to 0.7 s and up to 10 kHz."""
    spectra = [_power(sound, middle, NOISE_FRAMES) for middle in np.arange(0.1, 0.6, 0.05)]
    bins, power = spectra[0][0], np.mean([spectrum for _, spectrum in spectra], axis=0)
    is_measured = (bins > LOWEST_HZ) & (bins < HIGHEST_HZ)
    distance = np.abs(bins / hertz - np.round(bins / hertz))
    return float(decibels(power[is_measured & (distance > GAP)].sum() / max(power[is_measured].sum(), 1e-20)))
