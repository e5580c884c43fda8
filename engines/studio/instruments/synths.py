"""Subtractive synthesisers: basses, pads, leads and plucks."""

from dataclasses import dataclass

import numpy as np

from engines.studio.dsp.arrays import Mono, Reals, Wave
from engines.studio.instruments.instrument import Instrument
from engines.studio.instruments.oscillators import (
    control_times,
    cutoff_position,
    envelope,
    filtered_wave,
    interpolate_control,
    pitch_to_hz,
    running_angle,
    running_phase,
    to_frames,
    vibrato,
    white_noise,
)
from engines.studio.instruments.stereo import spread_voices


@dataclass(frozen=True, slots=True)
class Patch:
    """A tone generator by subtractive synthesis: mono with one voice, stereo with several. Times are in seconds.

    ``detune`` is the spread of the voices in cents; ``peak_hz`` and ``floor_hz`` are the cutoffs at the peak and the
    end of the filter envelope at C4, with a key tracking of one half; ``vibrato`` is the rate in hertz, the depth in
    cents and the delay; ``swell`` is the initial level and brightness of a tone and the time of the crescendo.
    """

    shape: str = "saw"
    voices: int = 1
    detune: float = 0.0
    attack: float = 0.005
    decay: float = 2.0
    sustain: float = 0.7
    peak_hz: float = 3000.0
    floor_hz: float = 800.0
    filter_decay: float = 0.6
    filter_attack: float = 0.0
    resonance: float = 0.8
    vibrato: tuple[float, float, float] = (5.0, 0.0, 0.3)
    swell: tuple[float, float] = (1.0, 0.0)
    sub_level: float = 0.0
    noise_level: float = 0.0
    gain: float = 0.2

    def __call__(self, pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
        frames = to_frames(seconds)
        swell = self._swell(frames, rng)
        position = cutoff_position(np.asarray(self._cutoff(pitch, velocity, frames) * swell, dtype=np.float32))
        voices = [self._voice(pitch, frames, number, position, rng) for number in range(self.voices)]
        shape = envelope(frames, self.attack, self.decay, self.sustain)
        if self.swell[1]:
            shape *= interpolate_control(np.asarray(swell), frames)
        if self.sub_level:
            low = np.sin(running_angle(running_phase(pitch, frames), frames))
            voices[0] = np.asarray(voices[0] + np.float32(self.sub_level) * low, dtype=np.float32)
        if self.noise_level:
            voices[0] = voices[0] + np.float32(self.noise_level) * white_noise(frames, rng)
        level = np.float32(self.gain / np.sqrt(self.voices))
        return spread_voices(voices, shape * level)

    def _swell(self, frames: int, rng: np.random.Generator) -> Reals | float:
        """Return the level at the control points."""
        start, peak = self.swell
        if not peak:
            return 1.0
        times = peak * float(rng.uniform(0.85, 1.15)) * np.array([0.0, 0.5, 1.0, 2.0, 4.0, 6.5])
        return np.interp(control_times(frames), times, (start, 0.5 + 0.5 * start, 1, 0.86, 0.74, 0.9))

    def _cutoff(self, pitch: int, velocity: float, frames: int) -> Reals:
        """Return the cutoff of the filter in hertz at the control points."""
        tracking = (pitch_to_hz(pitch) / 261.6) ** 0.5 * (0.55 + 0.9 * velocity)
        rate = -6.9078 * control_times(frames)
        contour = np.exp(rate / self.filter_decay)
        if self.filter_attack:
            contour = contour * (1 - np.exp(rate / self.filter_attack)) * 1.6
        return np.asarray(self.floor_hz * tracking * (self.peak_hz / self.floor_hz) ** contour)

    def _voice(self, pitch: int, frames: int, number: int, position: Mono, rng: np.random.Generator) -> Mono:
        side = 0.0 if self.voices == 1 else 2.0 * number / (self.voices - 1) - 1.0
        cents = side * self.detune / 2 + float(rng.normal(0.0, 1.2))
        rate, depth, delay = self.vibrato
        bend = None
        if depth:
            bend = vibrato(frames, rate * float(rng.uniform(0.92, 1.08)), depth, delay, float(rng.random()))
        start = float(rng.random()) if self.voices > 1 else 0.0
        phase = running_phase(pitch, frames, cents=cents, start=start, bend=bend)
        return filtered_wave(self.shape, pitch, phase, position, frames, self.resonance)


def sub_bass(pitch: int, velocity: float, seconds: float, _rng: np.random.Generator) -> Wave:
    """A sine with a little of its second and third harmonic, so that small speakers reproduce it."""
    frames = to_frames(seconds)
    phase = running_angle(running_phase(pitch, frames), frames)
    sine, cosine = np.sin(phase), np.cos(phase)
    second, third = np.float32(2 * (0.12 + 0.14 * velocity)), np.float32(0.08 * velocity)
    sound = sine * (1 + second * cosine + third * (3 - 4 * sine * sine))  # sin 2x and sin 3x as products
    return np.asarray(sound * envelope(frames, 0.006, 6.0, 0.75) * np.float32(0.22), dtype=np.float32)[None]


WARM = Patch(voices=4, detune=16, attack=0.5, sustain=1.0, peak_hz=1800, floor_hz=700, filter_decay=6.0,
             filter_attack=1.5)  # fmt: skip
GLASS = Patch(shape="pulse", voices=4, detune=12, attack=0.9, sustain=1.0, peak_hz=3600, floor_hz=1500,
              filter_decay=9, filter_attack=3)  # fmt: skip
SUPER = Patch(voices=7, detune=38, attack=0.02, sustain=0.85, peak_hz=9000, floor_hz=3600, filter_decay=1.2)
LEAD = Patch(shape="saw", voices=2, detune=9, attack=0.012, sustain=0.8, peak_hz=5200, floor_hz=2200,
             vibrato=(5.4, 14, 0.25))  # fmt: skip
SOFT = Patch(shape="triangle", attack=0.03, sustain=0.85, peak_hz=3200, floor_hz=1600,
             vibrato=(5.0, 12, 0.3), noise_level=0.012)  # fmt: skip
CHIP = Patch(shape="square", attack=0.003, sustain=0.7, peak_hz=6500, floor_hz=3800, vibrato=(6.0, 10, 0.2))
CHIP_BASS = Patch(shape="triangle", attack=0.003, decay=2.0, sustain=0.8, peak_hz=5000, floor_hz=4000, gain=0.24)
CHIP_PULSE = Patch(shape="pulse", attack=0.003, decay=1.2, sustain=0.4, peak_hz=5500, floor_hz=3200)
PLUCK = Patch(voices=3, detune=14, attack=0.002, decay=1.1, sustain=0.0, peak_hz=6500, floor_hz=350, filter_decay=0.45)
SYNTH_BASS = Patch(attack=0.004, decay=1.6, sustain=0.55, peak_hz=1900, floor_hz=330, filter_decay=0.5,
                   resonance=1.3, sub_level=0.6)  # fmt: skip
HOUSE_BASS = Patch(shape="square", attack=0.003, decay=1.2, sustain=0.5, peak_hz=900, floor_hz=260,
                   filter_decay=0.35, sub_level=0.7)  # fmt: skip
ACID = Patch(attack=0.003, decay=0.9, sustain=0.3, peak_hz=3400, floor_hz=280, filter_decay=0.35,
             resonance=4.5, gain=0.16)  # fmt: skip
REESE = Patch(voices=2, detune=24, attack=0.01, sustain=0.95, peak_hz=900, floor_hz=480, filter_decay=2.0,
              sub_level=0.8)  # fmt: skip
WOBBLE = Patch(voices=2, detune=14, attack=0.008, sustain=0.9, peak_hz=2600, floor_hz=180, filter_decay=0.9,
               filter_attack=0.35, resonance=3.2, sub_level=0.5, gain=0.17)  # fmt: skip
STAB = Patch(voices=4, detune=12, attack=0.003, decay=0.8, sustain=0.1, peak_hz=4200, floor_hz=500,
             filter_decay=0.5, resonance=1.2)  # fmt: skip

SYNTHS = (
    # key, name, program, tone, lowest and highest pitch, maximum seconds, release, low cut
    Instrument("warm_pad", "Warm pad", 89, WARM, 36, 96, 9.0, 1.4, 170.0, is_crossfaded=True),
    Instrument("glass_pad", "Glass pad", 92, GLASS, 40, 100, 9.0, 1.8, 220.0, is_crossfaded=True),
    Instrument("supersaw", "Saw ensemble", 81, SUPER, 40, 100, 5.0, 0.25, 180.0),
    Instrument("lead", "Saw lead", 81, LEAD, 45, 100, 4.0, 0.18, 180.0),
    Instrument("soft_lead", "Soft lead", 82, SOFT, 48, 100, 4.0, 0.25, 180.0),
    Instrument("chip_lead", "Square lead", 80, CHIP, 45, 100, 3.0, 0.06, 180.0),
    Instrument("chip_pulse", "Pulse wave", 80, CHIP_PULSE, 45, 100, 4.0, 0.06, 200.0),
    Instrument("chip_bass", "Triangle bass", 38, CHIP_BASS, 24, 64, 3.0, 0.05, 28.0),
    Instrument("pluck", "Synth pluck", 84, PLUCK, 40, 100, 1.4, 0.25, 180.0),
    Instrument("stab", "Chord stab", 90, STAB, 40, 96, 1.5, 0.2, 200.0),
    Instrument("synth_bass", "Synth bass", 38, SYNTH_BASS, 24, 60, 3.0, 0.07, 28.0),
    Instrument("house_bass", "House bass", 39, HOUSE_BASS, 24, 60, 3.0, 0.06, 28.0),
    Instrument("acid_bass", "Acid bass", 38, ACID, 24, 64, 2.0, 0.05, 35.0),
    Instrument("reese_bass", "Wide bass", 39, REESE, 24, 60, 6.0, 0.1, 28.0),
    Instrument("wobble_bass", "Wobble bass", 39, WOBBLE, 24, 64, 3.0, 0.05, 28.0),
    Instrument("sub_bass", "Sub bass", 39, sub_bass, 24, 60, 16.0, 0.12, 24.0),
)
