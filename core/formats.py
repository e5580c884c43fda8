"""Download formats of a track."""

from enum import StrEnum
from typing import Final


class Format(StrEnum):
    """A download format; the value is its name in the API."""

    MP3 = "mp3"  # the master, 192 kbit/s
    FLAC = "flac"  # the master, lossless, 24 bit
    WAV = "wav"  # the same as FLAC, uncompressed
    STEMS = "stems"  # all parts as FLAC, in a ZIP
    STEM = "stem"  # one part as FLAC
    MIDI = "midi"  # the score as performed
    MUSICXML = "musicxml"  # the score as written, compressed
    WAVEFORM = "waveform"  # peaks, as JSON of audiowaveform
    COVER = "cover"  # the cover image, as PNG


CONVERTIBLE: Final = (Format.FLAC, Format.MP3, Format.STEMS, Format.WAV)
"""Formats that a worker may have to render first."""

DEFAULT_FORMAT: Final = Format.MP3
