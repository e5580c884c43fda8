"""Modal synthesis of mallet instruments and bells: damped sinusoids, in tune at all pitches."""

from collections.abc import Sequence

import numpy as np

from engines.studio.dsp.arrays import Wave
from engines.studio.instruments.instrument import Instrument, ToneGenerator
from engines.studio.instruments.noise import coloured_noise
from engines.studio.instruments.oscillators import damped_modes, decay, fade_in, pitch_to_hz, to_frames


def struck_bar(
    ratios: Sequence[float], levels: Sequence[float], seconds_at_c4: float, mallet: float, damping: float = 0.5
) -> ToneGenerator:
    """A struck bar: ratios and levels of its modes, seconds to -60 dB at C4, and hardness of the mallet.

    The decay of a mode is divided by its ratio to the power of ``damping``, which is lower in metal than in wood.
    Each mode is a pair a few tenths of a hertz apart, because bars are not symmetric (Fletcher & Rossing 1998); the
    blow adds the noise of the mallet, which is broader the harder it is.
    """
    modes, strengths = np.array(ratios), np.array(levels)

    def tone(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
        frames = to_frames(seconds)
        hardness = mallet * (0.4 + 0.9 * velocity)
        gains = strengths * np.where(modes > 1.0, hardness, 1.0)
        falls = seconds_at_c4 * 2 ** (-(pitch - 60) / 24.0) / modes**damping
        hz = pitch_to_hz(pitch) * modes
        sound = damped_modes(
            np.concatenate([hz, hz * (1 + rng.normal(0.0, 6e-4, len(hz)))]),
            np.concatenate([gains, gains * rng.uniform(0.05, 0.22, len(hz))]),
            np.concatenate([falls, falls * 1.3]),
            frames,
            rng.uniform(0, 0.5, 2 * len(hz)),
        )
        blow = coloured_noise(min(frames, to_frames(0.06)), 500.0, 1500.0 + 8000.0 * hardness, rng)
        sound[: len(blow)] += blow * decay(len(blow), 0.035) * np.float32(0.16 * hardness)
        residue = coloured_noise(frames, 600.0, 1500.0 + 6000.0 * hardness, rng, slope=-2.0)
        level = np.float32(0.012 * hardness)
        sound += residue * (decay(frames, 0.3) + np.float32(0.12) * decay(frames, float(falls[0]))) * level
        return np.asarray(fade_in(sound * np.float32(0.28), 0.0015)[None])

    return tone


def vibraphone(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
    """A tuned bar (modes 1, 4, 10; Fletcher & Rossing 1998) with a motor vibrato of five cycles per second."""
    sound = struck_bar((1.0, 4.0, 10.1), (1.0, 0.35, 0.12), 6.0, 0.8)(pitch, velocity, seconds, rng)
    axis = np.arange(sound.shape[1], dtype=np.float32) / np.float32(44_100)
    fan = 1 - 0.28 * (0.5 + 0.5 * np.sin(2 * np.pi * 5.2 * axis))
    return np.asarray(sound * fan, dtype=np.float32)


def cowbell(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
    """A tuned TR-808 cowbell: two square oscillators at 540 and 800 Hz through a band-pass (service manual, 1981).

    A note at E5 (about 660 Hz) keeps their original ratio of 1.48; the lower one has the pitch of the note.
    """
    frames = to_frames(seconds)
    n = np.arange(1, 14, 2)
    hz = pitch_to_hz(pitch) * np.concatenate([n, n * 800.0 / 540.0])
    levels = np.concatenate([1.0 / n, 0.6 / n]) * np.exp(-hz / (3500.0 + 5000.0 * velocity))
    tail = damped_modes(hz, levels * 0.55, 0.9, frames, rng.uniform(0, 6.28, len(hz)))
    strike = damped_modes(hz, levels, 0.12, frames, rng.uniform(0, 6.28, len(hz)))
    return fade_in((tail + strike) * np.float32(0.22), 0.001)[None]


def singing_bowl(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
    """A softly struck bowl: pairs of bell modes that beat slowly (ratios: Terwagne & Bush 2011)."""
    frames = to_frames(seconds)
    modes = np.array([1.0, 2.72, 5.1, 8.0])
    gains = np.array([1.0, 0.45, 0.2, 0.09]) * np.array([1.0, 0.5 + velocity, 0.3 + velocity, 0.2 + velocity])
    falls = 18.0 * 2 ** (-(pitch - 55) / 24.0) / modes**0.8
    sides = []
    for _ in range(2):
        beats = rng.uniform(0.4, 1.1, 4)
        hz = np.concatenate([pitch_to_hz(pitch) * modes, pitch_to_hz(pitch) * modes + beats])
        levels, lengths = np.concatenate([gains, gains * 0.7]), np.concatenate([falls, falls])
        sides.append(fade_in(damped_modes(hz, levels, lengths, frames, rng.uniform(0, 6.28, 8)), 0.012))
    return np.stack(sides) * np.float32(0.16)


HANDPAN = struck_bar((1.0, 2.0, 3.0, 4.6), (1.0, 0.5, 0.28, 0.06), 3.2, 0.9)
MARIMBA = struck_bar((1.0, 3.93, 9.5, 16.2), (1.0, 0.32, 0.14, 0.06), 1.6, 0.7)
GLOCKENSPIEL = struck_bar((1.0, 2.76, 5.4, 8.93, 13.3, 18.6), (1.0, 0.65, 0.45, 0.3, 0.2, 0.12), 3.5, 1.0, 0.12)
BELLS = struck_bar((0.5, 1.0, 1.19, 1.5, 2.0, 2.51, 3.01), (0.25, 1.0, 0.35, 0.2, 0.5, 0.25, 0.2), 7.0, 0.8)
KALIMBA = struck_bar((1.0, 5.4, 13.1, 24.0), (1.0, 0.28, 0.14, 0.08), 2.4, 0.9, 0.12)

MODAL = (
    # key, name, program, tone, lowest and highest pitch, maximum seconds, release, low cut
    Instrument("singing_bowl", "Singing bowl", 14, singing_bowl, 43, 84, 12.0, 3.0, 90.0),
    Instrument("handpan", "Handpan", 114, HANDPAN, 45, 84, 3.0, 0.6, 90.0, round_robin=2),
    Instrument("vibraphone", "Vibraphone", 11, vibraphone, 48, 96, 5.0, 0.5, 150.0),
    Instrument("marimba", "Marimba", 12, MARIMBA, 40, 96, 2.0, 0.5, 110.0),
    Instrument("glockenspiel", "Glockenspiel", 9, GLOCKENSPIEL, 67, 103, 3.0, 0.8, 300.0),
    Instrument("bells", "Glass bells", 98, BELLS, 55, 100, 6.0, 1.5, 200.0),
    Instrument("cowbell", "Cowbell", 113, cowbell, 55, 96, 1.2, 0.2, 300.0, round_robin=2),
    Instrument("kalimba", "Kalimba", 108, KALIMBA, 52, 96, 2.5, 0.3, 140.0),
)
