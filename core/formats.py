"""The formats in which a track may be fetched."""

from enum import StrEnum
from typing import Final


class Format(StrEnum):
    """What a download is; the value is what a caller asks for."""

    MP3 = "mp3"  # the master, 192 kbit/s
    FLAC = "flac"  # the master, lossless, 24 bit
    WAV = "wav"  # the same, uncompressed
    STEMS = "stems"  # all parts as FLAC, in a ZIP
    STEM = "stem"  # one part as FLAC
    MIDI = "midi"  # the score
    WAVEFORM = "waveform"  # peaks, as JSON of audiowaveform
    COVER = "cover"  # the picture, as PNG


CONVERTED: Final = (Format.FLAC, Format.MP3, Format.STEMS, Format.WAV)
"""Those that a worker may have to make first."""

DEFAULT: Final = Format.MP3
