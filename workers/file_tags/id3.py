"""ID3v2.4 (id3.org, "ID3 tag version 2.4.0"), at the start of an MP3 or in a chunk of a WAV."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from core.track_metadata import TrackMetadata
from workers import mpeg
from workers.file_tags import custom_fields

_UTF8: Final = b"\x03"
_FRONT: Final = b"\x03"
_SIZE_BITS: Final = 28
_PADDING: Final = 512
"""Room for whoever changes a title, without moving the sound."""


def tag(papers: TrackMetadata, cover: bytes | None) -> bytes:
    """The whole tag. ValueError for one of 256 MiB or more, which nobody could read."""
    frames = b"".join(_frames(papers, cover)) + bytes(_PADDING)
    return b"ID3\x04\x00\x00" + _size(len(frames)) + frames


def write(path: Path, papers: TrackMetadata, cover: bytes | None) -> None:
    """Before the frames of an MP3, in place of a tag that is there."""
    path.write_bytes(tag(papers, cover) + mpeg.strip_id3(path.read_bytes()))


def _frames(papers: TrackMetadata, cover: bytes | None) -> Iterator[bytes]:
    texts = {
        "TIT2": papers.title or "",
        "TPE1": papers.creator,
        "TCON": papers.style or "",
        "TBPM": custom_fields.whole_bpm(papers),
        "TKEY": custom_fields.short_key(papers),
        "TDRC": papers.made_at.removesuffix("Z"),  # times of ID3 are UTC
        "TENC": custom_fields.SOFTWARE,
        "TSSE": custom_fields.engine(papers),
    }
    yield from (_frame(name, _UTF8 + text.encode()) for name, text in texts.items() if text)
    for name, text in custom_fields.as_dict(papers).items():
        yield _frame("TXXX", _UTF8 + name.encode() + b"\x00" + text.encode())
    if cover is not None:
        yield _frame("APIC", _UTF8 + b"image/png\x00" + _FRONT + b"\x00" + cover)


def _frame(name: str, content: bytes) -> bytes:
    return name.encode() + _size(len(content)) + b"\x00\x00" + content


def _size(size: int) -> bytes:
    """Seven bits in each byte, so that no player takes it for sound."""
    if size >> _SIZE_BITS:
        raise ValueError("too large for ID3")
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
