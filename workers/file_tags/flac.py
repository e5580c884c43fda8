"""Vorbis comments and a picture in a FLAC (RFC 9639, 8.6 and 8.8)."""

import shutil
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from core.track_metadata import TrackMetadata
from workers import mpeg
from workers.file_tags import custom_fields

_MAGIC: Final = b"fLaC"
_STREAMINFO, _SEEKTABLE, _COMMENTS, _PICTURE = 0, 3, 4, 6
_LAST: Final = 0x80
_FRONT: Final = 3
_IHDR: Final = slice(16, 26)
"""Where a PNG has its size and its bits for each of so many colours."""

_COLOURS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""How many values a pixel of a PNG has, by its kind of colour."""


def write(path: Path, papers: TrackMetadata, cover: bytes | None) -> None:
    """Behind what tells of the sound, in place of what else is said; ValueError for what is no FLAC."""
    written = path.with_suffix(".tagged")
    with path.open("rb") as source, written.open("wb") as target:
        kept = [block for block in _blocks(source) if block[0] in {_STREAMINFO, _SEEKTABLE}]
        kept.append((_COMMENTS, comments(papers)))
        if cover is not None:
            kept.append((_PICTURE, _picture(cover)))
        target.write(_MAGIC + b"".join(_block(*block, is_last=block is kept[-1]) for block in kept))
        shutil.copyfileobj(source, target, 1 << 20)
    written.replace(path)


def comments(papers: TrackMetadata) -> bytes:
    """The comments as they stand in the file: everything in UTF-8, with its length before it."""
    told = {
        "TITLE": papers.title or "",
        "ARTIST": papers.creator,
        "GENRE": papers.style or "",
        "BPM": custom_fields.whole_bpm(papers),
        "INITIALKEY": custom_fields.short_key(papers),
        "DATE": papers.made_at,
        "ENCODER": custom_fields.engine(papers),
        "LICENSE": custom_fields.licence(papers),
        **custom_fields.as_dict(papers),
    }
    lines = [f"{name}={text}" for name, text in told.items() if text]
    counted = b"".join(_text(line) for line in lines)
    return _text(custom_fields.SOFTWARE) + struct.pack("<I", len(lines)) + counted


def _text(text: str) -> bytes:
    return struct.pack("<I", len(text.encode())) + text.encode()


def _picture(png: bytes) -> bytes:
    width, height, bits, colour = struct.unpack(">IIBB", png[_IHDR])
    media_type = b"image/png"
    head = struct.pack(">II", _FRONT, len(media_type)) + media_type + struct.pack(">I", 0)
    return head + struct.pack(">IIIII", width, height, bits * _COLOURS[colour], 0, len(png)) + png


def _blocks(source: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The kinds and contents of the blocks before the sound; then the file stands where that begins."""
    # a seal stands in an ID3 tag before everything
    source.seek(mpeg.id3_bytes(source.read(mpeg.ID3_HEADER_BYTES)))
    if source.read(len(_MAGIC)) != _MAGIC:
        raise ValueError("no FLAC")
    is_last = False
    while not is_last:
        head = int.from_bytes(source.read(4))
        is_last = bool(head >> 31)
        yield head >> 24 & 0x7F, source.read(head & 0xFFFFFF)


def _block(kind: int, content: bytes, *, is_last: bool) -> bytes:
    return (kind | (_LAST if is_last else 0)).to_bytes(1) + len(content).to_bytes(3) + content
