"""Write Vorbis comments and a picture into a FLAC file (RFC 9639, 8.6 and 8.8)."""

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
_FRONT_COVER: Final = 3
_PNG_SIZE_AND_COLOUR: Final = slice(16, 26)
"""Bytes of the IHDR chunk: width, height, bits per channel, colour type."""

_PNG_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Channels by colour type."""


def write(path: Path, metadata: TrackMetadata, cover: bytes | None) -> None:
    """Replace the metadata blocks other than STREAMINFO and SEEKTABLE. Raises ValueError if it is not a FLAC file."""
    tagged = path.with_suffix(".tagged")
    with path.open("rb") as source, tagged.open("wb") as target:
        blocks = [block for block in _read_blocks(source) if block[0] in {_STREAMINFO, _SEEKTABLE}]
        blocks.append((_COMMENTS, comments(metadata)))
        if cover is not None:
            blocks.append((_PICTURE, _picture(cover)))
        target.write(_MAGIC + b"".join(_block(*block, is_last=block is blocks[-1]) for block in blocks))
        shutil.copyfileobj(source, target, 1 << 20)
    tagged.replace(path)


def comments(metadata: TrackMetadata) -> bytes:
    """Return the content of a Vorbis comment block: UTF-8 texts with their lengths before them."""
    fields = {
        "TITLE": metadata.title or "",
        "ARTIST": metadata.creator,
        "GENRE": metadata.style or "",
        "BPM": custom_fields.whole_bpm(metadata),
        "INITIALKEY": custom_fields.short_key(metadata),
        "DATE": metadata.made_at,
        "ENCODER": custom_fields.engine(metadata),
        "LICENSE": custom_fields.licence(metadata),
        **custom_fields.as_dict(metadata),
    }
    lines = [f"{name}={text}" for name, text in fields.items() if text]
    return _text(custom_fields.SOFTWARE) + struct.pack("<I", len(lines)) + b"".join(map(_text, lines))


def _text(text: str) -> bytes:
    return struct.pack("<I", len(text.encode())) + text.encode()


def _picture(png: bytes) -> bytes:
    width, height, bits, colour = struct.unpack(">IIBB", png[_PNG_SIZE_AND_COLOUR])
    media_type = b"image/png"
    head = struct.pack(">II", _FRONT_COVER, len(media_type)) + media_type + struct.pack(">I", 0)
    return head + struct.pack(">IIIII", width, height, bits * _PNG_CHANNELS[colour], 0, len(png)) + png


def _read_blocks(source: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield type and content of the metadata blocks, and leave the file at the first audio frame."""
    # a C2PA manifest is stored in an ID3 tag at the start
    source.seek(mpeg.id3_bytes(source.read(mpeg.ID3_HEADER_BYTES)))
    if source.read(len(_MAGIC)) != _MAGIC:
        raise ValueError("not a FLAC file")
    is_last = False
    while not is_last:
        head = int.from_bytes(source.read(4))
        is_last = bool(head >> 31)
        yield head >> 24 & 0x7F, source.read(head & 0xFFFFFF)


def _block(kind: int, content: bytes, *, is_last: bool) -> bytes:
    return (kind | (_LAST if is_last else 0)).to_bytes(1) + len(content).to_bytes(3) + content
