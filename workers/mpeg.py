"""MPEG-1 layer III as bytes (ISO/IEC 11172-3): frames of a stereo file at 44.1 kHz, and cutting between two of them.

A frame may begin its sound up to 511 bytes early, in the room that frames before it left over. So who cuts takes along
what the first frame has there, in a frame that is large enough, and the cut is not to be heard.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

SAMPLES_PER_FRAME: Final = 1152
"""Of each channel, in a frame."""

ID3_HEADER_BYTES: Final = 10
"""Bytes of an ID3 tag's header."""

_KBITS: Final = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
"""Bit rates by their index in a header; 0 stands for a free rate, which nobody uses."""

_INFO_DELAY: Final = 177
_INFO_CHECK: Final = 190
"""Where the frame about the file, as LAME writes it, has the encoder's delay, and the check over all before it."""

_SYNC: Final = 0xFFFB  # MPEG-1, layer III, no checksum
_HEADER: Final = 4
_SIDE: Final = 32
_HEAD: Final = _HEADER + _SIDE
_GRANULE_BITS: Final = 59
_GRANULES_AT: Final = 20
_LENGTH_BITS: Final = 12
_WINDOW_AT: Final = 33
_WINDOW_BITS: Final = 3
_BEGIN_BITS: Final = 9


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame with its head and its room for sound."""

    data: bytes

    @property
    def payload(self) -> bytes:
        """Where this frame's sound goes on, and that of later ones may begin."""
        return self.data[_HEAD:]

    @property
    def main_data_begin(self) -> int:
        """How many bytes before its room its sound begins."""
        return self._bits(0, _BEGIN_BITS)

    @property
    def main_data_bytes(self) -> int:
        """How long its sound is."""
        places = (_GRANULES_AT + number * _GRANULE_BITS for number in range(4))
        return -(-sum(self._bits(place, _LENGTH_BITS) for place in places) // 8)

    @property
    def block_types(self) -> tuple[int, ...]:
        """Through which windows its sound was seen; neighbours fit when they chose them alike."""
        places = (_GRANULES_AT + number * _GRANULE_BITS + _WINDOW_AT for number in range(4))
        found = (self._bits(place, _WINDOW_BITS) for place in places)
        # without its first bit set, the others say something else
        return tuple(window if window >> _WINDOW_BITS - 1 else 0 for window in found)

    @property
    def is_info_frame(self) -> bool:
        """Whether it tells of the file, as encoders write one at the start, and has no sound."""
        return self.payload[:4] in {b"Xing", b"Info"}

    def self_contained(self, before: bytes, after: int) -> Self | None:
        """The same sound without the frames before it, in a frame of its own size.

        ``before`` is the room of the frames before it, ``after`` how early the next one begins. None when no frame is
        large enough.
        """
        whole = before[len(before) - self.main_data_begin :] + self.payload
        own, rest = whole[: self.main_data_bytes], whole[len(whole) - after :]
        head = int.from_bytes(self.data[:_HEADER])
        for index in range(1, len(_KBITS)):
            room = _frame_bytes(index) - _HEAD
            if room >= len(own) + len(rest):
                # bits 12 to 15: the rate; bit 9: whether there is a byte more
                head = head & ~0xF200 | index << 12
                side = int.from_bytes(self.data[_HEADER:_HEAD]) & ~(0x1FF << _SIDE * 8 - _BEGIN_BITS)
                filled = own + bytes(room - len(own) - len(rest)) + rest
                return type(self)(head.to_bytes(_HEADER) + side.to_bytes(_SIDE) + filled)
        return None

    def _bits(self, place: int, count: int) -> int:
        side = int.from_bytes(self.data[_HEADER:_HEAD])
        return side >> _SIDE * 8 - place - count & (1 << count) - 1


def parse_frames(content: bytes) -> list[Frame]:
    """The frames of a file, without the one about the file. Raises ValueError for what is no such file."""
    found: list[Frame] = []
    place = id3_bytes(content)
    while place + _HEAD <= len(content) and int.from_bytes(content[place : place + 2]) == _SYNC:
        index, padding = content[place + 2] >> 4, content[place + 2] >> 1 & 1
        size = _frame_bytes(index) + padding
        found.append(Frame(content[place : place + size]))
        place += size
    if not found:
        raise ValueError("no MPEG-1 layer III frames")
    return found[1:] if found[0].is_info_frame else found


def id3_bytes(content: bytes) -> int:
    """Where a file goes on behind an ID3 tag at its start; 0 without one. Its first ``ID3_HEAD`` bytes are enough."""
    if content[:3] != b"ID3":
        return 0
    size = 0
    for byte in content[6:ID3_HEADER_BYTES]:
        size = size << 7 | byte
    return ID3_HEADER_BYTES + size


def strip_id3(content: bytes) -> bytes:
    """A file without the ID3 tag before its frames, if it has one."""
    return content[id3_bytes(content) :]


def cut_frames(whole: Sequence[Frame], first: int, count: int) -> list[Frame] | None:
    """``count`` frames from ``first`` on, to be played without those before; None when the first cannot be alone."""
    kept = list(whole[first : first + count])
    if first == 0 or not kept:
        return kept
    after = whole[first + 1].main_data_begin if first + 1 < len(whole) else 0
    alone = kept[0].self_contained(b"".join(frame.payload for frame in whole[:first]), after)
    return None if alone is None else [alone, *kept[1:]]


def add_encoder_delay(content: bytes, samples: int) -> bytes:
    """A file whose players leave out so many samples more at its start. Raises ValueError for a file without delay."""
    if content[36:40] not in {b"Xing", b"Info"} or content[156:160] not in {b"LAME", b"Lavc"}:
        raise ValueError("no LAME tag")
    tagged = bytearray(content)
    # twelve bits of delay, twelve of padding at the end
    told = int.from_bytes(tagged[_INFO_DELAY : _INFO_DELAY + 3]) + (samples << 12)
    tagged[_INFO_DELAY : _INFO_DELAY + 3] = told.to_bytes(3)
    tagged[_INFO_CHECK : _INFO_CHECK + 2] = _crc16(bytes(tagged[:_INFO_CHECK])).to_bytes(2)
    return bytes(tagged)


def _crc16(content: bytes) -> int:
    """CRC-16 with the polynomial 0x8005, bits mirrored."""
    check = 0
    for byte in content:
        check ^= byte
        for _ in range(8):
            check = check >> 1 ^ 0xA001 if check & 1 else check >> 1
    return check


def _frame_bytes(index: int) -> int:
    return 144_000 * _KBITS[index] // 44_100
