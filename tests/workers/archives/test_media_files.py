"""MIDI files and pictures of an archive are parsed before they are stored."""

import io
import struct
import zipfile
import zlib
from pathlib import Path

import mido
import pytest
from PIL import Image

from storage.tables import FileRole
from workers.archives import media
from workers.archives.documents import FileRecord
from workers.archives.records import ArchiveError


def png(width: int = 32, height: int = 32) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((width, height), 50).save(file, "PNG")
    return file.getvalue()


def midi() -> bytes:
    score, track, file = mido.MidiFile(), mido.MidiTrack(), io.BytesIO()
    track += [mido.Message("note_on", note=60), mido.Message("note_off", note=60, time=480)]
    score.tracks.append(track)
    score.save(file=file)
    return file.getvalue()


def musicxml(document: str = "<score-partwise/>") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.recordare.musicxml")
        archive.writestr("score.musicxml", document)
    return file.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def check(folder: Path, content: bytes, media_type: str, role: FileRole) -> None:
    path = folder / "file"
    path.write_bytes(content)
    record = FileRecord(
        role=role,
        name={"image/png": "png", "application/vnd.recordare.musicxml": "musicxml"}.get(media_type, ""),
        media_type=media_type,
        size_bytes=max(len(content), 1),
        frames=None,
        sha256="0" * 64,
        path="file",
    )
    media.check(path, record, None)


def test_valid_files_are_accepted(tmp_path: Path) -> None:
    check(tmp_path, png(), "image/png", FileRole.COVER)
    check(tmp_path, midi(), "audio/midi", FileRole.SCORE)
    check(tmp_path, musicxml(), "application/vnd.recordare.musicxml", FileRole.SCORE)


HEAD = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        png()[:40],
        png()[:-30],
        HEAD,
        HEAD + chunk(b"IEND", b""),
        HEAD + chunk(b"IDAT", b"no zlib stream") + chunk(b"IEND", b""),
        HEAD + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b""),
        png()[:60] + b"x" + png()[61:],
        png(4097, 1),
        b"GIF89a" + bytes(100),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    ],
    ids=range(11),
)
def test_a_png_that_cannot_be_decoded_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ArchiveError, match="is not valid image/png"):
        check(tmp_path, content, "image/png", FileRole.COVER)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MThd",
        midi()[:20],
        midi()[:-6],
        midi().replace(b"MTrk", b"MTrx"),
        midi().replace(b"\x90\x3c", b"\x90\xff"),
        b"MThd" + struct.pack(">IHHH", 6, 1, 0, 480),
        b"MThd" + bytes(1000),
        midi() + bytes(5 << 20),
        b"RIFF" + bytes(100),
    ],
    ids=range(10),
)
def test_a_midi_file_that_cannot_be_parsed_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ArchiveError, match="is not valid audio/midi"):
        check(tmp_path, content, "audio/midi", FileRole.SCORE)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        musicxml()[:-30],
        musicxml("<score-partwise>"),
        musicxml('<!DOCTYPE x [<!ENTITY a "aaaa">]><score-partwise>&a;</score-partwise>'),
        musicxml(f"<score-partwise>{' ' * (33 << 20)}</score-partwise>"),
    ],
    ids=["empty", "truncated", "not well-formed", "document type", "too large"],
)
def test_musicxml_that_cannot_be_parsed_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ArchiveError, match="is not valid application/vnd"):
        check(tmp_path, content, "application/vnd.recordare.musicxml", FileRole.SCORE)
