"""Write ID3v2.4 tags (id3.org, "ID3 tag version 2.4.0"), at the start of an MP3 or in a chunk of a WAV."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from core.track_metadata import TrackMetadata
from workers import mpeg
from workers.file_tags import custom_fields

_UTF8: Final = b"\x03"
_FRONT_COVER: Final = b"\x03"
_SIZE_BITS: Final = 28
_PADDING_BYTES: Final = 512
"""Lets other programs change tags without rewriting the audio."""


def write(path: Path, metadata: TrackMetadata, cover: bytes | None) -> None:
    path.write_bytes(track_tag(metadata, cover) + mpeg.strip_id3(path.read_bytes()))


def track_tag(metadata: TrackMetadata, cover: bytes | None) -> bytes:
    """Return a complete tag with padding. Raises ValueError from 256 MiB on."""
    return encode_tag(b"".join(_frames(metadata, cover)) + bytes(_PADDING_BYTES))


def encode_tag(frames: bytes) -> bytes:
    return b"ID3\x04\x00\x00" + _syncsafe(len(frames)) + frames


def encode_frame(name: str, content: bytes) -> bytes:
    return name.encode() + _syncsafe(len(content)) + b"\x00\x00" + content


def _frames(metadata: TrackMetadata, cover: bytes | None) -> Iterator[bytes]:
    texts = {
        "TIT2": metadata.title or "",
        "TPE1": metadata.creator,
        "TCON": metadata.style or "",
        "TBPM": custom_fields.whole_bpm(metadata),
        "TKEY": custom_fields.short_key(metadata),
        "TDRC": metadata.made_at.removesuffix("Z"),  # times in ID3 are UTC
        "TENC": custom_fields.SOFTWARE,
        "TSSE": custom_fields.engine(metadata),
    }
    yield from (encode_frame(name, _UTF8 + text.encode()) for name, text in texts.items() if text)
    for name, text in custom_fields.as_dict(metadata).items():
        yield encode_frame("TXXX", _UTF8 + name.encode() + b"\x00" + text.encode())
    if cover is not None:
        yield encode_frame("APIC", _UTF8 + b"image/png\x00" + _FRONT_COVER + b"\x00" + cover)


def _syncsafe(size: int) -> bytes:
    """Encode seven bits per byte, so that no decoder mistakes a size for the sync word of an MPEG frame."""
    if size >> _SIZE_BITS:
        raise ValueError("too large for ID3")
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
