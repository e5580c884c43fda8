"""Small SoundFont 2 files, built in bytes."""

import struct
from collections.abc import Mapping, Sequence

import numpy as np

Record = tuple[int, int, int, int, int]
PERIOD = 100
ROOT = 69
RATE = 44_100
SAMPLE_CENTS = round(1200 * np.log2(440.0 / (RATE / PERIOD)))
"""Correction of a period of 100 samples (441 Hz) to A4."""


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def _list(name: bytes, *chunks: bytes) -> bytes:
    return _chunk(b"LIST", name + b"".join(chunks))


def _bags(
    zones: Sequence[Mapping[int, int]], zone_modulators: Mapping[int, Sequence[Record]]
) -> tuple[bytes, bytes, bytes]:
    """Return the bags, the generators and the modulators of zones, with their terminal records."""
    bags, generators, modulators = b"", b"", b""
    for number, zone in enumerate((*zones, {})):
        bags += struct.pack("<HH", len(generators) // 4, len(modulators) // 10)
        for code, amount in zone.items():
            generators += struct.pack("<HH", code, amount & 0xFFFF)
        modulators += b"".join(struct.pack("<HHhHH", *record) for record in zone_modulators.get(number, ()))
    return bags, generators + bytes(4), modulators + bytes(10)


def soundfont(
    zones: Sequence[Mapping[int, int]] = ({54: 1, 53: 0},),
    preset: Sequence[Mapping[int, int]] = ({41: 0},),
    program: int = 0,
    seconds: float = 0.2,
    modulators: Mapping[int, Sequence[Record]] | None = None,
    preset_modulators: Mapping[int, Sequence[Record]] | None = None,
    harmonics: int = 1,
) -> bytes:
    """Return a SoundFont with one preset, one instrument and one sample: a sine at half scale with a loop.

    ``zones`` are the generators of the instrument and ``preset`` those of the preset, each in the order of the format.
    ``modulators`` and ``preset_modulators`` are records (source, generator, amount, source of the amount, transform)
    by the number of their zone. The sample has ``harmonics`` equal partials.
    """
    frames = round(seconds * RATE / PERIOD) * PERIOD
    phases = 2 * np.pi * np.arange(frames) / PERIOD
    wave = np.sum([np.sin(number * phases) for number in range(1, harmonics + 1)], axis=0) / harmonics
    sine = np.round(16_384 * wave).astype("<i2")
    samples = sine.tobytes() + bytes(92)
    loop = (frames // 2 // PERIOD * PERIOD, frames - PERIOD)
    headers = struct.pack("<20sIIIIIBbHH", b"sine", 0, frames, *loop, RATE, ROOT, SAMPLE_CENTS, 0, 1)
    preset_bags, preset_generators, pmod = _bags(preset, preset_modulators or {})
    bags, generators, imod = _bags(zones, modulators or {})
    pdta = _list(
        b"pdta",
        _chunk(b"phdr", b"".join(
            struct.pack("<20sHHHIII", name, number, 0, bag, 0, 0, 0)
            for name, number, bag in ((b"Piano", program, 0), (b"EOP", 0, len(preset)))
        )),
        _chunk(b"pbag", preset_bags),
        _chunk(b"pmod", pmod),
        _chunk(b"pgen", preset_generators),
        _chunk(b"inst", struct.pack("<20sH20sH", b"Piano", 0, b"EOI", len(zones))),
        _chunk(b"ibag", bags),
        _chunk(b"imod", imod),
        _chunk(b"igen", generators),
        _chunk(b"shdr", headers + struct.pack("<20s26x", b"EOS")),
    )  # fmt: skip
    body = (
        b"sfbk" + _list(b"INFO", _chunk(b"ifil", struct.pack("<HH", 2, 4))) + _list(b"sdta", _chunk(b"smpl", samples))
    )
    return _chunk(b"RIFF", body + pdta)
