"""Sung vowels, solo and choir: a glottal wave and breath through formants that move, with vibrato and scoops."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.port import SAMPLE_RATE
from engines.studio.dsp import filters
from engines.studio.dsp.arrays import Mono, Reals, Wave
from engines.studio.instruments.instrument import Instrument
from engines.studio.instruments.noise import coloured_noise, random_walk
from engines.studio.instruments.oscillators import (
    CENT_RATIO,
    control_times,
    cutoff_position,
    filtered_wave,
    interpolate_breakpoints,
    interpolate_control,
    pitch_to_hz,
    running_phase,
    to_frames,
)
from engines.studio.instruments.slurred_notes import Slur, SlurredNote

Formants = tuple[tuple[float, float, float], ...]
"""Centre frequency in hertz, level in dB and bandwidth in hertz, lowest formant first."""
LOW_VOWELS: Final[Mapping[str, Formants]] = {
    "ah": ((650, 0, 80), (1080, -6, 90), (2650, -9, 120), (2900, -10, 130)),
    "oh": ((400, 0, 70), (800, -10, 80), (2600, -14, 100), (2800, -14, 130)),
    "oo": ((350, 0, 50), (600, -18, 60), (2700, -20, 100), (2900, -18, 120)),
    "eh": ((400, 0, 70), (1700, -12, 80), (2600, -12, 100), (3200, -14, 120)),
    "mm": ((260, 0, 60), (950, -24, 160), (2200, -32, 200), (3000, -36, 240)),
}
"""Formants of a tenor at C3 (Csound manual, formant values)."""
HIGH_VOWELS: Final[Mapping[str, Formants]] = {
    "ah": ((800, 0, 80), (1150, -6, 90), (2900, -20, 120), (3900, -22, 130)),
    "oh": ((450, 0, 70), (800, -11, 80), (2830, -22, 100), (3800, -24, 130)),
    "oo": ((325, 0, 50), (700, -16, 60), (2700, -30, 170), (3800, -36, 180)),
    "eh": ((400, 0, 70), (1900, -18, 100), (2800, -17, 120), (3600, -28, 150)),
    "mm": ((290, 0, 70), (1050, -26, 160), (2400, -34, 200), (3300, -38, 240)),
}
"""Formants of a soprano at E5."""
LOW_PITCH, HIGH_PITCH = 48, 76


@dataclass(frozen=True)
class SungVoice:
    """A tone generator for singers on vowels.

    A glottal wave and breath pass formants in parallel (Klatt 1980). ``paths`` lists possible vowels at the start, in
    the middle and at the end of a tone; the first lasts ``onset`` seconds, so that "mm" or "oo" sounds like a soft
    consonant. Each of the ``singers`` starts ``scatter`` seconds late at most and reaches the pitch from below
    (``scoop`` in cents). ``spread`` is the deviation (sd) of their tuning in cents, ``vibrato`` the rate, the depth in
    cents and the delay. In a slur the voice glides from one pitch to the next in ``glide`` seconds. With several
    singers the tone is in stereo.
    """

    paths: tuple[tuple[str, str, str], ...]
    singers: int = 1
    attack: float = 0.06
    onset: float = 0.07
    scatter: float = 0.0
    scoop: float = 90.0
    spread: float = 4.0
    vibrato: tuple[float, float, float] = (5.6, 30.0, 0.3)
    breath: float = 0.02
    glide: float = 0.08
    gain: float = 0.5

    def __call__(self, pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
        return self.slur((SlurredNote(0.0, pitch, velocity),), seconds, rng)

    def slur(self, notes: tuple[SlurredNote, ...], seconds: float, rng: np.random.Generator) -> Wave:
        """Sing notes in one breath on the vowels of one path."""
        slur = Slur(notes, self.glide)
        pitch, velocity = slur.highest_pitch, slur.mean_velocity
        frames = to_frames(seconds)
        path = self.paths[int(rng.integers(len(self.paths)))]
        channels = 1 if self.singers == 1 else 2
        glottis = np.stack([self._glottis(slur, frames, rng) for _ in range(channels)])
        turn = float(rng.uniform(0.35, 0.7)) * seconds
        shares = (
            interpolate_breakpoints(frames, (0.3 * self.onset, 1.6 * self.onset), (1.0, 0.0)),
            interpolate_breakpoints(frames, (turn, turn + 0.5), (0.0, 1.0)),
        )
        weights = (shares[0], (1 - shares[0]) * (1 - shares[1]), (1 - shares[0]) * shares[1])
        sound = np.zeros_like(glottis)
        for vowel in dict.fromkeys(path):
            first, *others = (share for share, name in zip(weights, path, strict=True) if name == vowel)
            weight = sum(others, start=first)
            span = _audible_span(weight)
            for channel, sung in zip(sound, sing_vowel(glottis[:, span], vowel, pitch, velocity), strict=True):
                channel[span] += sung * weight[span]
        waver = interpolate_control(10 ** (random_walk(len(control_times(frames)), rng, 0.99) * 0.35 / 20), frames)
        contour = interpolate_breakpoints(frames, (0.0, 0.25, 1.2, 3.0, 5.5, 8.0), (0.92, 0.88, 1.0, 0.9, 0.97, 0.88))
        rise = interpolate_breakpoints(frames, (0.3 * self.attack, 1.2 * self.attack), (0.0, self.breath * 0.15))
        waver *= contour
        waver *= np.float32(self.gain)
        for channel in range(channels):
            air = coloured_noise(frames, 2200.0, 9000.0, rng)
            air *= rise
            sound[channel] += air
        sound *= waver
        return sound

    def _glottis(self, slur: Slur, frames: int, rng: np.random.Generator) -> Mono:
        """Return the waves of the singers of one channel and their breath, which comes in the pulses of the wave."""
        count = -(-self.singers // 2) if self.singers > 1 else 1
        voices = [self._singer(slur, frames, rng) for _ in range(count)]
        seconds = control_times(frames)
        level = (
            self.breath * np.sqrt(count) * np.clip(seconds / self.attack, 0.0, 1.0) * (1 + 2 * np.exp(-seconds * 35))
        )
        sound = coloured_noise(frames, 700.0, 7000.0, rng)
        sound *= 1 + np.float32(0.6) * voices[0]
        sound *= interpolate_control(level, frames)
        for voice in voices:
            sound += voice
        sound *= np.float32(1 / np.sqrt(count))
        return sound

    def _singer(self, slur: Slur, frames: int, rng: np.random.Generator) -> Mono:
        seconds, base = control_times(frames), slur.highest_pitch
        rate, depth, delay = self.vibrato
        rate, depth = rate * float(rng.uniform(0.94, 1.06)), depth * float(rng.uniform(0.75, 1.2))
        late = float(rng.uniform(0.0, self.scatter))
        swing = np.sin(2 * np.pi * (rate * seconds + float(rng.random())))
        bend: Reals = depth * swing * np.clip((slur.elapsed(seconds) - delay - late) / 0.4, 0.0, 1.0)
        bend += 5.0 * random_walk(len(seconds), rng, 0.985) + float(rng.normal(0.0, self.spread))
        bend -= self.scoop * float(rng.uniform(0.4, 1.0)) * np.exp(-np.maximum(seconds - late, 0.0) / 0.045)
        melody = 2 ** ((slur.pitches(seconds) - base) / 12)
        bend = (melody * (1.0 + CENT_RATIO * bend) - 1.0) / CENT_RATIO
        phase = running_phase(base, frames, start=float(rng.random()), bend=bend)
        rise = np.interp(seconds, (late, late + self.attack * 0.5, late + self.attack), (0.0, 0.6, 1.0))
        position = cutoff_position(
            ((1400.0 + 3800.0 * slur.velocities(seconds)) * (0.45 + 0.55 * rise)).astype(np.float32)
        )
        return filtered_wave("saw", base, phase, position, frames, 0.7, rise * slur.levels(seconds))


def _audible_span(weight: Mono) -> slice:
    """Return the part of a tone outside of which a vowel is silent."""
    is_audible = weight > 0
    return slice(int(is_audible.argmax()), len(weight) - int(is_audible[::-1].argmax()))


def sing_vowel(glottis: Wave, vowel: str, pitch: int, velocity: float) -> Wave:
    """Return the sound through the formants of a vowel, shape (channels, frames).

    The formants lie between those of a tenor and a soprano by pitch; a singer raises the first one to the fundamental
    (Sundberg 1987). The gains compensate the fall of the wave's spectrum by 6 dB per octave.
    """
    place = min(1.0, max(0.0, (pitch - LOW_PITCH) / (HIGH_PITCH - LOW_PITCH)))
    rows = np.array(LOW_VOWELS[vowel]) * (1 - place) + np.array(HIGH_VOWELS[vowel]) * place
    hertz: Reals = rows[:, 0]
    hertz[0] = max(hertz[0], 1.03 * pitch_to_hz(pitch))
    hertz[1] = max(hertz[1], 1.25 * hertz[0])
    gains = 10 ** (rows[:, 1] / 20) * hertz / hertz[0]
    gains[1:] *= 0.55 + 0.7 * velocity
    gains[1::2] *= -1.0
    formants = [_resonator(*formant) for formant in np.stack([hertz, 1.3 * rows[:, 2], gains], axis=1).tolist()]
    # the coefficients are real, so that the channels may be filtered together as a complex signal
    source = glottis[0] if len(glottis) == 1 else np.empty(glottis.shape[1], dtype=np.complex64)
    if len(glottis) == 2:
        source.real, source.imag = glottis
    pairs = [_in_parallel(*pair).astype(source.dtype) for pair in zip(formants[::2], formants[1::2], strict=True)]
    sound, _ = filters.sosfilt(pairs[0], source)
    for pair in pairs[1:]:
        sound += filters.sosfilt(pair, source)[0]
    return sound[None] if len(glottis) == 1 else sound.view(np.float32).reshape(-1, 2).T


def _in_parallel(first: Reals, second: Reals) -> Reals:
    """Return the sum of two resonators as two sections in series, which take less time than two filters."""
    numerator = first[0] * second[3:] + second[0] * first[3:]
    return np.array([[1.0, 0.0, -1.0, *first[3:]], [*numerator, *second[3:]]])


def _resonator(hertz: float, width: float, gain: float) -> Reals:
    """Return a band-pass with a peak of ``gain`` as one section, shape (6,) (Audio EQ Cookbook)."""
    omega = 2 * np.pi * hertz / SAMPLE_RATE
    alpha = np.sin(omega) * width / (2 * hertz)
    section = np.array([gain * alpha, 0.0, -gain * alpha, 1 + alpha, -2 * np.cos(omega), 1 - alpha])
    return np.asarray(section / section[3])


VOICE = SungVoice(
    paths=(("mm", "ah", "oh"), ("oo", "ah", "oh"), ("oo", "oh", "ah"), ("mm", "oh", "ah"), ("eh", "ah", "eh"))
)
CHOIR = SungVoice(paths=(("ah", "ah", "oh"), ("oh", "ah", "ah")), singers=6, attack=0.22, onset=0.12, scatter=0.07,
                  scoop=40.0, spread=8.0, vibrato=(5.3, 17.0, 0.4), breath=0.025)  # fmt: skip
HUMMING = SungVoice(paths=(("mm", "mm", "mm"), ("mm", "oo", "mm")), singers=6, attack=0.18, onset=0.25, scatter=0.06,
                    scoop=40.0, spread=7.0, vibrato=(5.1, 13.0, 0.45), breath=0.015, gain=0.6)  # fmt: skip

VOICES = (
    # key, name, program, tone, lowest and highest pitch, maximum seconds, release, low cut
    Instrument("voice", "Wordless voice", 53, VOICE, 48, 84, 6.0, 0.16, 130.0, round_robin=3, slur=VOICE.slur),
    Instrument("choir", "Choir", 52, CHOIR, 43, 86, 8.0, 0.9, 140.0, is_crossfaded=True),
    Instrument("humming", "Humming voices", 53, HUMMING, 43, 86, 8.0, 0.8, 140.0, is_crossfaded=True),
)
