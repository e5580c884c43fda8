"""The files of a track: from a rendering to the workspace, from the workspace to the blob store."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from core.track_metadata import TrackMetadata
from engines.port import ProgressMonitor, RenderResult
from storage.blobs.port import BlobStore
from storage.tables import FileRole, TrackFile
from workers import file_tags
from workers.covers import render
from workers.covers.features import CoverFeatures
from workers.file_tags.c2pa import C2paSigner
from workers.files import encoding
from workers.files.encoding import Peaks
from workers.progress import ProgressRange

_MASTERS: Final = (FileRole.MASTER, FileRole.LOSSLESS)


@dataclass(frozen=True, slots=True)
class File:
    """A file in the workspace, on its way to the blob store."""

    role: FileRole
    name: str
    path: Path
    media_type: str
    frames: int | None = None


def encode(rendering: RenderResult, workspace: Path, monitor: ProgressMonitor, lead: int = 0) -> list[File]:
    """Every file of the track, in the workspace; ``lead`` as for an MP3."""
    steps = len(rendering.stems) + 3
    spans = [ProgressRange(monitor, number / steps, (number + 1) / steps) for number in range(steps)]
    master = File(FileRole.MASTER, "", workspace / "master.mp3", "audio/mpeg")
    encoding.mp3(rendering.master, master.path, spans[0], lead)
    peaks = File(FileRole.WAVEFORM, "", workspace / "waveform.json", "application/json")
    cover = _cover(rendering, encoding.waveform(rendering.master, peaks.path, spans[1]), workspace)
    score = File(FileRole.SCORE, "", workspace / "score.mid", "audio/midi")
    score.path.write_bytes(rendering.score.midi)
    lossless = File(FileRole.LOSSLESS, "", workspace / "master.flac", "audio/flac")
    encoding.flac(rendering.master, lossless.path, spans[2])
    files = [master, lossless, peaks, score, *cover]
    for span, (name, audio) in zip(spans[3:], rendering.stems.items(), strict=True):
        stem = File(FileRole.STEM, name, workspace / f"stem-{name}.flac", "audio/flac")
        encoding.flac(audio, stem.path, span)
        files.append(stem)
    return files


def _cover(rendering: RenderResult, peaks: Peaks, workspace: Path) -> list[File]:
    """The picture of the music, to scale and in pixels."""
    scalable = File(FileRole.COVER, "svg", workspace / "cover.svg", "image/svg+xml")
    pixels = File(FileRole.COVER, "png", workspace / "cover.png", "image/png")
    drawn = render.render_svg(CoverFeatures.from_rendering(rendering, peaks))
    scalable.path.write_bytes(drawn)
    pixels.path.write_bytes(render.render_png(drawn))
    return [scalable, pixels]


def tag_files(files: Sequence[File], facts: TrackMetadata, seal: C2paSigner | None) -> None:
    """Put the papers into all that carries any, and the cover into the masters; then seal them."""
    covers = [file.path for file in files if (file.role, file.name) == (FileRole.COVER, "png")]
    cover = covers[0].read_bytes() if covers else None
    for file in files:
        if file.role in _MASTERS:
            tag_and_sign(file.path, facts, cover, seal)
        elif file.role is FileRole.STEM:
            tag_and_sign(file.path, stem_metadata(facts, file.name), None, seal)


def tag_and_sign(path: Path, facts: TrackMetadata, cover: bytes | None, seal: C2paSigner | None) -> None:
    """Put papers into a file, and seal it if this installation seals."""
    file_tags.write(path, facts, cover)
    if seal is not None:
        seal(path, facts)


def stem_metadata(facts: TrackMetadata, name: str) -> TrackMetadata:
    """The papers of a stem."""
    return replace(facts, title=f"{facts.title or facts.track_id} - {name}")


async def store(blobs: BlobStore, files: Sequence[File], monitor: ProgressMonitor) -> list[TrackFile]:
    """Blobs under the hash of their content, so that storing them twice is storing them once."""
    stored = []
    for number, file in enumerate(files):
        monitor.report("storing", number / len(files))
        blob = await blobs.put(file.path, file.path.suffix)
        stored.append(
            TrackFile(
                track_id="",
                role=file.role,
                name=file.name,
                blob_key=blob.key,
                media_type=file.media_type,
                size_bytes=blob.size_bytes,
                frames=file.frames,
            )
        )
    return stored


async def download(blobs: BlobStore, file: TrackFile, target: Path) -> Path:
    """Copy a stored file to ``target``. Raises BlobNotFound, Unavailable."""
    with target.open("wb") as opened:
        async for block in blobs.read(file.blob_key):
            opened.write(block)
    return target
