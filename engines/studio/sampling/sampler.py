"""Plays the samples of a SoundFont as tones of instruments."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from engines.port import SAMPLE_RATE
from engines.studio.dsp import filters
from engines.studio.dsp.arrays import Reals, Wave
from engines.studio.instruments import CATALOGUE
from engines.studio.instruments.instrument import Instrument
from engines.studio.sampling import sf2
from engines.studio.sampling.modulators import add_to
from engines.studio.sampling.sf2 import Zone

SYNTHETIC_PROGRAMS: Final = frozenset({38, 39, *range(80, 104), *range(119, 128)})
"""General MIDI's synthesizers and sound effects; they and the drum kits stay synthesised."""
MELODIC_BANK: Final = 0
FILTER_FC, PAN, ATTACK, HOLD, DECAY, SUSTAIN, ATTENUATION, COARSE, FINE, MODES, SCALE = (
    8, 17, 34, 35, 36, 37, 48, 51, 52, 54, 56,
)  # fmt: skip
"""Generators (section 8.1.2)."""
LEVEL: Final = 0.7
"""Brings the samples of common files to about the level of the engine's own tones."""
OPEN_FILTER_HZ: Final = 16_000.0
MIN_LOOP: Final = 8
"""Shorter loops, in samples, are mistakes of a file."""


class Sampler:
    """The sampled tones of every acoustic instrument whose General MIDI program the SoundFont has.

    Raises SoundFontError if the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        font = sf2.read(path)
        self._samples = font.samples
        self._zones: Mapping[str, tuple[Zone, ...]] = {
            instrument.key: zones
            for instrument in CATALOGUE.values()
            if not instrument.is_kit
            and instrument.program not in SYNTHETIC_PROGRAMS
            and (zones := font.presets.get((MELODIC_BANK, instrument.program)))
        }
        if not self._zones:
            raise sf2.SoundFontError(f"The SoundFont {path} has no preset for any instrument of the engine.")

    def plays(self, instrument: Instrument) -> bool:
        return instrument.key in self._zones

    def tone(self, instrument: Instrument, pitch: int, velocity: float, seconds: float) -> Wave:
        """Return a tone like a ToneGenerator, shape (2, frames); the same arguments give the same samples."""
        zones = self._zones[instrument.key]
        level = min(127, max(1, round(127 * velocity)))
        distance = min(_distance(zone.keys, pitch) for zone in zones)
        near = [zone for zone in zones if _distance(zone.keys, pitch) == distance]
        distance = min(_distance(zone.velocities, level) for zone in near)
        result = np.zeros((2, max(1, round(seconds * SAMPLE_RATE))))
        for zone in near:
            if _distance(zone.velocities, level) == distance:
                values = add_to(zone.generators, zone.modulators, pitch, level)
                position = min(1.0, max(0.0, 0.5 + values[PAN] / 1000.0))
                gains = np.array([[np.cos(np.pi / 2 * position)], [np.sin(np.pi / 2 * position)]])
                result += gains * self._play(zone, values, pitch, result.shape[1])
        return np.asarray(LEVEL * result, dtype=np.float32)

    def _play(self, zone: Zone, values: Mapping[int, int], pitch: int, frames: int) -> Reals:
        """Return a zone with these generators at a pitch, shape (frames,), interpolated by cubic Hermite splines."""
        cents = (pitch - zone.root) * values[SCALE] + 100 * values[COARSE] + values[FINE] + zone.cents
        positions = np.arange(frames) * (zone.rate / SAMPLE_RATE * 2.0 ** (cents / 1200.0))
        loop = (zone.loop_start - zone.start, zone.loop_end - zone.start)
        length = zone.end - zone.start
        is_looped = values[MODES] & 1 and loop[0] >= 0 and loop[1] - loop[0] >= MIN_LOOP and loop[1] <= length
        floor = np.floor(positions)
        share = positions - floor
        index = floor.astype(np.int64)
        data = self._samples[zone.start : zone.end].astype(np.float64) / 32_768.0

        def point(offset: int) -> Reals:
            at = np.maximum(index + offset, 0)
            if is_looped:
                at = np.where(at >= loop[1], loop[0] + (at - loop[0]) % (loop[1] - loop[0]), at)
            return np.asarray(np.where(at < length, data[np.minimum(at, length - 1)], 0.0))

        before, first, second, after = (point(offset) for offset in (-1, 0, 1, 2))
        slope, next_slope = (second - before) / 2, (after - first) / 2
        cubic = 2 * (first - second) + slope + next_slope
        sound = ((cubic * share + 3 * (second - first) - 2 * slope - next_slope) * share + slope) * share + first
        return _filtered(sound * _envelope(values, frames), values[FILTER_FC])


def _distance(bounds: tuple[int, int], value: int) -> int:
    """Return how far a value is outside a range; 0 inside."""
    return max(bounds[0] - value, value - bounds[1], 0)


def _envelope(values: Mapping[int, int], frames: int) -> Reals:
    """Return the volume envelope: a linear attack, a hold, and a decay to the sustain level, linear in decibels."""
    attack, hold, decay = (2.0 ** (values[code] / 1200.0) for code in (ATTACK, HOLD, DECAY))
    times = np.arange(frames) / SAMPLE_RATE
    sustain = min(100.0, max(0.0, values[SUSTAIN] / 10.0))
    fall = np.minimum(100.0 * np.maximum(times - attack - hold, 0.0) / decay, sustain)
    level = np.minimum(times / attack, 1.0) * 10.0 ** (-(fall + values[ATTENUATION] / 10.0) / 20.0)
    return np.asarray(level)


def _filtered(sound: Reals, cents: int) -> Reals:
    """Apply the low-pass filter of a zone at its initial cutoff."""
    hertz = 8.176 * 2.0 ** (cents / 1200.0)
    if hertz >= OPEN_FILTER_HZ:
        return sound
    return np.asarray(filters.sosfilt(filters.butter(2, max(20.0, hertz), "lowpass"), sound)[0])
