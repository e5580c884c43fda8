"""Chunks of a WAV: INFO for players, bext (EBU Tech 3285) for broadcasters, and an ID3 tag for all the rest."""

import struct
from pathlib import Path
from typing import BinaryIO, Final

from core.track_metadata import TrackMetadata
from workers.file_tags import custom_fields, id3

_KEPT: Final = frozenset({b"fmt ", b"fact", b"data"})
_BEXT: Final = struct.Struct("<256s32s32s10s8sQH64sHHHHH180s")
_BEXT_VERSION: Final = 2
_UNKNOWN: Final = 0x7FFF
"""What bext says of a loudness that was not measured."""


def write(path: Path, papers: TrackMetadata, cover: bytes | None) -> None:
    """Behind the sound, in place of what else is said; ValueError for what is no WAV."""
    with path.open("r+b") as file:
        file.seek(_end_of_sound(file))
        file.truncate()
        file.write(_chunk(b"LIST", b"INFO" + _info(papers)))
        file.write(_chunk(b"bext", _bext(papers)))
        file.write(_chunk(b"id3 ", id3.tag(papers, cover)))
        size = file.tell()
        file.seek(4)
        file.write(struct.pack("<I", size - 8))


def _end_of_sound(file: BinaryIO) -> int:
    riff, _, wave = struct.unpack("<4sI4s", file.read(12))
    if (riff, wave) != (b"RIFF", b"WAVE"):
        raise ValueError("no WAV")
    end = 12
    while len(head := file.read(8)) == 8:  # noqa: PLR2004  a name and a size
        name, size = struct.unpack("<4sI", head)
        place = file.tell() + size + size % 2
        if name in _KEPT:
            end = place
        file.seek(place)
    return end


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def _info(papers: TrackMetadata) -> bytes:
    own = "; ".join(f"{name}={text}" for name, text in custom_fields.as_dict(papers).items())
    told = {
        b"INAM": papers.title or "",
        b"IART": papers.creator,
        b"IGNR": papers.style or "",
        b"ICRD": papers.made_at[:10],
        b"ISFT": custom_fields.engine(papers),
        b"ICMT": f"{custom_fields.licence(papers)}; {own}",
    }
    return b"".join(_chunk(name, text.encode() + b"\x00") for name, text in told.items() if text)


def _bext(papers: TrackMetadata) -> bytes:
    return _BEXT.pack(
        _ascii(f"{custom_fields.licence(papers)}; {papers.source_type.uri}", 256),
        _ascii(custom_fields.SOFTWARE, 32),
        _ascii(papers.track_id, 32),
        papers.made_at[:10].encode(),
        papers.made_at[11:19].encode(),
        0,
        _BEXT_VERSION,
        bytes(64),  # no UMID
        _hundredths(papers.loudness_lufs),
        _UNKNOWN,
        _hundredths(papers.true_peak_dbtp),
        _UNKNOWN,
        _UNKNOWN,
        bytes(180),
    )


def _ascii(text: str, size: int) -> bytes:
    return text.encode("ascii", "replace")[:size]


def _hundredths(value: float | None) -> int:
    """Two's complement in 16 bit."""
    return _UNKNOWN if value is None else round(value * 100) & 0xFFFF
