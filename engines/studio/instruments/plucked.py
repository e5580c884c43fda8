"""Plucked strings: partials with two polarisations, a resonant body, and the noise of finger and string."""

from dataclasses import dataclass

import numpy as np

from engines.studio.dsp.arrays import Mono, Reals, Wave
from engines.studio.instruments.bodies import BOX, GUITAR, HOLLOW, SKIN, SOLID, Body
from engines.studio.instruments.instrument import Instrument
from engines.studio.instruments.noise import coloured_noise
from engines.studio.instruments.oscillators import damped_modes, decay, fade_in, pitch_to_hz, to_frames

MAX_PARTIAL_HZ = 15_000.0
MAX_PARTIALS = 72
SIDE_LEVEL = 0.24
"""Level of the vibration parallel to the body relative to the one across it, which the bridge damps faster."""
KNOCK_SECONDS = 0.25


@dataclass(frozen=True)
class PluckedString:
    """A tone generator for a plucked string.

    Each partial is a pair of modes, one for each polarisation, a little out of tune: the level beats, and a fast decay
    is followed by a slow one (Weinreich 1977; Valimaki & al. 1996). Partials are stretched by the stiffness
    (Fletcher 1964), weighted by the plucking position (a comb) and by the body, and decay faster the higher they are
    (losses of air and bending; Fletcher & Rossing 1998).

    - ``length``: seconds to -60 dB at E2.
    - ``bright``: 0 to 1, the hardness of the finger or plectrum.
    - ``pluck``: the plucking position on the string, 0 to 0.5.
    - ``damping``: how much faster a partial at 1 kHz decays than the fundamental.
    - ``knock``: the level of the body's own modes.
    - ``residue``: the level of the noise of the string in dB.
    - ``stiffness``: the coefficient of inharmonicity at E2.
    """

    length: float
    bright: float
    pluck: float
    damping: float
    knock: float
    body: Body = GUITAR
    residue: float = -36.0
    stiffness: float = 3e-5
    side: float = SIDE_LEVEL

    def __call__(self, pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
        frames = to_frames(seconds)
        base = pitch_to_hz(pitch)
        length = self.length * 2 ** (-(pitch - 40) / 20.0)
        sound = self._partials(base, length, velocity, frames, rng)
        self._add_noise(sound, length, velocity, rng)
        return fade_in(sound * np.float32(0.2), 0.0012)[None]

    def _partials(self, base: float, length: float, velocity: float, frames: int, rng: np.random.Generator) -> Mono:
        n = np.arange(1.0, 1 + max(4, min(MAX_PARTIALS, int(MAX_PARTIAL_HZ / base))))
        hz: Reals = base * n * np.sqrt(1 + self.stiffness * 2 ** ((np.log2(base / 82.4)) * 1.2) * n**2)
        comb = np.abs(np.sin(np.pi * n * (self.pluck + rng.uniform(-0.015, 0.015)))) + 0.03
        roll = 0.5 + 0.55 * (1.0 - velocity) + 0.95 * (1.0 - self.bright)
        corner = 1400.0 + 9000.0 * self.bright * (0.25 + velocity)
        gains = comb / n**roll / np.sqrt(1 + (hz / corner) ** 4) * self.body.response(hz)
        falls = length / (1.0 + self.damping * (hz / 1000.0) ** 1.15)
        cents = rng.normal(1.6, 0.5) + rng.normal(0.0, 1.2, len(n))
        side = self.side * rng.uniform(0.6, 1.4, len(n))
        return damped_modes(
            np.concatenate([hz, hz * 2 ** (cents / 1200)]),
            np.concatenate([gains, gains * side]),
            np.concatenate([falls * 0.85, falls * 1.7]),
            frames,
            rng.uniform(-0.35, 0.35, 2 * len(n)),
        )

    def _add_noise(self, sound: Mono, length: float, velocity: float, rng: np.random.Generator) -> None:
        """Add the knock of the body, the scrape of the pluck, and a residue that decays with the string."""
        frames = len(sound)
        hardness = min(1.0, 0.25 * self.bright + 0.75 * velocity * (0.4 + self.bright))
        knock = self.body.knock(hardness, min(KNOCK_SECONDS, frames / 44_100), rng)
        sound[: len(knock)] += knock * np.float32(self.knock * (0.3 + 0.9 * velocity))
        scrape = coloured_noise(min(frames, to_frames(0.025)), 1200.0, 2500.0 + 8000.0 * self.bright, rng)
        scrape *= decay(len(scrape), 0.014) * np.float32((0.02 + 0.16 * self.bright) * velocity)
        sound[: len(scrape)] += scrape
        level = 10 ** (self.residue / 20) * (0.4 + 0.8 * velocity)
        residue = coloured_noise(frames, 250.0, 900.0 + 8000.0 * self.bright**2, rng, slope=-3.0)
        sound += residue * (
            decay(frames, 0.3) * np.float32(2.0 * level) + decay(frames, 0.7 * length) * np.float32(level)
        )


nylon_guitar = PluckedString(length=7.0, bright=0.6, pluck=0.19, damping=0.75, knock=0.30, residue=-44.0, side=0.16)
steel_guitar = PluckedString(length=8.0, bright=0.88, pluck=0.15, damping=0.28, knock=0.22, residue=-43.0)
clean_guitar = PluckedString(
    length=8.0, bright=0.82, pluck=0.2, damping=0.4, knock=0.08, body=SOLID, residue=-50.0, side=0.14
)
muted_guitar = PluckedString(length=0.8, bright=0.8, pluck=0.2, damping=0.6, knock=0.2, body=SOLID, residue=-42.0)
palm_muted_guitar = PluckedString(length=0.9, bright=0.9, pluck=0.14, damping=1.2, knock=0.3, body=SOLID)
banjo = PluckedString(length=2.4, bright=1.0, pluck=0.09, damping=0.3, knock=0.3, body=SKIN, residue=-38.0)
upright_bass = PluckedString(length=3.4, bright=0.36, pluck=0.24, damping=1.6, knock=0.55, body=HOLLOW, residue=-38.0)
fingered_bass = PluckedString(length=6.5, bright=0.48, pluck=0.2, damping=1.1, knock=0.2, body=SOLID, residue=-48.0)
picked_bass = PluckedString(length=7.0, bright=0.85, pluck=0.16, damping=0.5, knock=0.2, body=SOLID, residue=-46.0)
slap_bass = PluckedString(length=5.5, bright=0.95, pluck=0.12, damping=0.6, knock=0.55, body=SOLID, residue=-42.0)
harp = PluckedString(length=6.5, bright=0.58, pluck=0.38, damping=0.6, knock=0.2, body=BOX, residue=-52.0, side=0.14)

PLUCKED = (
    # key, name, program, tone, lowest and highest pitch, maximum seconds, release, low cut
    Instrument("nylon_guitar", "Nylon guitar", 24, nylon_guitar, 40, 88, 4.0, 0.2, 90.0, round_robin=2),
    Instrument("steel_guitar", "Steel-string guitar", 25, steel_guitar, 40, 88, 4.5, 0.25, 100.0, round_robin=2),
    Instrument("electric_guitar", "Electric guitar", 27, clean_guitar, 40, 90, 4.5, 0.2, 110.0, round_robin=2),
    Instrument("muted_guitar", "Muted guitar", 28, muted_guitar, 40, 90, 0.8, 0.1, 130.0, round_robin=3),
    Instrument("driven_guitar", "Overdriven guitar", 30, clean_guitar, 36, 90, 6.0, 0.12, 90.0, round_robin=2),
    Instrument("palm_mute", "Palm-muted guitar", 30, palm_muted_guitar, 33, 76, 0.7, 0.05, 70.0, round_robin=4),
    Instrument("banjo", "Banjo", 105, banjo, 48, 90, 1.5, 0.15, 180.0, round_robin=2),
    Instrument("picked_bass", "Picked bass", 34, picked_bass, 26, 62, 3.0, 0.08, 32.0, round_robin=3),
    Instrument("upright_bass", "Upright bass", 32, upright_bass, 26, 60, 2.5, 0.18, 32.0, round_robin=3),
    Instrument("electric_bass", "Electric bass", 33, fingered_bass, 26, 62, 3.5, 0.12, 32.0, round_robin=2),
    Instrument("slap_bass", "Slap bass", 36, slap_bass, 26, 62, 2.5, 0.08, 32.0, round_robin=2),
    Instrument("harp", "Harp", 46, harp, 36, 96, 4.5, 0.8, 90.0),
)
