"""Bowed and blown tones: a wave through an opening filter, with breath or bow noise, wavering pitch and level."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.studio.dsp.arrays import Mono, Reals, Wave
from engines.studio.instruments.bodies import Body
from engines.studio.instruments.noise import coloured_noise, random_walk
from engines.studio.instruments.oscillators import (
    CENT_RATIO,
    control_times,
    cutoff_position,
    filtered_wave,
    interpolate_control,
    running_phase,
    to_frames,
)
from engines.studio.instruments.slurred_notes import Slur, SlurredNote
from engines.studio.instruments.stereo import spread_voices

BLOWN: Final = (1.0, 0.97, 0.9, 0.93, 0.97, 0.9, 0.94)
"""Levels of a blown tone at CONTOUR_TIMES: it speaks at once, settles and is then supported."""
BOWED: Final = (0.6, 0.66, 0.8, 1.0, 0.88, 0.76, 0.9)
"""Levels of a bowed tone: a crescendo over the first part of the bow."""
CONTOUR_TIMES: Final = np.array([0.0, 0.12, 0.4, 0.9, 2.0, 4.0, 6.5])

NOISE_SLOPE: Final = -4.0
"""The spectrum of breath and bow noise in dB per octave."""


@dataclass(frozen=True)
class SustainedTone:
    """A tone generator for bowed and blown instruments: mono with one player, stereo with several.

    - ``shape``: the spectrum of the wave, a key of oscillators.harmonic_amplitudes.
    - ``attack``: seconds from 10 to 90 % of the level; ``contour``: the levels after it at CONTOUR_TIMES.
    - ``open_hz``: the cutoff of the low-pass at C4 and middle velocity, reached after ``opening`` seconds from a third
      of it: the spectrum follows the level (Risset 1969 for the trumpet).
    - ``vibrato``: the rate in hertz, the depth in cents and the delay; ``pulse`` is its depth in level, 0 to 1.
    - ``noise``: the level of breath or bow in dB below the tone, between the frequencies of ``noise_band``;
      ``chiff`` is its surplus at the start (factor) for 60 ms.
    - ``jitter``: the slow deviation (sd) of the pitch in cents; the level wavers by a fixed share of it.
    - ``glide``: seconds from one pitch of a slur to the next.
    - ``body``: filters the wave, so that a vibrato changes the level of each partial on its own.
    """

    shape: str
    players: int = 1
    detune: float = 0.0
    attack: float = 0.04
    contour: tuple[float, ...] = BLOWN
    open_hz: float = 3000.0
    opening: float = 0.04
    vibrato: tuple[float, float, float] = (5.0, 0.0, 0.3)
    pulse: float = 0.0
    noise: float = -30.0
    noise_band: tuple[float, float] = (800.0, 6000.0)
    chiff: float = 2.0
    jitter: float = 2.5
    glide: float = 0.025
    body: Body | None = None
    gain: float = 0.18

    def __call__(self, pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
        return self.slur((SlurredNote(0.0, pitch, velocity),), seconds, rng)

    def slur(self, notes: tuple[SlurredNote, ...], seconds: float, rng: np.random.Generator) -> Wave:
        """Play notes in one breath or bow: the pitch glides, and only the first note has an attack."""
        slur = Slur(notes, self.glide)
        frames = to_frames(seconds)
        times = CONTOUR_TIMES * float(rng.uniform(0.85, 1.15))
        contour: Reals = np.interp(control_times(frames), times, self.contour)
        voices = [self._player(number, slur, frames, contour, rng) for number in range(self.players)]
        voices[0] = voices[0] + self._noise(contour, voices[0], slur.mean_velocity, rng)
        if self.body:
            voices = [self.body.filter.convolve(voice)[:frames] for voice in voices]
        return spread_voices(voices, np.float32(self.gain / np.sqrt(self.players)))

    def _player(self, number: int, slur: Slur, frames: int, contour: Reals, rng: np.random.Generator) -> Mono:
        seconds, base = control_times(frames), slur.highest_pitch
        late = 0.0 if self.players == 1 else float(rng.uniform(0.0, 0.4)) * self.attack
        rate, depth, delay = self.vibrato
        rate, delay = rate * float(rng.uniform(0.94, 1.06)), delay * float(rng.uniform(0.8, 1.3))
        swing = np.clip((slur.elapsed(seconds) - delay) / 0.4, 0.0, 1.0) * np.sin(2 * np.pi * rate * seconds)
        swing *= 1.0 + 0.2 * random_walk(len(seconds), rng, 0.99)
        bend: Reals = depth * swing + self.jitter * random_walk(len(seconds), rng, 0.985)
        bend -= 18.0 * float(rng.uniform(0.2, 1.0)) * np.exp(-seconds / 0.035)
        side = 0.0 if self.players == 1 else 2.0 * number / (self.players - 1) - 1.0
        cents = side * self.detune / 2 + float(rng.normal(0.0, 1.2))
        pitches = slur.pitches(seconds)
        melody = 2 ** ((pitches - base) / 12)
        bend = (melody * (1.0 + CENT_RATIO * bend) - 1.0) / CENT_RATIO
        phase = running_phase(base, frames, cents=cents, start=float(rng.random()), bend=bend)
        waver = (
            slur.levels(seconds)
            * 10 ** (0.008 * self.jitter * random_walk(len(seconds), rng, 0.97))
            * (1.0 + self.pulse * swing)
        )
        rise = 0.5 - 0.5 * np.cos(np.pi * np.clip((seconds - late) * 0.59 / self.attack, 0.0, 1.0))
        opened = 0.34 + 0.66 * (1.0 - np.exp(-np.maximum(seconds - late, 0.0) / self.opening))
        tracking = 2 ** ((pitches - 60) / 24) * (0.5 + slur.velocities(seconds))
        position = cutoff_position(np.asarray(self.open_hz * tracking * opened * contour, dtype=np.float32))
        return filtered_wave(self.shape, base, phase, position, frames, level=rise * waver * contour)

    def _noise(self, contour: Reals, wave: Mono, velocity: float, rng: np.random.Generator) -> Mono:
        """Return noise that swells with the wave's own oscillation, as air and bow release it in pulses."""
        frames = len(wave)
        seconds = control_times(frames)
        surplus = 1.0 + self.chiff * (0.4 + velocity) * np.exp(-seconds / 0.0175)
        level = 10 ** (self.noise / 20) * (0.5 + 0.7 * velocity) * np.clip(seconds * 2.5 / self.attack, 0.0, 1.0)
        noise = coloured_noise(frames, *self.noise_band, rng, slope=NOISE_SLOPE)
        noise *= 1 + np.float32(0.5) * wave
        noise *= interpolate_control(contour * surplus * level, frames)
        return noise
