"""The grand piano: unisons of stiff strings, a felt hammer, and a soundboard with dense modes."""

from typing import Final

import numpy as np

from engines.studio.dsp.arrays import Mono, Reals, Wave
from engines.studio.instruments.bodies import SOUNDBOARD
from engines.studio.instruments.noise import coloured_noise
from engines.studio.instruments.oscillators import damped_modes, decay, fade_in, pitch_to_hz, to_frames

MAX_PARTIAL_HZ: Final = 13_000.0
KNOCK_SECONDS: Final = 0.45
UNISON_CENTS: Final = 0.55
"""Spread (sd) of the strings of a note; tuned unisons are 1 to 2 cents wide (Weinreich 1977)."""


def piano(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
    """Unisons of stiff strings with a fast and a slow decay (Weinreich 1977), the hammer and the soundboard.

    Partials have the inharmonicity of Fletcher 1964, f·n·√(1 + B·n²); a higher velocity excites more of them, because
    the felt hardens (Chaigne & Askenfelt 1994). The blow excites the modes of the soundboard and of the key bed; a
    noise that decays with the strings stands for the dense modes of board, frame and damped strings.
    """
    frames = to_frames(seconds)
    base = pitch_to_hz(pitch)
    n = np.arange(1.0, 1 + max(6, min(56, int(MAX_PARTIAL_HZ / base))))
    hz = base * n * np.sqrt(1.0 + 10 ** (-4.0 + (pitch - 48) * 0.024) * n**2)
    length = 18.0 * 2 ** (-(pitch - 40) / 16.0)
    gains = _hammer(n, hz, base, pitch, velocity) * SOUNDBOARD.response(hz)
    falls: Reals = length / (1.0 + 0.085 * n)
    sound = np.stack([_strings(hz, gains, falls, frames, rng) for _ in range(2)]) * np.float32(0.16)
    for channel in sound:
        _add_noise(channel, length, pitch, velocity, rng)
    return sound


def _hammer(n: Reals, hz: Reals, base: float, pitch: int, velocity: float) -> Reals:
    strike = np.abs(np.sin(np.pi * n / 8.1)) + 0.06
    softness = 0.15 - 0.135 * velocity + (pitch - 60) * 0.003
    felt = 1.0 / np.sqrt(1.0 + (hz / (2600.0 + 7000.0 * velocity)) ** 2)
    return np.asarray(strike / n**0.57 * np.exp(-softness * (n - 1) * (base / 262.0) ** 0.45) * felt)


def _strings(hz: Reals, gains: Reals, falls: Reals, frames: int, rng: np.random.Generator) -> Mono:
    first, second = (2 ** (rng.normal(0.0, UNISON_CENTS, len(hz)) / 1200) for _ in range(2))
    shift = 2 ** (rng.normal(0.6, 0.3) / 1200)
    frequencies = np.concatenate([hz * first, hz * second * shift])
    levels = np.concatenate([gains, gains * rng.uniform(0.3, 0.6, len(hz))])
    lengths = np.concatenate([falls * 0.55, falls * 1.7])
    return fade_in(damped_modes(frequencies, levels, lengths, frames, rng.uniform(-0.6, 0.6, len(frequencies))), 0.002)


def _add_noise(sound: Mono, length: float, pitch: int, velocity: float, rng: np.random.Generator) -> None:
    frames = len(sound)
    knock = SOUNDBOARD.knock(0.15 + 0.75 * velocity, min(KNOCK_SECONDS, frames / 44_100), rng)
    sound[: len(knock)] += knock * np.float32(0.09 + 0.17 * velocity)
    felt = coloured_noise(min(frames, to_frames(0.04)), 900.0, 2500.0 + 5000.0 * velocity, rng)
    felt *= decay(len(felt), 0.03) * np.float32(0.01 + 0.04 * velocity**1.5)
    sound[: len(felt)] += felt
    ring_hz = 1800.0 + 20.0 * (pitch // 4 * 4 + 1.5) + 2500.0 * velocity  # neighbouring pitches share a noise table
    ring = coloured_noise(frames, 120.0, ring_hz, rng, slope=-4.0)
    level = 0.006 + 0.014 * velocity
    sound += ring * (decay(frames, 0.35) * np.float32(1.6 * level) + decay(frames, 0.4 * length) * np.float32(level))
