"""Keyboards: electric pianos, clavinet and drawbar organ."""

import numpy as np

from engines.studio.dsp.arrays import Mono, Wave
from engines.studio.instruments.instrument import Instrument
from engines.studio.instruments.noise import coloured_noise
from engines.studio.instruments.oscillators import (
    damped_modes,
    decay,
    envelope,
    fade_in,
    interpolate_breakpoints,
    pitch_to_hz,
    running_angle,
    running_phase,
    to_frames,
    white_noise,
)
from engines.studio.instruments.piano import piano


def electric_piano(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
    """Frequency modulation after Chowning 1973: a pair at the pitch, and a decaying tine with a ratio of 14."""
    frames = to_frames(seconds)
    turn = running_angle(running_phase(pitch, frames, start=float(rng.random())), frames)
    bark = np.float32(0.35 + 1.9 * velocity**2) * np.float32(min(1.0, 2 ** ((64 - pitch) / 24)))
    body = np.sin(turn + bark * decay(frames, 2.2) * np.sin(turn))
    body += np.float32(0.3) * np.sin(2 * turn) * decay(frames, 1.2)
    tine = np.sin(turn + np.float32(0.9 * velocity) * decay(frames, 0.5) * np.sin(14 * turn))
    length = 10.0 * 2 ** (-(pitch - 48) / 22.0)
    sound: Mono = ((body * np.float32(0.75) + tine * np.float32(0.3)) * decay(frames, length)).astype(np.float32)
    _add_key_noise(sound, velocity, 0.05, rng)
    return fade_in(np.asarray(sound * np.float32(0.2), dtype=np.float32), 0.002)[None]


def clavinet(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
    """A hammered string under two pickups: bright, unevenly weighted modes with a short, percussive decay."""
    frames = to_frames(seconds)
    n = np.arange(1, 1 + max(6, min(40, int(11000 / pitch_to_hz(pitch)))))
    gains = np.abs(np.sin(np.pi * n * 0.11) * np.sin(np.pi * n * 0.31)) / n**0.75 * np.exp(-0.06 * n * (1.3 - velocity))
    falls = 2.2 * 2 ** (-(pitch - 48) / 18.0) / (1.0 + 0.07 * n)
    sound = damped_modes(pitch_to_hz(pitch) * n * (1 + 4e-5 * n**2), gains, falls, frames, rng.uniform(0, 6.28, len(n)))
    _add_key_noise(sound, velocity, 0.15, rng)
    return fade_in(sound * np.float32(0.12), 0.001)[None]


def organ(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
    """Nine drawbars (16' to 1'), a key click and a stereo rotary speaker."""
    frames = to_frames(seconds)
    bars = np.array([0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0])
    pulls = np.array([0.7, 1.0, 0.75, 0.6, 0.25 + 0.3 * velocity, 0.2, 0.08, 0.1, 0.25 * velocity])
    phases = rng.uniform(0, 6.28, 9)
    tone = damped_modes(pitch_to_hz(pitch) * bars, pulls, 900.0, frames, phases) * envelope(frames, 0.008, 1.0, 1.0)
    seconds_axis = np.arange(frames, dtype=np.float32) / np.float32(44_100)
    swing = np.float32(0.22) * np.sin(2 * np.pi * np.float32(5.8 if velocity > 0.6 else 0.9) * seconds_axis)
    click = white_noise(min(frames, to_frames(0.006)), rng) * np.float32(0.06)
    tone[: len(click)] += click
    tone += coloured_noise(frames, 300.0, 5000.0, rng, slope=-3.0) * np.float32(0.006)
    return np.stack([tone * (1 + swing), tone * (1 - swing)]) * np.float32(0.11)


def reed_keys(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
    """A struck reed (as in a Wurlitzer): more odd harmonics than a tine, with a growl at high velocities."""
    frames = to_frames(seconds)
    n = np.arange(1, 1 + max(4, min(14, int(9000 / pitch_to_hz(pitch)))))
    gains = np.where(n % 2 == 1, 1.0, 0.45) / n ** (2.4 - 1.1 * velocity)
    falls = 7.0 * 2 ** (-(pitch - 48) / 22.0) / (1.0 + 0.12 * n)
    sound = damped_modes(pitch_to_hz(pitch) * n, gains, falls, frames, rng.uniform(-0.4, 0.4, len(n)))
    swell = interpolate_breakpoints(frames, (0.0, 0.02, seconds + 1), (0.7, 1.0, 1.0))
    _add_key_noise(sound, velocity, 0.06, rng)
    return fade_in(sound * swell * np.float32(0.17), 0.003)[None]


def _add_key_noise(sound: Mono, velocity: float, level: float, rng: np.random.Generator) -> None:
    """Add the knock of the key and the hammer, and the faint noise of the pickup under the tone."""
    knock = coloured_noise(min(len(sound), to_frames(0.05)), 250.0, 1200.0 + 5000.0 * velocity, rng, slope=-3.0)
    sound[: len(knock)] += knock * decay(len(knock), 0.035) * np.float32(level * (0.3 + velocity))
    sound += coloured_noise(len(sound), 500.0, 7000.0, rng, slope=-3.0) * decay(len(sound), 2.5) * np.float32(0.0025)


KEYS = (
    # key, name, program, tone, lowest and highest pitch, maximum seconds, release, low cut
    Instrument("piano", "Grand piano", 0, piano, 21, 108, 7.0, 0.35, 45.0, velocity_exponent=1.5),
    Instrument("electric_piano", "Electric piano", 4, electric_piano, 33, 96, 5.0, 0.3, 90.0),
    Instrument("reed_keys", "Reed piano", 5, reed_keys, 33, 96, 5.0, 0.25, 100.0),
    Instrument("clavinet", "Clavinet", 7, clavinet, 36, 96, 2.5, 0.08, 140.0),
    Instrument("organ", "Drawbar organ", 16, organ, 36, 96, 8.0, 0.12, 90.0, velocity_exponent=0.6),
)
