"""Synthesisers: swept oscillators, alone or in a crowd, as basses, pads, leads and plucks."""

from dataclasses import dataclass

import numpy as np

from engines.studio.dsp.arrays import Mono, Wave
from engines.studio.instruments.instrument import Instrument, Tone
from engines.studio.instruments.oscillators import (
    curve,
    decay,
    envelope,
    frames_of,
    hertz,
    noise,
    opening,
    phase_of,
    swept,
    vibrato,
)


@dataclass(frozen=True, slots=True)
class Patch:
    """Knobs of a subtractive voice.

    ``detune`` is the spread in cents from side to side; times in seconds; ``open`` and ``close``
    the cutoff at the peak and the floor of its envelope, in hertz at C4, half of which follows the key; ``wobble`` is
    a vibrato (hertz, cents, seconds before it sets in); ``swell`` the level at which a long tone begins and the seconds
    it takes to bloom, in loudness and in brightness.
    """

    shape: str = "saw"
    voices: int = 1
    detune: float = 0.0
    attack: float = 0.005
    fall: float = 2.0
    sustain: float = 0.7
    open: float = 3000.0
    close: float = 800.0
    closing: float = 0.6
    opening: float = 0.0
    resonance: float = 0.8
    wobble: tuple[float, float, float] = (5.0, 0.0, 0.3)
    swell: tuple[float, float] = (1.0, 0.0)
    sub: float = 0.0
    breath: float = 0.0
    gain: float = 0.2


def subtractive(patch: Patch) -> Tone:
    """A tone maker for a patch; one voice gives one channel, several are spread over two."""

    def tone(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
        frames = frames_of(seconds)
        bloom = _bloom(patch.swell, frames, rng)
        place = opening(_cutoff(patch, pitch, velocity, frames) * bloom)
        voices = [_voice(patch, pitch, number, place, rng) for number in range(patch.voices)]
        shape = envelope(frames, patch.attack, patch.fall, patch.sustain) * bloom
        if patch.sub:
            low = np.sin(2 * np.pi * (phase_of(pitch, frames) % 1.0)).astype(np.float32)
            voices[0] = voices[0] + np.float32(patch.sub) * low
        if patch.breath:
            voices[0] = voices[0] + np.float32(patch.breath) * noise(frames, rng)
        level = np.float32(patch.gain / np.sqrt(patch.voices))
        return np.asarray(_spread(voices) * (shape * level), dtype=np.float32)

    return tone


def _bloom(swell: tuple[float, float], frames: int, rng: np.random.Generator) -> Mono:
    start, peak = swell
    if not peak:
        return np.ones(frames, dtype=np.float32)
    peak *= float(rng.uniform(0.85, 1.15))
    return curve(
        frames, peak * np.array([0.0, 0.5, 1.0, 2.0, 4.0, 6.5]), (start, 0.5 + 0.5 * start, 1, 0.86, 0.74, 0.9)
    )


def _cutoff(patch: Patch, pitch: int, velocity: float, frames: int) -> Mono:
    follow = (hertz(pitch) / 261.6) ** 0.5 * (0.55 + 0.9 * velocity)
    contour = decay(frames, patch.closing)
    if patch.opening:
        contour = contour * (1 - decay(frames, patch.opening)) * np.float32(1.6)
    depth = np.log(patch.open / patch.close)
    return np.asarray(np.float32(patch.close * follow) * np.exp(np.float32(depth) * contour), dtype=np.float32)


def _voice(patch: Patch, pitch: int, number: int, place: Mono, rng: np.random.Generator) -> Mono:
    side = 0.0 if patch.voices == 1 else 2.0 * number / (patch.voices - 1) - 1.0
    cents = side * patch.detune / 2 + float(rng.normal(0.0, 1.2))
    rate, depth, wait = patch.wobble
    bend = None
    if depth:
        bend = vibrato(len(place), rate * float(rng.uniform(0.92, 1.08)), depth, wait, float(rng.random()))
    start = float(rng.random()) if patch.voices > 1 else 0.0
    phase = phase_of(pitch, len(place), cents=cents, start=start, bend=bend)
    return swept(patch.shape, pitch, phase, place, patch.resonance)


def _spread(voices: list[Mono]) -> Wave:
    if len(voices) == 1:
        return voices[0][None]
    pans = np.linspace(0.12, np.pi / 2 - 0.12, len(voices))
    order = np.argsort(np.arange(len(voices)) % 2, kind="stable")
    left = sum(np.float32(np.cos(pans[place])) * voices[turn] for turn, place in enumerate(order))
    right = sum(np.float32(np.sin(pans[place])) * voices[turn] for turn, place in enumerate(order))
    return np.stack([left, right]).astype(np.float32)


def sub_bass(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
    """A sine with a little of its second and third harmonic, so that small speakers find it too."""
    del rng
    frames = frames_of(seconds)
    turn = 2 * np.pi * (phase_of(pitch, frames) % 1.0)
    sound = np.sin(turn) + (0.12 + 0.14 * velocity) * np.sin(2 * turn) + 0.08 * velocity * np.sin(3 * turn)
    return (sound * envelope(frames, 0.006, 6.0, 0.75) * 0.22).astype(np.float32)[None]


WARM = Patch(voices=4, detune=16, attack=0.5, sustain=1.0, open=1800, close=700, closing=6.0, opening=1.5)
GLASS = Patch(shape="pulse", voices=4, detune=12, attack=0.9, sustain=1.0, open=3600, close=1500, closing=9, opening=3)
SUPER = Patch(voices=7, detune=38, attack=0.02, sustain=0.85, open=9000, close=3600, closing=1.2)
LEAD = Patch(shape="saw", voices=2, detune=9, attack=0.012, sustain=0.8, open=5200, close=2200, wobble=(5.4, 14, 0.25))
SOFT = Patch(shape="triangle", attack=0.03, sustain=0.85, open=3200, close=1600, wobble=(5.0, 12, 0.3), breath=0.012)
CHIP = Patch(shape="square", attack=0.003, sustain=0.7, open=6500, close=3800, wobble=(6.0, 10, 0.2))
CHIP_BASS = Patch(shape="triangle", attack=0.003, fall=2.0, sustain=0.8, open=5000, close=4000, gain=0.24)
CHIP_PULSE = Patch(shape="pulse", attack=0.003, fall=1.2, sustain=0.4, open=5500, close=3200)
PLUCK = Patch(voices=3, detune=14, attack=0.002, fall=1.1, sustain=0.0, open=6500, close=350, closing=0.45)
SYNTH_BASS = Patch(attack=0.004, fall=1.6, sustain=0.55, open=1900, close=330, closing=0.5, resonance=1.3, sub=0.6)
HOUSE_BASS = Patch(shape="square", attack=0.003, fall=1.2, sustain=0.5, open=900, close=260, closing=0.35, sub=0.7)
ACID = Patch(attack=0.003, fall=0.9, sustain=0.3, open=3400, close=280, closing=0.35, resonance=4.5, gain=0.16)
REESE = Patch(voices=2, detune=24, attack=0.01, sustain=0.95, open=900, close=480, closing=2.0, sub=0.8)
STAB = Patch(voices=4, detune=12, attack=0.003, fall=0.8, sustain=0.1, open=4200, close=500, closing=0.5, resonance=1.2)

SYNTHS = (
    Instrument("warm_pad", "Warm pad", 89, subtractive(WARM), 36, 96, longest=9.0, release=1.4, cut=170.0, renews=True),
    Instrument(
        "glass_pad", "Glass pad", 92, subtractive(GLASS), 40, 100, longest=9.0, release=1.8, cut=220.0, renews=True
    ),
    Instrument("supersaw", "Saw ensemble", 81, subtractive(SUPER), 40, 100, longest=5.0, release=0.25, cut=180.0),
    Instrument("lead", "Saw lead", 81, subtractive(LEAD), 45, 100, longest=4.0, release=0.18, cut=180.0),
    Instrument("soft_lead", "Soft lead", 82, subtractive(SOFT), 48, 100, longest=4.0, release=0.25, cut=180.0),
    Instrument("chip_lead", "Square lead", 80, subtractive(CHIP), 45, 100, longest=3.0, release=0.06, cut=180.0),
    Instrument("chip_pulse", "Pulse wave", 80, subtractive(CHIP_PULSE), 45, 100, longest=4.0, release=0.06, cut=200.0),
    Instrument("chip_bass", "Triangle bass", 38, subtractive(CHIP_BASS), 24, 64, longest=3.0, release=0.05, cut=28.0),
    Instrument("pluck", "Synth pluck", 84, subtractive(PLUCK), 40, 100, longest=1.4, release=0.25, cut=180.0),
    Instrument("stab", "Chord stab", 90, subtractive(STAB), 40, 96, longest=1.5, release=0.2, cut=200.0),
    Instrument("synth_bass", "Synth bass", 38, subtractive(SYNTH_BASS), 24, 60, longest=3.0, release=0.07, cut=28.0),
    Instrument("house_bass", "House bass", 39, subtractive(HOUSE_BASS), 24, 60, longest=3.0, release=0.06, cut=28.0),
    Instrument("acid_bass", "Acid bass", 38, subtractive(ACID), 24, 64, longest=2.0, release=0.05, cut=35.0),
    Instrument("reese_bass", "Wide bass", 39, subtractive(REESE), 24, 60, longest=6.0, release=0.1, cut=28.0),
    Instrument("sub_bass", "Sub bass", 39, sub_bass, 24, 60, longest=16.0, release=0.12, cut=24.0),
)
