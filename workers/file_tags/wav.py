"""Write WAV chunks: INFO for players, bext (EBU Tech 3285) for broadcasters, and an ID3 tag with all fields."""

import struct
from pathlib import Path
from typing import BinaryIO, Final

from core.track_metadata import TrackMetadata
from workers.file_tags import custom_fields, id3

_AUDIO_CHUNKS: Final = frozenset({b"fmt ", b"fact", b"data"})
_BEXT: Final = struct.Struct("<256s32s32s10s8sQH64sHHHHH180s")
_BEXT_VERSION: Final = 2
_UNKNOWN: Final = 0x7FFF
"""The value of a loudness field that was not measured."""


def write(path: Path, metadata: TrackMetadata, cover: bytes | None) -> None:
    """Replace the chunks after the audio. Raises ValueError if it is not a WAV file."""
    with path.open("r+b") as file:
        file.seek(_end_of_audio(file))
        file.truncate()
        file.write(_chunk(b"LIST", b"INFO" + _info(metadata)))
        file.write(_chunk(b"bext", _bext(metadata)))
        file.write(_chunk(b"id3 ", id3.track_tag(metadata, cover)))
        size = file.tell()
        file.seek(4)
        file.write(struct.pack("<I", size - 8))


def _end_of_audio(file: BinaryIO) -> int:
    riff, _, wave = struct.unpack("<4sI4s", file.read(12))
    if (riff, wave) != (b"RIFF", b"WAVE"):
        raise ValueError("not a WAV file")
    end = 12
    while len(head := file.read(8)) == 8:  # noqa: PLR2004  a name and a size
        name, size = struct.unpack("<4sI", head)
        next_chunk = file.tell() + size + size % 2
        if name in _AUDIO_CHUNKS:
            end = next_chunk
        file.seek(next_chunk)
    return end


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def _info(metadata: TrackMetadata) -> bytes:
    custom = "; ".join(f"{name}={text}" for name, text in custom_fields.as_dict(metadata).items())
    fields = {
        b"INAM": metadata.title or "",
        b"IART": metadata.creator,
        b"IGNR": metadata.style or "",
        b"ICRD": metadata.made_at[:10],
        b"ISFT": custom_fields.engine(metadata),
        b"ICMT": f"{custom_fields.licence(metadata)}; {custom}",
    }
    return b"".join(_chunk(name, text.encode() + b"\x00") for name, text in fields.items() if text)


def _bext(metadata: TrackMetadata) -> bytes:
    return _BEXT.pack(
        _ascii(f"{custom_fields.licence(metadata)}; {metadata.source_type.uri}", 256),
        _ascii(custom_fields.SOFTWARE, 32),
        _ascii(metadata.track_id, 32),
        metadata.made_at[:10].encode(),
        metadata.made_at[11:19].encode(),
        0,
        _BEXT_VERSION,
        bytes(64),  # no UMID
        _hundredths(metadata.loudness_lufs),
        _UNKNOWN,
        _hundredths(metadata.true_peak_dbtp),
        _UNKNOWN,
        _UNKNOWN,
        bytes(180),
    )


def _ascii(text: str, size: int) -> bytes:
    return text.encode("ascii", "replace")[:size]


def _hundredths(value: float | None) -> int:
    """Return a 16-bit two's complement."""
    return _UNKNOWN if value is None else round(value * 100) & 0xFFFF
