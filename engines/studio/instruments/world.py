"""Instruments of particular traditions: harpsichord, sitar, koto, oud, bagpipes, tuba, music box and log drum."""

import numpy as np

from engines.studio.dsp.arrays import Wave
from engines.studio.instruments.bodies import BOX
from engines.studio.instruments.instrument import Instrument, ToneGenerator
from engines.studio.instruments.modal import struck_bar
from engines.studio.instruments.oscillators import (
    damped_modes,
    decay,
    fade_in,
    pitch_to_hz,
    to_frames,
)
from engines.studio.instruments.plucked import PluckedString
from engines.studio.instruments.sustained import SustainedTone

JAWARI_SECONDS = 0.09
"""How long the bridge of a sitar takes to pass the energy on to the high partials."""


def with_octave(tone: ToneGenerator, level: float) -> ToneGenerator:
    """Add a second string an octave higher, as the four-foot stop of a harpsichord."""

    def doubled(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
        sound = tone(pitch, velocity, seconds, rng)
        return np.asarray(sound + tone(pitch + 12, velocity, seconds, rng) * np.float32(level), dtype=np.float32)

    return doubled


def in_courses(tone: ToneGenerator, cents: float) -> ToneGenerator:
    """Play every note on a pair of strings that are ``cents`` apart, one in each channel."""

    def paired(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
        first, second = (tone(pitch, velocity, seconds, rng)[0] for _ in range(2))
        ratio = 2 ** (cents / 1200)
        positions = np.arange(len(second)) * ratio
        second = np.interp(positions, np.arange(len(second)), second).astype(np.float32)
        wide, narrow = np.float32(0.8), np.float32(0.35)
        return np.stack([wide * first + narrow * second, narrow * first + wide * second])

    return paired


def sitar(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
    """A string on a curved bridge (jawari): high partials swell after the attack, sympathetic strings ring along."""
    frames = to_frames(seconds)
    base = pitch_to_hz(pitch)
    n = np.arange(1, 1 + max(8, min(40, int(9000 / base))))
    gains = np.abs(np.sin(np.pi * n * 0.13)) / n ** (0.85 - 0.35 * velocity)
    falls = 4.5 * 2 ** (-(pitch - 48) / 24.0) / (1.0 + 0.05 * n)
    phases = rng.uniform(-0.4, 0.4, len(n))
    hz = base * n * np.sqrt(1 + 1.5e-5 * n**2)
    sound = damped_modes(hz, gains, falls, frames, phases)
    sound -= damped_modes(hz[3:], 0.8 * gains[3:], JAWARI_SECONDS * np.ones(len(n) - 3), frames, phases[3:])
    sympathetic = base * np.array([1.0, 1.5, 2.0, 3.0]) * (1 + rng.normal(0, 0.0008, 4))
    ringing = damped_modes(sympathetic, (0.12, 0.1, 0.12, 0.08), 5.0, frames, rng.uniform(0, 6.28, 4))
    ringing *= 1 - decay(frames, 0.5)
    right = sound + np.float32(0.6) * ringing
    return np.stack([fade_in(sound + ringing, 0.002), fade_in(right, 0.002)]) * np.float32(0.16)


def log_drum(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
    """A hollow wooden tone as a bass: a fast downward sweep, a woody third partial and soft saturation."""
    frames = to_frames(seconds)
    sweep = pitch_to_hz(pitch) * (1 + (0.5 + 0.5 * velocity) * decay(frames, 0.07).astype(np.float64))
    phase = 2 * np.pi * np.cumsum(sweep) / 44_100
    body = np.sin(phase) * decay(frames, 1.1)
    wood = np.sin(3.02 * phase + float(rng.uniform(0, 0.5))) * decay(frames, 0.22) * (0.15 + 0.5 * velocity)
    sound = np.tanh((body + wood) * (1.0 + 0.9 * velocity)) * 0.3
    return fade_in(sound.astype(np.float32), 0.0015)[None]


HARPSICHORD = with_octave(
    PluckedString(length=7.0, bright=1.0, pluck=0.11, damping=0.25, knock=0.14, body=BOX, residue=-33.0), 0.4
)
KOTO = PluckedString(length=4.5, bright=0.8, pluck=0.09, damping=0.45, knock=0.2, body=BOX, residue=-42.0)
OUD = in_courses(
    PluckedString(length=3.6, bright=0.62, pluck=0.13, damping=0.6, knock=0.3, body=BOX, residue=-33.0), 5.0
)
BAGPIPES = SustainedTone("reed", players=2, detune=6, attack=0.03, open_hz=5600, noise=-38, jitter=1.5)
TUBA = SustainedTone("brass", attack=0.05, open_hz=1100, opening=0.05, noise=-38, noise_band=(200, 1500), jitter=3)
MUSIC_BOX = struck_bar((1.0, 6.27, 17.5, 34.4), (1.0, 0.45, 0.3, 0.15), 2.4, 1.0, 0.1)
"""Teeth of a steel comb: the modes of a bar that is clamped at one end (Fletcher & Rossing 1998)."""

WORLD = (
    # key, name, program, tone, lowest and highest pitch, maximum seconds, release, low cut
    Instrument("harpsichord", "Harpsichord", 6, HARPSICHORD, 36, 91, 4.0, 0.12, 90.0, round_robin=2,
               velocity_exponent=0.6),
    Instrument("sitar", "Sitar", 104, sitar, 43, 86, 4.0, 0.4, 120.0, round_robin=2),
    Instrument("koto", "Koto", 107, KOTO, 43, 91, 3.0, 0.5, 130.0, round_robin=2),
    Instrument("oud", "Oud", 105, OUD, 38, 79, 2.5, 0.25, 90.0, round_robin=2),
    Instrument("bagpipes", "Bagpipes", 109, BAGPIPES, 43, 86, 6.0, 0.1, 150.0, velocity_exponent=0.5,
               is_crossfaded=True),
    Instrument("tuba", "Tuba", 58, TUBA, 26, 60, 4.0, 0.15, 36.0),
    Instrument("music_box", "Music box", 10, MUSIC_BOX, 60, 103, 2.5, 0.8, 300.0),
    Instrument("log_drum_bass", "Log drum", 39, log_drum, 26, 62, 2.0, 0.1, 28.0, round_robin=2),
)  # fmt: skip
