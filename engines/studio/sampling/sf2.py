"""Reader of SoundFont 2 files (E-mu, SoundFont Technical Specification 2.04): presets, zones and samples.

Effects sends and low-frequency oscillators are not read: level, vibrato and space are the engine's own.
"""

import hashlib
import mmap
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.studio.sampling.modulators import DEFAULTS as DEFAULT_MODULATORS
from engines.studio.sampling.modulators import Modulator, replace_same

KEY_RANGE, VELOCITY_RANGE, INSTRUMENT, SAMPLE_ID = 43, 44, 41, 53
RANGES: Final = frozenset({KEY_RANGE, VELOCITY_RANGE})
DEFAULTS: Final[Mapping[int, int]] = {
    0: 0, 1: 0, 2: 0, 3: 0, 4: 0, 12: 0, 45: 0, 50: 0, 8: 13_500, 17: 0, 34: -12_000, 35: -12_000, 36: -12_000,
    37: 0, 48: 0, 51: 0, 52: 0, 54: 0, 56: 100, 58: -1,
}  # fmt: skip
"""The generators that are read, with their default values (section 8.1.3)."""
ABSOLUTE: Final = frozenset({0, 1, 2, 3, 4, 12, 45, 50, 54, 58})
"""Generators that presets cannot change (section 8.5)."""
FULL_RANGE: Final = (0, 127)
RECORD_SIZES: Final = {
    "phdr": 38, "pbag": 4, "pmod": 10, "pgen": 4, "inst": 22, "ibag": 4, "imod": 10, "igen": 4, "shdr": 46,
}  # fmt: skip
MODULATOR: Final = "<HHhHH"


class SoundFontError(ValueError):
    """The file is missing or is not a SoundFont."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A sample for a range of keys and velocities. Positions are in samples, ``generators`` as in DEFAULTS.

    ``modulators`` change the generators with key and velocity.
    """

    keys: tuple[int, int]
    velocities: tuple[int, int]
    start: int
    end: int
    loop_start: int
    loop_end: int
    rate: int
    root: int
    cents: int
    generators: Mapping[int, int]
    modulators: tuple[Modulator, ...]


@dataclass(frozen=True, slots=True)
class _Layer:
    """A zone of a preset or of an instrument: its generators and modulators, over those of the global zone."""

    generators: Mapping[int, int]
    modulators: tuple[Modulator, ...]


@dataclass(frozen=True, slots=True)
class SoundFont:
    """The zones of each preset by bank and program, and the samples, 16 bit."""

    samples: NDArray[np.int16]
    presets: Mapping[tuple[int, int], tuple[Zone, ...]]


def sha256(path: Path) -> str:
    """Return the SHA-256 of a SoundFont in hex. Raises SoundFontError if the file is missing or has another format."""
    with _open(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _open(path: Path) -> Iterator[BufferedReader]:
    try:
        with path.open("rb") as file:
            head = file.read(12)
            if head[:4] != b"RIFF" or head[8:] != b"sfbk":
                raise SoundFontError(f"{path} is not a SoundFont 2 file (.sf2).")
            file.seek(0)
            yield file
    except OSError as error:
        raise SoundFontError(f"The SoundFont {path} cannot be read: {error.strerror}.") from None


def read(path: Path) -> SoundFont:
    """Read a SoundFont; its samples stay in the file until they are used.

    Raises SoundFontError if the file is missing, incomplete or has another format.
    """
    with _open(path) as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    try:
        chunks = dict(_chunks(content))
        start, size = chunks["smpl"]
        samples = np.frombuffer(content, dtype="<i2", count=size // 2, offset=start)
        return SoundFont(samples, _presets(content, chunks, len(samples)))
    except (KeyError, IndexError, ValueError, struct.error):
        raise SoundFontError(f"The SoundFont {path} is damaged or incomplete.") from None


def _chunks(content: mmap.mmap) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield name, start and size of every chunk inside the lists of the file."""
    position = 12
    while position + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, position)
        if position + 8 + size > len(content):
            raise ValueError(name)
        if name == b"LIST":
            position += 12
        else:
            yield name.decode("latin-1"), (position + 8, size)
            position += 8 + size + size % 2


def _records(
    content: mmap.mmap, chunks: Mapping[str, tuple[int, int]], name: str, layout: str
) -> list[tuple[int, ...]]:
    start, size = chunks[name]
    return list(struct.iter_unpack(layout, content[start : start + size // RECORD_SIZES[name] * RECORD_SIZES[name]]))


def _presets(
    content: mmap.mmap, chunks: Mapping[str, tuple[int, int]], frames: int
) -> dict[tuple[int, int], tuple[Zone, ...]]:
    samples = _records(content, chunks, "shdr", "<20xIIIIIBbHH")
    headers = _records(content, chunks, "inst", "<20xH")
    zones = _ZoneLists(content, chunks, "i")
    instruments = [
        [(zone, samples[zone.generators[SAMPLE_ID]]) for zone in zones.read(first, last, SAMPLE_ID)]
        for (first,), (last,) in pairwise(headers)
    ]
    headers = _records(content, chunks, "phdr", "<20xHHH12x")
    zones = _ZoneLists(content, chunks, "p")
    return {
        (bank, program): tuple(
            zone
            for preset in zones.read(first, headers[index + 1][2], INSTRUMENT)
            for local, sample in instruments[preset.generators[INSTRUMENT]]
            if (zone := _zone(preset, local, sample, frames))
        )
        for index, (program, bank, first) in enumerate(headers[:-1])
    }


class _ZoneLists:
    """The zones of all presets (``prefix`` "p") or instruments ("i") of a file."""

    def __init__(self, content: mmap.mmap, chunks: Mapping[str, tuple[int, int]], prefix: str) -> None:
        self._bags = _records(content, chunks, f"{prefix}bag", "<HH")
        self._generators = _records(content, chunks, f"{prefix}gen", "<HH")
        self._modulators = [Modulator(*record) for record in _records(content, chunks, f"{prefix}mod", MODULATOR)]

    def read(self, first: int, last: int, target: int) -> Iterator[_Layer]:
        """Yield each zone that has a target, over the global zone before them."""
        shared = _Layer({}, ())
        for index in range(first, last):
            (generator, modulator), (generators_end, modulators_end) = self._bags[index : index + 2]
            generators = {code: amount for code, amount in self._generators[generator:generators_end]}  # noqa: C416  any tuples
            modulators = replace_same(shared.modulators, self._modulators[modulator:modulators_end])
            zone = _Layer({**shared.generators, **generators}, modulators)
            if target in generators:
                yield zone
            elif index == first:
                shared = zone


def _zone(preset: _Layer, local: _Layer, sample: tuple[int, ...], frames: int) -> Zone | None:
    """Combine a zone of a preset with one of its instrument; None if nothing sounds in it."""
    one, other = preset.generators, local.generators
    keys, velocities = (_intersect(one.get(code), other.get(code)) for code in (KEY_RANGE, VELOCITY_RANGE))
    values = {
        code: (_signed(other[code]) if code in other else default)
        + (_signed(one.get(code, 0)) if code not in ABSOLUTE else 0)
        for code, default in DEFAULTS.items()
    }
    start, end, loop_start, loop_end, rate, root, cents, _, _ = sample
    start += values[0] + 32_768 * values[4]
    end += values[1] + 32_768 * values[12]
    loop_start += values[2] + 32_768 * values[45]
    loop_end += values[3] + 32_768 * values[50]
    if not (0 <= start < end <= frames and rate and keys[0] <= keys[1] and velocities[0] <= velocities[1]):
        return None
    root = values[58] if values[58] >= 0 else root
    modulators = (*replace_same(DEFAULT_MODULATORS, local.modulators), *preset.modulators)
    read = tuple(modulator for modulator in modulators if modulator.is_read)
    return Zone(keys, velocities, start, end, loop_start, loop_end, rate, root, cents, values, read)


def _intersect(one: int | None, other: int | None) -> tuple[int, int]:
    ranges = [FULL_RANGE if value is None else (value & 0xFF, value >> 8) for value in (one, other)]
    return max(low for low, _ in ranges), min(high for _, high in ranges)


def _signed(value: int) -> int:
    return value - 65_536 if value >= 32_768 else value
