"""Oscillators and envelopes: band-limited wavetables with a swept filter, damped modes, noise and vibrato."""

import math
from functools import cache, lru_cache
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engines.port import SAMPLE_RATE
from engines.studio.dsp.arrays import Mono, Reals, interpolate, lines, ramps

TABLE_SIZE: Final = 8192
TABLE_CUTOFFS_HZ: Final = 80.0 * 200.0 ** (np.arange(9) / 8.0)
"""The filter cutoffs of the wavetables, 80 Hz to 16 kHz."""
MAX_HZ: Final = 17_500.0
CENT_RATIO: Final = 0.000577790
"""ln 2 / 1200: the relative change of a frequency per cent, for small changes."""
DECAY_FRAMES: Final = 256
MODE_FRAMES: Final = 512
"""Frames of a block of modes, about the square root of the length of a tone, which takes the fewest exponentials."""
MODE_RANGE_DB: Final = 100.0
MODE_OCTAVES: Final = 5
"""Groups of modes by the time at which they end; the last one contains all shorter modes."""
CONTROL_FRAMES: Final = 64
"""Frames between the control points of envelopes and vibratos."""
CONTROL_RAMP: Final = np.arange(CONTROL_FRAMES) / CONTROL_FRAMES
SILENCE: Final = 1e-15
"""-300 dB. Smaller levels would become subnormal numbers, with which processors calculate slowly."""
CACHED_POINTS: Final = 256
"""Control points of a wave that are calculated at once, so that intermediate arrays stay in the processor's cache."""


def pitch_to_hz(pitch: float) -> float:
    """Return the frequency of a MIDI pitch (A4 = 440 Hz)."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


def to_frames(seconds: float) -> int:
    """Convert seconds to frames, at least one."""
    return max(1, round(seconds * SAMPLE_RATE))


def interpolate_breakpoints(frames: int, times: ArrayLike, values: ArrayLike) -> Mono:
    """Interpolate linearly between points in seconds, shape (frames,)."""
    coarse = np.interp(control_times(frames), np.asarray(times, dtype=np.float64), np.asarray(values, dtype=np.float64))
    return interpolate_control(coarse, frames)


def control_times(frames: int) -> Reals:
    """Return the control points in seconds, including one after the last frame."""
    return np.arange(0, frames + CONTROL_FRAMES, CONTROL_FRAMES) / SAMPLE_RATE


def interpolate_control(coarse: Reals | Mono, frames: int) -> Mono:
    """Interpolate linearly between control points, shape (frames,): faster than np.interp."""
    return ramps(np.asarray(coarse, dtype=np.float32), CONTROL_FRAMES)[:frames]


def decay(frames: int, seconds: float) -> Mono:
    """Return an exponential decay of 60 dB in ``seconds``, shape (frames,); 0 below SILENCE."""
    inner = np.exp(np.arange(DECAY_FRAMES) * (-6.9078 / (seconds * SAMPLE_RATE)))
    outer = np.exp(np.arange(-(-frames // DECAY_FRAMES)) * (-6.9078 * DECAY_FRAMES / (seconds * SAMPLE_RATE)))
    outer[outer < SILENCE] = 0.0
    return np.outer(outer.astype(np.float32), inner.astype(np.float32)).ravel()[:frames]


def envelope(frames: int, attack: float, fall: float, sustain: float) -> Mono:
    """Return a rounded attack (in seconds), then a decay to ``sustain`` with 60 dB in ``fall`` seconds."""
    shape = np.float32(sustain) + np.float32(1.0 - sustain) * decay(frames, fall)
    fade = min(frames, to_frames(attack))
    shape[:fade] *= (0.5 - 0.5 * np.cos(np.pi * np.arange(fade) / fade)).astype(np.float32)
    return shape


def white_noise(frames: int, rng: np.random.Generator) -> Mono:
    """Return white noise of unit variance, shape (frames,)."""
    return rng.standard_normal(frames, dtype=np.float32)


def damped_modes(
    frequencies: ArrayLike, gains: ArrayLike, decays: ArrayLike, frames: int, phases: ArrayLike = 0.0
) -> Mono:
    """Return a sum of damped sinusoids, shape (frames,). The decays are in seconds to -60 dB.

    A mode is a geometric series, so it factors into a block and its repetitions: two products per mode and block
    instead of a sine per sample (modal synthesis after Adrien 1991). A mode ends when it is MODE_RANGE_DB below the sum
    of all levels; those that end within the same octave of time are calculated together.
    """
    modes = np.array(np.broadcast_arrays(frequencies, gains, decays, phases), dtype=np.float64)
    modes = modes[:, modes[0] < MAX_HZ]
    lives = _lives(modes, frames)
    octaves = np.minimum(MODE_OCTAVES - 1, np.log2(frames / np.maximum(lives, 1.0)).astype(np.int64))
    sound = np.zeros(frames, dtype=np.float32)
    for octave in range(MODE_OCTAVES):
        group = (octaves == octave) & (lives > 0.0)
        if group.any():
            part = _sum_modes(modes[:, group], math.ceil(lives[group].max()))
            sound[: len(part)] += part
    return sound


def _lives(modes: Reals, frames: int) -> Reals:
    """Return the frames after which each mode ends, at most ``frames``; 0 for modes that are never audible."""
    levels = np.abs(modes[1])
    range_db = MODE_RANGE_DB + 20.0 * np.log10(np.maximum(levels, 1e-30) / max(float(levels.sum()), 1e-30))
    return np.asarray(np.clip(modes[2] * SAMPLE_RATE * range_db / 60.0, 0.0, frames))


def _sum_modes(modes: Reals, frames: int) -> Mono:
    hz, weights, decay_seconds, start_phases = modes
    poles = (-6.9078 / decay_seconds + 2j * np.pi * hz) / SAMPLE_RATE
    inner = _powers(poles, MODE_FRAMES)
    starts = _powers(poles * MODE_FRAMES, -(-frames // MODE_FRAMES))
    outer = (weights * np.exp(1j * start_phases))[:, None] * starts
    sums: Mono = np.einsum("pk,pr->kr", _stacked(outer.imag, outer.real), _stacked(inner.real, inner.imag))
    return sums.ravel()[:frames]


def _stacked(first: Reals, second: Reals) -> Mono:
    return np.concatenate([first, second], dtype=np.float32, casting="same_kind")


def _powers(poles: NDArray[np.complex128], count: int) -> NDArray[np.complex128]:
    """Return exp(pole · n) for n from 0 to ``count`` - 1, shape (poles, count), with far fewer exponentials."""
    width = math.isqrt(count - 1) + 1
    small = np.exp(poles[:, None] * np.arange(width))
    large = np.exp(poles[:, None] * np.arange(0, count, width))
    products = large[:, :, None] * small[:, None, :]
    return products.reshape(len(poles), large.shape[1] * width)[:, :count]


@cache
def harmonic_amplitudes(shape: str) -> Reals:
    """Return the amplitudes of harmonics 1 to 400 of a wave shape."""
    n = np.arange(1, 401, dtype=np.float64)
    odd = n % 2 == 1
    shapes: dict[str, Reals] = {
        "saw": 1.0 / n,
        "square": np.where(odd, 1.0 / n, 0.0),
        "triangle": np.where(odd, 1.0 / n**2, 0.0),
        "pulse": np.abs(np.sin(np.pi * n * 0.22)) / n,
        "reed": np.where(odd, 1.0, 0.35) / n**1.3,
        "flute": np.select([n == 1, n == 2, n == 3], [1.0, 0.4, 0.22], 0.9 / n**1.9),
        "bow": (1.0 / n) * (0.55 + 0.45 * np.abs(np.sin(np.pi * n * 0.127))),
        "brass": np.exp(-((np.log(n / 2.2)) ** 2) / 1.8),
    }
    return shapes[shape]


def _wavetable(amplitudes: Reals) -> Mono:
    spectrum = np.zeros(TABLE_SIZE // 2 + 1, dtype=np.complex128)
    spectrum[1 : len(amplitudes) + 1] = -0.5j * TABLE_SIZE * amplitudes
    return np.fft.irfft(spectrum, TABLE_SIZE).astype(np.float32)


def lowpass_gain(hz: Reals, cutoff: float, resonance: float) -> Reals:
    """Return the magnitude response of a resonant low-pass with 24 dB per octave (two two-pole sections)."""
    ratio = hz / cutoff
    section: Reals = 1.0 / np.sqrt((1.0 - ratio**2) ** 2 + (ratio / resonance) ** 2)
    return section * 1.0 / np.sqrt((1.0 - ratio**2) ** 2 + (ratio / 0.7) ** 2)


@lru_cache(maxsize=192)
def wavetables(shape: str, pitch: int, resonance: float) -> Mono:
    """Return a cycle of a wave for each cutoff, shape (9 · TABLE_SIZE,), without harmonics that would alias."""
    amplitudes = harmonic_amplitudes(shape)
    hz: Reals = pitch_to_hz(pitch) * np.arange(1.0, len(amplitudes) + 1.0)
    audible: Reals = np.where(hz < MAX_HZ, amplitudes, 0.0)
    loudness = np.sqrt(np.sum(audible**2) / 2.0)
    return np.concatenate(
        [_wavetable(audible * lowpass_gain(hz, cut, resonance) / loudness) for cut in TABLE_CUTOFFS_HZ]
    )


def cutoff_position(cutoff: Mono) -> Mono:
    """Convert cutoffs in hertz to positions in TABLE_CUTOFFS_HZ, 0 to 8, shape (frames,)."""
    position = np.log(cutoff / np.float32(80.0)) * np.float32(8.0 / np.log(200.0))
    return np.asarray(np.clip(position, 0.0, 7.999), dtype=np.float32)


def filtered_wave(
    shape: str,
    pitch: int,
    phase: Reals,
    position: Mono | Reals,
    frames: int,
    resonance: float = 0.8,
    level: Reals | None = None,
) -> Mono:
    """Return a wave with the given phase (in cycles) through a swept low-pass, shape (frames,).

    ``phase``, ``position`` (from cutoff_position) and ``level`` are values at the control points. The harmonics have
    the same phase in all tables, so interpolation between two tables changes only their levels, which sounds like a
    filter sweep.
    """
    bank = wavetables(shape, pitch, resonance)
    count = -(-frames // CONTROL_FRAMES)
    cycles, places = lines(phase % 1.0 * TABLE_SIZE, np.diff(phase) * TABLE_SIZE), lines(position)
    levels = None if level is None else lines(level)
    wave = np.empty((count, CONTROL_FRAMES), dtype=np.float32)
    for start in range(0, count, CACHED_POINTS):
        part = slice(start, min(count, start + CACHED_POINTS))
        index = interpolate(cycles[part], CONTROL_FRAMES).astype(np.int32)
        index &= TABLE_SIZE - 1
        share = interpolate(places[part], CONTROL_FRAMES)
        lower = np.floor(share)
        share -= lower
        lower *= TABLE_SIZE
        index += lower.astype(np.int32)
        index = index.astype(np.intp)
        low = bank.take(index, mode="clip")
        index += TABLE_SIZE
        high = bank.take(index, mode="clip")
        high -= low
        high *= share
        if levels is None:
            np.add(low, high, out=wave[part])
        else:
            low += high
            np.multiply(low, interpolate(levels[part], CONTROL_FRAMES), out=wave[part])
    return wave.ravel()[:frames]


def running_phase(
    pitch: int, frames: int, *, cents: float = 0.0, start: float = 0.0, bend: Reals | None = None
) -> Reals:
    """Return the phase of a pitch in cycles at the control points; ``bend`` is in cents at the same points."""
    step = pitch_to_hz(pitch + cents / 100.0) / SAMPLE_RATE
    points: Reals = start + step * np.arange(0.0, frames + CONTROL_FRAMES, CONTROL_FRAMES)
    if bend is not None:
        points += np.cumsum(bend) * (step * CENT_RATIO * CONTROL_FRAMES)
    return points


def running_angle(phase: Reals, frames: int) -> Mono:
    """Return the angle of a phase at the control points in radians, shape (frames,)."""
    whole = np.floor(phase[:-1, None])
    steps = np.diff(phase)[:, None]
    angle = (phase[:-1, None] - whole + steps * CONTROL_RAMP) * (2 * np.pi)
    return angle.astype(np.float32).ravel()[:frames]


def vibrato(frames: int, rate: float, cents: float, delay: float, start: float = 0.0) -> Reals:
    """Return a vibrato in cents at the control points, which starts after ``delay`` seconds."""
    seconds = control_times(frames)
    fade = np.clip((seconds - delay) / 0.4, 0.0, 1.0)
    return np.asarray(cents * fade * np.sin(2 * np.pi * (rate * seconds + start)))


def fade_in(sound: Mono, seconds: float) -> Mono:
    """Apply a linear fade-in in place and return the sound."""
    fade = min(len(sound), to_frames(seconds))
    sound[:fade] *= np.linspace(0.0, 1.0, fade, dtype=np.float32)
    return sound
