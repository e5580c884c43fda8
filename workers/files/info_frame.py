"""Write the info frame of an MP3: length, seek table, and the encoder delay that makes playback gapless.

The frame precedes the audio and decodes to silence. It holds a Xing header, and behind it the tag of LAME ("Mp3 Info
Tag rev 1", gabriel.mp3-tech.org/mp3infotag.html). lameenc writes neither.
"""

import struct
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workers import mpeg
from workers.mpeg import SAMPLES_PER_FRAME

ENCODER_DELAY: Final = 576
"""Samples of silence that LAME puts before the audio."""

_XING: Final = struct.Struct(">4s3I100s4x")
"""Marker, flags, number of frames, bytes, seek table, quality (unknown)."""
_ALL_FIELDS: Final = 0x0F
_SEEK_POINTS: Final = 100

_LAME: Final = struct.Struct(">9sBB8xxB3sxxHIH")
"""Encoder, revision and method, low-pass in 100 Hz, peak and ReplayGain (unknown), flags, bit rate, delay and padding,
source and gain (unknown), preset, bytes, CRC of the audio."""
_ENCODER: Final = b"LAME4.0  "
_CONSTANT_RATE: Final = 1
_LOW_PASS_HZ: Final = 18_600


def build(content: bytes, samples: int, lead_samples: int, kbits: int) -> bytes:
    """Return the info frame of ``content``, which LAME encoded at a constant bit rate.

    Players skip the encoder's delay and ``lead_samples`` of the decoded audio, and play ``samples`` samples.
    """
    frames = mpeg.parse_frames(content)
    delay = ENCODER_DELAY + lead_samples
    padding = len(frames) * SAMPLES_PER_FRAME - delay - samples
    size = len(frames[0].with_payload(b"").data) + len(content)
    seek_table = bytes(256 * point // _SEEK_POINTS for point in range(_SEEK_POINTS))
    xing = _XING.pack(b"Info", _ALL_FIELDS, len(frames), size, seek_table)
    lame = _LAME.pack(
        _ENCODER,
        _CONSTANT_RATE,
        _LOW_PASS_HZ // 100,
        kbits,
        (delay << 12 | padding).to_bytes(3),
        kbits,
        size,
        crc16(content),
    )
    checked = frames[0].with_payload(xing + lame).data[: mpeg.PAYLOAD_AT + _XING.size + _LAME.size]
    return frames[0].with_payload(xing + lame + crc16(checked).to_bytes(2)).data


def crc16(content: bytes) -> int:
    """Return the CRC with the polynomial 0x8005, reflected bits and an initial value of 0 (CRC-16/ARC).

    Such a CRC is linear: neighbouring words are combined, after the first is advanced by the length of the second,
    until one is left. Zeros in front change nothing.
    """
    size = 1 << max(len(content) - 1, 1).bit_length()
    words = np.frombuffer(content.rjust(size, b"\x00"), "<u2")
    advanced = by_word = _advance_by_word()
    while len(words) > 1:
        words = advanced[words[::2]] ^ words[1::2]
        advanced = advanced[advanced]
    return int(by_word[words[0]])


@cache
def _advance_by_word() -> NDArray[np.uint16]:
    """Return what each value of the CRC becomes after 16 zero bits."""
    values: NDArray[np.uint16] = np.arange(1 << 16, dtype=np.uint16)
    for _ in range(16):
        values = np.where(values & 1, values >> 1 ^ 0xA001, values >> 1).astype(np.uint16)
    return values
