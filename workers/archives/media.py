"""Check the files of an archived track: audio is decoded, others are parsed, before they are stored."""

import struct
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Final
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

import mido
import numpy as np
import soundfile
from PIL import Image
from pydantic import BaseModel, Field, StrictInt, ValidationError

from engines.port import SAMPLE_RATE
from storage.tables import FileRole
from workers import mpeg
from workers.archives.documents import FileRecord
from workers.archives.records import ArchiveError

_MAX_FRAMES: Final = 3 * 3600 * SAMPLE_RATE
"""More than any track has: a few kilobytes of FLAC can decode to days of silence."""

_DURATION_TOLERANCE_SECONDS: Final = 0.1
_BLOCK_FRAMES: Final = 65_536
_FORMATS: Final[Mapping[str, str]] = {"audio/mpeg": "MPEG_LAYER_III", "audio/flac": "FLAC"}
_ORIGINAL_FORMATS: Final[Mapping[str, tuple[str, ...]]] = {
    "audio/mpeg": ("MP3",),
    "audio/flac": ("FLAC",),
    "audio/wav": ("WAV", "WAVEX"),
    "audio/ogg": ("OGG",),
}
_MAX_PARSED_BYTES: Final = 32 << 20
_MAX_MIDI_BYTES: Final = 4 << 20
"""A score of ten minutes has about 100 kB; mido parses a megabyte in a few seconds."""
_MAX_PIXELS: Final = 4096

_SVG_ELEMENTS: Final = frozenset(
    {
        *("svg", "g", "title", "desc", "defs", "rect", "circle", "ellipse", "line", "path", "polygon", "polyline"),
        *("linearGradient", "radialGradient", "stop", "clipPath", "mask", "filter", "feGaussianBlur"),
    }
)
"""Elements without scripts and references to other documents."""


class _Waveform(BaseModel):
    data: list[Annotated[StrictInt, Field(ge=-128, le=127)]]


def check(path: Path, file: FileRecord, duration_seconds: float | None) -> None:
    """Raise ArchiveError unless the file is what its record states; audio must have the duration of the track."""
    if file.role is FileRole.STREAM:
        _check_stream(path, file)
    elif file.role is FileRole.ORIGINAL:
        _check_original(path, file)
    elif file.media_type in _FORMATS:
        _check_audio(path, file, duration_seconds)
    else:
        if file.size_bytes > _MAX_PARSED_BYTES:
            raise ArchiveError(f"{file.path!r} is larger than {_MAX_PARSED_BYTES} bytes")
        try:
            _PARSERS[file.media_type](path)
        except _PARSE_ERRORS as error:
            reason = str(error) or type(error).__name__
            raise ArchiveError(f"{file.path!r} is not valid {file.media_type} ({reason})") from None


def _check_audio(path: Path, file: FileRecord, duration_seconds: float | None) -> None:
    try:
        with soundfile.SoundFile(path) as audio:
            kind = audio.format if audio.format == "FLAC" else audio.subtype
            if (kind, audio.samplerate, audio.channels) != (_FORMATS[file.media_type], SAMPLE_RATE, 2):
                raise ArchiveError(f"{file.path!r} is not {file.media_type} in stereo at {SAMPLE_RATE} Hz")
            frames = 0
            while frames <= _MAX_FRAMES and len(block := audio.read(_BLOCK_FRAMES, "float32")):
                frames += len(block)
                if not np.isfinite(block).all():
                    raise ArchiveError(f"{file.path!r} contains samples that are not numbers")
    except (soundfile.LibsndfileError, RuntimeError):
        raise ArchiveError(f"{file.path!r} is not audio of the type {file.media_type}") from None
    seconds = frames / SAMPLE_RATE
    if not 0 < frames <= _MAX_FRAMES or (
        duration_seconds is not None and abs(seconds - duration_seconds) > _DURATION_TOLERANCE_SECONDS
    ):
        raise ArchiveError(f"{file.path!r} lasts {seconds:.3f} s, but its track {duration_seconds} s")


def _check_original(path: Path, file: FileRecord) -> None:
    """Check that the file of a remote engine, which may have any length and sample rate, is audio of its type."""
    try:
        with soundfile.SoundFile(path) as audio:
            is_of_type = audio.format in _ORIGINAL_FORMATS[file.media_type]
    except (soundfile.LibsndfileError, RuntimeError):
        is_of_type = False
    if not is_of_type:
        raise ArchiveError(f"{file.path!r} is not audio of the type {file.media_type}")


def _check_stream(path: Path, file: FileRecord) -> None:
    try:
        frames = mpeg.parse_frames(path.read_bytes())
    except (ValueError, IndexError):
        frames = []
    if len(frames) != file.frames:
        raise ArchiveError(f"{file.path!r} has {len(frames)} MPEG frames, not {file.frames}")


def _parse_midi(path: Path) -> None:
    if path.stat().st_size > _MAX_MIDI_BYTES:
        raise ValueError(f"larger than {_MAX_MIDI_BYTES} bytes")
    if not mido.MidiFile(path).tracks:
        raise ValueError("without tracks")


def _parse_musicxml(path: Path) -> None:
    with ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > _MAX_PARSED_BYTES:
            raise ValueError(f"larger than {_MAX_PARSED_BYTES} bytes when decompressed")
        for entry in archive.infolist():
            if entry.filename.endswith((".xml", ".musicxml")):
                _parse_xml(archive.read(entry))


def _parse_xml(document: bytes) -> None:
    """Check that a document is well-formed and declares no entities."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.Parse(document, True)


def _refuse_doctype(*_: object) -> None:
    raise ValueError("contains a document type")


def _parse_waveform(path: Path) -> None:
    _Waveform.model_validate_json(path.read_bytes())


def _parse_png(path: Path) -> None:
    with Image.open(path, formats=("PNG",)) as image:
        if max(image.size) > _MAX_PIXELS:
            raise ValueError(f"larger than {_MAX_PIXELS} pixels")
        image.load()


def _parse_svg(path: Path) -> None:
    parser = expat.ParserCreate()

    def start_element(name: str, attributes: Mapping[str, str]) -> None:
        active = [key for key in attributes if key.lower().startswith("on") or key.lower().endswith("href")]
        if name not in _SVG_ELEMENTS or active:
            raise ValueError(f"contains <{name[:40]} {' '.join(active)[:80]}>")

    parser.StartElementHandler = start_element
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.Parse(path.read_bytes(), True)


_PARSE_ERRORS: Final = (
    *(ValidationError, ValueError, KeyError, IndexError, TypeError, EOFError, OSError, struct.error),
    *(expat.ExpatError, SyntaxError, Image.DecompressionBombError),
    *(BadZipFile, RuntimeError, zlib.error),
)
"""What the parsers raise for other content."""

_PARSERS: Final[Mapping[str, Callable[[Path], None]]] = {
    "audio/midi": _parse_midi,
    "application/vnd.recordare.musicxml": _parse_musicxml,
    "application/json": _parse_waveform,
    "image/png": _parse_png,
    "image/svg+xml": _parse_svg,
}
