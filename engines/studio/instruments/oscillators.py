"""Raw sound: band-limited wavetables that open and close, damped modes, noise and envelopes, as whole arrays."""

from functools import cache, lru_cache
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from engines.port import SAMPLE_RATE
from engines.studio.dsp.arrays import Mono, Reals

TABLE_SIZE: Final = 8192
TABLE_CUTOFFS_HZ: Final = 80.0 * 200.0 ** (np.arange(9) / 8.0)
"""Hertz: the cutoffs, 80 Hz to 16 kHz, for which a swept oscillator keeps a table each."""
MAX_HZ: Final = 17_500.0
CENT_RATIO: Final = 0.000577790
"""ln 2 / 1200: what a cent adds to a frequency, as long as there are few of them."""
BLOCK_FRAMES: Final = 256
CONTROL_FRAMES: Final = 64
"""Frames from point to point of what moves slowly: envelopes and vibrato."""
CONTROL_RAMP: Final = np.arange(CONTROL_FRAMES) / CONTROL_FRAMES


def pitch_to_hz(pitch: float) -> float:
    """The frequency of a MIDI pitch, A4 = 440 Hz."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


def to_frames(seconds: float) -> int:
    """Seconds in frames, at least one."""
    return max(1, round(seconds * SAMPLE_RATE))


def breakpoints(frames: int, times: ArrayLike, values: ArrayLike) -> Mono:
    """Straight lines through (seconds, value) points, shape (frames,)."""
    coarse = np.interp(control_times(frames), np.asarray(times, dtype=np.float64), np.asarray(values, dtype=np.float64))
    return interpolate_control(coarse, frames).astype(np.float32)


def control_times(frames: int) -> Reals:
    """The seconds of every GRID-th frame, one beyond the last."""
    return np.arange(0, frames + CONTROL_FRAMES, CONTROL_FRAMES) / SAMPLE_RATE


def interpolate_control(coarse: Reals, frames: int) -> Reals:
    """Straight lines through values that stand on a grid, shape (frames,): an outer sum, cheaper than a search."""
    rises = np.diff(coarse, append=coarse[-1:])
    return np.asarray((coarse[:, None] + rises[:, None] * CONTROL_RAMP).ravel()[:frames])


def decay(frames: int, seconds: float) -> Mono:
    """An exponential that has fallen by 60 dB after ``seconds``, shape (frames,)."""
    inner = np.exp(np.arange(BLOCK_FRAMES) * (-6.9078 / (seconds * SAMPLE_RATE)))
    outer = np.exp(np.arange(-(-frames // BLOCK_FRAMES)) * (-6.9078 * BLOCK_FRAMES / (seconds * SAMPLE_RATE)))
    return np.outer(outer, inner).ravel()[:frames].astype(np.float32)


def envelope(frames: int, attack: float, fall: float, sustain: float) -> Mono:
    """A rounded attack (seconds), then an exponential approach to ``sustain`` with 60 dB in ``fall`` seconds."""
    shape = np.float32(sustain) + np.float32(1.0 - sustain) * decay(frames, fall)
    rise = min(frames, to_frames(attack))
    shape[:rise] *= (0.5 - 0.5 * np.cos(np.pi * np.arange(rise) / rise)).astype(np.float32)
    return shape


def white_noise(frames: int, rng: np.random.Generator) -> Mono:
    """White noise of unit variance, shape (frames,)."""
    return rng.standard_normal(frames, dtype=np.float32)


def damped_modes(
    frequencies: ArrayLike, gains: ArrayLike, decays: ArrayLike, frames: int, phases: ArrayLike = 0.0
) -> Mono:
    """The sum of damped sinusoids, shape (frames,); decays are seconds to -60 dB.

    A mode over time is a geometric series, so that it factors into a block and its repetitions: two products per
    mode and block instead of a sine per sample (modal synthesis after Adrien 1991).
    """
    hz = np.atleast_1d(np.asarray(frequencies, dtype=np.float64))
    keep = hz < MAX_HZ
    weights = np.broadcast_to(np.asarray(gains, dtype=np.float64), hz.shape)[keep]
    falls = np.broadcast_to(np.asarray(decays, dtype=np.float64), hz.shape)[keep]
    starts = np.broadcast_to(np.asarray(phases, dtype=np.float64), hz.shape)[keep]
    poles = (-6.9078 / falls + 2j * np.pi * hz[keep]) / SAMPLE_RATE
    inner = np.exp(poles[:, None] * np.arange(BLOCK_FRAMES))
    outer = (weights * np.exp(1j * starts))[:, None] * np.exp(poles[:, None] * np.arange(0, frames, BLOCK_FRAMES))
    real: Mono = np.einsum("pk,pr->kr", outer.imag.astype(np.float32), inner.real.astype(np.float32))
    real += np.einsum("pk,pr->kr", outer.real.astype(np.float32), inner.imag.astype(np.float32))
    return real.ravel()[:frames]


@cache
def harmonic_amplitudes(shape: str) -> Reals:
    """Amplitudes of the harmonics 1 to 400 of a named wave shape."""
    n = np.arange(1, 401, dtype=np.float64)
    odd = n % 2 == 1
    shapes: dict[str, Reals] = {
        "saw": 1.0 / n,
        "square": np.where(odd, 1.0 / n, 0.0),
        "triangle": np.where(odd, 1.0 / n**2, 0.0),
        "pulse": np.abs(np.sin(np.pi * n * 0.22)) / n,
        "sine": np.where(n == 1, 1.0, 0.0),
        "reed": np.where(odd, 1.0, 0.35) / n**1.3,
        "flute": np.select([n == 1, n == 2, n == 3, n == 4], [1.0, 0.28, 0.12, 0.04], 0.0),
        "bow": (1.0 / n) * (0.55 + 0.45 * np.abs(np.sin(np.pi * n * 0.127))),
        "brass": np.exp(-((np.log(n / 2.2)) ** 2) / 1.8),
    }
    return shapes[shape]


def _wavetable(amplitudes: Reals) -> Mono:
    spectrum = np.zeros(TABLE_SIZE // 2 + 1, dtype=np.complex128)
    spectrum[1 : len(amplitudes) + 1] = -0.5j * TABLE_SIZE * amplitudes
    return np.fft.irfft(spectrum, TABLE_SIZE).astype(np.float32)


def lowpass_gain(hz: Reals, cutoff: float, resonance: float) -> Reals:
    """The magnitude of a resonant low-pass with 24 dB per octave (two equal two-pole sections)."""
    ratio = hz / cutoff
    section: Reals = 1.0 / np.sqrt((1.0 - ratio**2) ** 2 + (ratio / resonance) ** 2)
    return section * 1.0 / np.sqrt((1.0 - ratio**2) ** 2 + (ratio / 0.7) ** 2)


@lru_cache(maxsize=192)
def wavetables(shape: str, pitch: int, resonance: float) -> Mono:
    """One cycle of a wave for each of CUTOFFS, shape (9 · TABLE,), without harmonics that would alias."""
    amplitudes = harmonic_amplitudes(shape)
    hz: Reals = pitch_to_hz(pitch) * np.arange(1.0, len(amplitudes) + 1.0)
    audible: Reals = np.where(hz < MAX_HZ, amplitudes, 0.0)
    loudness = np.sqrt(np.sum(audible**2) / 2.0)
    return np.concatenate(
        [_wavetable(audible * lowpass_gain(hz, cut, resonance) / loudness) for cut in TABLE_CUTOFFS_HZ]
    )


def cutoff_position(cutoff: Mono) -> Mono:
    """Where cutoffs in hertz lie among CUTOFFS, 0 to 8, shape (frames,): what swept reads."""
    place = np.log(cutoff / np.float32(80.0)) * np.float32(8.0 / np.log(200.0))
    return np.asarray(np.clip(place, 0.0, 7.999), dtype=np.float32)


def filtered_wave(shape: str, pitch: int, phase: Reals, place: Mono, resonance: float = 0.8) -> Mono:
    """A wave at a phase (in cycles) through a low-pass that moves, shape (frames,).

    ``place`` is how far it is open (see opening). Harmonics keep their phase from table to table, so that reading
    between two tables moves their levels only: a filter sweep without a filter.
    """
    bank = wavetables(shape, pitch, resonance)
    lower = place.astype(np.int32)
    index = ((phase * TABLE_SIZE).astype(np.int32) & (TABLE_SIZE - 1)) + lower * TABLE_SIZE
    low: Mono = bank[index]
    return np.asarray(low + (place - lower).astype(np.float32) * (bank[index + TABLE_SIZE] - low), dtype=np.float32)


def running_phase(
    pitch: int, frames: int, *, cents: float = 0.0, start: float = 0.0, bend: Reals | None = None
) -> Reals:
    """The running phase in cycles of a pitch, shape (frames,); ``bend`` moves it by cents, given on the grid."""
    step = pitch_to_hz(pitch + cents / 100.0) / SAMPLE_RATE
    steady: Reals = start + step * np.arange(frames, dtype=np.float64)
    if bend is not None:
        steady += interpolate_control(np.cumsum(bend) * (step * CENT_RATIO * CONTROL_FRAMES), frames)
    return steady


def vibrato(frames: int, rate: float, cents: float, delay: float, start: float = 0.0) -> Reals:
    """A vibrato in cents that sets in after ``delay`` seconds, on the grid of a tone (see phase_of)."""
    seconds = control_times(frames)
    rise = np.clip((seconds - delay) / 0.4, 0.0, 1.0)
    return np.asarray(cents * rise * np.sin(2 * np.pi * (rate * seconds + start)))


def bend_pitch(sound: Mono, bend: Reals) -> Mono:
    """A sound that was made in tune, read slower and faster so that its pitch moves by cents, given on the grid."""
    frames = len(sound)
    late = interpolate_control(np.cumsum(bend - bend.mean()) * (CENT_RATIO * CONTROL_FRAMES), frames)
    place = np.clip(np.arange(frames) + late, 0.0, frames - 1.001)
    whole = place.astype(np.int64)
    part = (place - whole).astype(np.float32)
    return np.asarray(sound[whole] * (1 - part) + sound[np.minimum(whole + 1, frames - 1)] * part, dtype=np.float32)


def fade_in(sound: Mono, seconds: float) -> Mono:
    """The sound with a straight rise over its first ``seconds``, in place."""
    rise = min(len(sound), to_frames(seconds))
    sound[:rise] *= np.linspace(0.0, 1.0, rise, dtype=np.float32)
    return sound
