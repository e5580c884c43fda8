"""Parse and cut MPEG-1 layer III streams (ISO/IEC 11172-3), stereo at 44.1 kHz.

The main data of a frame may begin up to 511 bytes before the frame, in the bit reservoir that earlier frames left
unused. A cut therefore copies those bytes into the first frame, which is enlarged to hold them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

SAMPLES_PER_FRAME: Final = 1152
"""Samples per channel."""

ID3_HEADER_BYTES: Final = 10

_KBITS: Final = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
"""Bit rates by their index in the header. Index 0 means "free format", which is not supported."""

_SYNC: Final = 0xFFFB  # MPEG-1, layer III, no checksum
_HEADER_BYTES: Final = 4
_SIDE_INFO_BYTES: Final = 32
_PADDING_BIT: Final = 0x200
PAYLOAD_AT: Final = _HEADER_BYTES + _SIDE_INFO_BYTES
"""Offset of the payload in a frame: it follows header and side information."""

# positions and sizes in bits of fields in the side information
_MAIN_DATA_BEGIN_BITS: Final = 9
_GRANULES_AT: Final = 20
_GRANULE_BITS: Final = 59
_LENGTH_BITS: Final = 12
_BLOCK_TYPE_AT: Final = 33
_BLOCK_TYPE_BITS: Final = 3


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: header, side information and payload."""

    data: bytes

    @property
    def payload(self) -> bytes:
        """The bytes after the side information. They may contain main data of later frames as well."""
        return self.data[PAYLOAD_AT:]

    @property
    def main_data_begin(self) -> int:
        """How many bytes before the payload the main data begins."""
        return self._side_info(0, _MAIN_DATA_BEGIN_BITS)

    @property
    def main_data_bytes(self) -> int:
        lengths = (self._side_info(offset, _LENGTH_BITS) for offset in self._granules())
        return -(-sum(lengths) // 8)

    @property
    def block_types(self) -> tuple[int, ...]:
        """The block type of each granule and channel. Frames of two encodings join cleanly where these are equal."""
        values = (self._side_info(offset + _BLOCK_TYPE_AT, _BLOCK_TYPE_BITS) for offset in self._granules())
        # the block type is only present if the first bit, window_switching_flag, is set
        return tuple(value if value >> _BLOCK_TYPE_BITS - 1 else 0 for value in values)

    @property
    def is_info_frame(self) -> bool:
        """Whether the frame holds metadata of the encoder instead of audio."""
        return self.payload[:4] in {b"Xing", b"Info"}

    def with_payload(self, payload: bytes) -> Self:
        """Return a frame with this header, without a padding byte, that is silent and has the payload given.

        Raises ValueError if the payload does not fit.
        """
        header = int.from_bytes(self.data[:_HEADER_BYTES]) & ~_PADDING_BIT
        size = _frame_bytes(header >> 12 & 0xF)
        if PAYLOAD_AT + len(payload) > size:
            raise ValueError(f"{len(payload)} bytes do not fit into a frame of {size} bytes")
        data = header.to_bytes(_HEADER_BYTES) + bytes(_SIDE_INFO_BYTES) + payload
        return type(self)(data.ljust(size, b"\x00"))

    def self_contained(self, reservoir: bytes, next_main_data_begin: int) -> Self | None:
        """Return the frame with its main data moved into its own payload, in the smallest frame that fits.

        ``reservoir`` is the payload of the preceding frames, ``next_main_data_begin`` that of the following frame.
        Return None if no frame size is large enough.
        """
        available = reservoir[len(reservoir) - self.main_data_begin :] + self.payload
        own = available[: self.main_data_bytes]
        following = available[len(available) - next_main_data_begin :]
        header = int.from_bytes(self.data[:_HEADER_BYTES])
        for index in range(1, len(_KBITS)):
            payload_bytes = _frame_bytes(index) - PAYLOAD_AT
            if payload_bytes >= len(own) + len(following):
                # bits 12 to 15: the bit rate; bit 9: the padding byte
                header = header & ~0xF200 | index << 12
                side = int.from_bytes(self.data[_HEADER_BYTES:PAYLOAD_AT])
                side &= ~(0x1FF << _SIDE_INFO_BYTES * 8 - _MAIN_DATA_BEGIN_BITS)
                payload = own + bytes(payload_bytes - len(own) - len(following)) + following
                return type(self)(header.to_bytes(_HEADER_BYTES) + side.to_bytes(_SIDE_INFO_BYTES) + payload)
        return None

    def _granules(self) -> range:
        return range(_GRANULES_AT, _GRANULES_AT + 4 * _GRANULE_BITS, _GRANULE_BITS)

    def _side_info(self, offset: int, count: int) -> int:
        side = int.from_bytes(self.data[_HEADER_BYTES:PAYLOAD_AT])
        return side >> _SIDE_INFO_BYTES * 8 - offset - count & (1 << count) - 1


def parse_frames(content: bytes) -> list[Frame]:
    """Return the audio frames of a file, without its info frame. Raises ValueError if there are none."""
    frames: list[Frame] = []
    offset = id3_bytes(content)
    while offset + PAYLOAD_AT <= len(content) and int.from_bytes(content[offset : offset + 2]) == _SYNC:
        index, padding = content[offset + 2] >> 4, content[offset + 2] >> 1 & 1
        size = _frame_bytes(index) + padding
        frames.append(Frame(content[offset : offset + size]))
        offset += size
    if not frames:
        raise ValueError("no MPEG-1 layer III frames")
    return frames[1:] if frames[0].is_info_frame else frames


def id3_bytes(content: bytes) -> int:
    """Return the size of the ID3 tag at the start of a file, 0 without one. The first ID3_HEADER_BYTES are enough."""
    if content[:3] != b"ID3":
        return 0
    size = 0
    for byte in content[6:ID3_HEADER_BYTES]:
        size = size << 7 | byte
    return ID3_HEADER_BYTES + size


def strip_id3(content: bytes) -> bytes:
    return content[id3_bytes(content) :]


def cut_frames(frames: Sequence[Frame], first: int, count: int) -> list[Frame] | None:
    """Return ``count`` frames from ``first`` on that decode without those before, or None if the first one cannot."""
    selected = list(frames[first : first + count])
    if first == 0 or not selected:
        return selected
    next_main_data_begin = frames[first + 1].main_data_begin if first + 1 < len(frames) else 0
    reservoir = b"".join(frame.payload for frame in frames[:first])
    start = selected[0].self_contained(reservoir, next_main_data_begin)
    return None if start is None else [start, *selected[1:]]


def _frame_bytes(index: int) -> int:
    return 144_000 * _KBITS[index] // 44_100
