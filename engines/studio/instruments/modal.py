"""Modal synthesis of plucked strings, mallet instruments and bells: damped sinusoids, in tune at all pitches."""

from collections.abc import Sequence

import numpy as np

from engines.studio.dsp.arrays import Wave
from engines.studio.instruments.instrument import Instrument, ToneGenerator
from engines.studio.instruments.oscillators import damped_modes, decay, fade_in, pitch_to_hz, to_frames, white_noise


def plucked_string(*, length: float, bright: float, pluck: float, damping: float, knock: float) -> ToneGenerator:
    """A plucked string: the modes of the Karplus-Strong string (1983).

    ``length`` is in seconds to -60 dB at E2; ``pluck`` is the plucking position on the string (0 to 0.5); ``damping``
    is how much faster high modes decay (the averaging in the loop of Karplus & Strong loses -log cos(πf/fs) per
    cycle); ``knock`` is the level of the finger and the body.
    """

    def tone(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
        frames = to_frames(seconds)
        base = pitch_to_hz(pitch)
        n = np.arange(1, 1 + max(4, min(48, int(10_000 / base))))
        roll = 0.9 + (1.0 - velocity) * 0.7 + (1.0 - bright)
        gains = np.abs(np.sin(np.pi * n * (pluck + rng.uniform(-0.01, 0.01)))) / n**roll
        falls = length * 2 ** (-(pitch - 40) / 20.0) / (1.0 + damping * (n * base / 1000.0) ** 1.4)
        hz = base * n * np.sqrt(1 + 2e-5 * n**2)
        sound = damped_modes(hz, gains, falls, frames, rng.uniform(-0.3, 0.3, len(n)))
        tap = white_noise(to_frames(0.03), rng) * decay(to_frames(0.03), 0.02) * np.float32(knock * (0.3 + velocity))
        tap = np.convolve(tap, np.ones(12, dtype=np.float32) / 12, mode="same").astype(np.float32)
        sound[: len(tap)] += tap[: len(sound)]
        return fade_in(sound * np.float32(0.3), 0.0012)[None]

    return tone


def struck_bar(ratios: Sequence[float], levels: Sequence[float], seconds_at_c4: float, mallet: float) -> ToneGenerator:
    """A struck bar: ratios and levels of its modes, seconds to -60 dB at C4, and hardness of the mallet."""
    modes, strengths = np.array(ratios), np.array(levels)

    def tone(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
        frames = to_frames(seconds)
        hardness = mallet * (0.4 + 0.9 * velocity)
        gains = strengths * np.where(modes > 1.0, hardness, 1.0)
        falls = seconds_at_c4 * 2 ** (-(pitch - 60) / 24.0) / modes**0.6
        sound = damped_modes(pitch_to_hz(pitch) * modes, gains, falls, frames, rng.uniform(0, 0.5, len(modes)))
        tap = white_noise(to_frames(0.012), rng) * decay(to_frames(0.012), 0.012) * np.float32(0.08 * hardness)
        sound[: len(tap)] += tap[: len(sound)]
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


nylon_guitar = plucked_string(length=4.5, bright=0.45, pluck=0.22, damping=1.6, knock=0.12)
steel_guitar = plucked_string(length=6.5, bright=0.95, pluck=0.17, damping=0.7, knock=0.1)
clean_guitar = plucked_string(length=6.0, bright=0.7, pluck=0.26, damping=0.9, knock=0.04)
upright_bass = plucked_string(length=2.8, bright=0.3, pluck=0.3, damping=2.6, knock=0.25)
fingered_bass = plucked_string(length=4.5, bright=0.4, pluck=0.24, damping=1.7, knock=0.08)
slap_bass = plucked_string(length=3.5, bright=0.7, pluck=0.14, damping=1.3, knock=0.35)
harp = plucked_string(length=5.0, bright=0.55, pluck=0.4, damping=1.0, knock=0.04)
muted_guitar = plucked_string(length=0.7, bright=0.7, pluck=0.2, damping=1.6, knock=0.15)
banjo = plucked_string(length=1.5, bright=1.0, pluck=0.1, damping=0.8, knock=0.3)
palm_muted_guitar = plucked_string(length=0.9, bright=0.9, pluck=0.14, damping=2.6, knock=0.3)
HANDPAN = struck_bar((1.0, 2.0, 3.0, 4.6), (1.0, 0.5, 0.28, 0.06), 3.2, 0.9)
MARIMBA = struck_bar((1.0, 3.93, 9.5), (1.0, 0.3, 0.1), 1.6, 0.7)
GLOCKENSPIEL = struck_bar((1.0, 2.76, 5.4, 8.93), (1.0, 0.55, 0.3, 0.12), 3.5, 1.0)
BELLS = struck_bar((0.5, 1.0, 1.19, 1.5, 2.0, 2.51, 3.01), (0.25, 1.0, 0.35, 0.2, 0.5, 0.25, 0.2), 7.0, 0.8)
KALIMBA = struck_bar((1.0, 5.4, 13.1), (1.0, 0.22, 0.08), 2.4, 0.9)

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
    Instrument("nylon_guitar", "Nylon guitar", 24, nylon_guitar, 40, 88, 4.0, 0.2, 90.0, round_robin=2),
    Instrument("steel_guitar", "Steel-string guitar", 25, steel_guitar, 40, 88, 4.5, 0.25, 100.0, round_robin=2),
    Instrument("electric_guitar", "Electric guitar", 27, clean_guitar, 40, 90, 4.5, 0.2, 110.0, round_robin=2),
    Instrument("muted_guitar", "Muted guitar", 28, muted_guitar, 40, 90, 0.8, 0.1, 130.0, round_robin=3),
    Instrument("driven_guitar", "Overdriven guitar", 30, clean_guitar, 36, 90, 6.0, 0.12, 90.0, round_robin=2),
    Instrument("palm_mute", "Palm-muted guitar", 30, palm_muted_guitar, 33, 76, 0.7, 0.05, 70.0, round_robin=4),
    Instrument("banjo", "Banjo", 105, banjo, 48, 90, 1.5, 0.15, 180.0, round_robin=2),
    Instrument("picked_bass", "Picked bass", 34, steel_guitar, 26, 62, 3.0, 0.08, 32.0, round_robin=3),
    Instrument("upright_bass", "Upright bass", 32, upright_bass, 26, 60, 2.5, 0.18, 32.0, round_robin=3),
    Instrument("electric_bass", "Electric bass", 33, fingered_bass, 26, 62, 3.5, 0.12, 32.0, round_robin=2),
    Instrument("slap_bass", "Slap bass", 36, slap_bass, 26, 62, 2.5, 0.08, 32.0, round_robin=2),
    Instrument("harp", "Harp", 46, harp, 36, 96, 4.5, 0.8, 90.0),
)
