"""The files of a track: encode a render, embed metadata, store them as blobs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from core.jobs import WorkerStage
from core.track_metadata import TrackMetadata
from engines.port import ProgressMonitor, RenderResult
from storage.blobs import content_hash
from storage.blobs.port import BlobStore
from storage.tables import FileRole, TrackFile
from workers import file_tags
from workers.covers import render
from workers.covers.features import CoverFeatures
from workers.file_tags.c2pa import C2paSigner
from workers.files import encoding
from workers.progress import ProgressRange

_FILES: Final = (
    (FileRole.MASTER, "", "master.mp3"),
    (FileRole.LOSSLESS, "", "master.flac"),
    (FileRole.WAVEFORM, "", "waveform.json"),
    (FileRole.COVER, "svg", "cover.svg"),
    (FileRole.COVER, "png", "cover.png"),
)
"""The files of every track: role, name and file name."""
_NOTATION: Final = ((FileRole.SCORE, "", "score.mid"), (FileRole.SCORE, "musicxml", "score.mxl"))
"""The files of tracks whose engine writes MIDI and MusicXML."""


@dataclass(frozen=True, slots=True)
class File:
    """A file in the workspace that is not stored yet."""

    role: FileRole
    name: str
    path: Path
    frames: int | None = None


def encode(rendering: RenderResult, workspace: Path, monitor: ProgressMonitor, lead_samples: int = 0) -> list[File]:
    """Encode all files of a track into the workspace, the master first. ``lead_samples`` as in ``encoding.mp3``."""
    steps = len(rendering.stems) + 3
    ranges = [ProgressRange(monitor, number / steps, (number + 1) / steps) for number in range(steps)]
    files = [File(role, name, workspace / file_name) for role, name, file_name in _FILES]
    master, lossless, waveform, svg_cover, png_cover = [file.path for file in files]
    encoding.mp3(rendering.master, master, ranges[0], lead_samples)
    peaks = encoding.waveform(rendering.master, waveform, ranges[1])
    svg = render.render_svg(CoverFeatures.from_rendering(rendering, peaks))
    svg_cover.write_bytes(svg)
    png_cover.write_bytes(render.render_png(svg))
    for (role, name, file_name), notation in zip(
        _NOTATION, (rendering.score.midi, rendering.score.musicxml), strict=True
    ):
        if notation:
            files.append(File(role, name, workspace / file_name))
            files[-1].path.write_bytes(notation)
    encoding.flac(rendering.master, lossless, ranges[2])
    for progress, (name, audio) in zip(ranges[3:], rendering.stems.items(), strict=True):
        stem = File(FileRole.STEM, name, workspace / f"stem-{name}.flac")
        encoding.flac(audio, stem.path, progress)
        files.append(stem)
    return files


def tag_files(files: Sequence[File], metadata: TrackMetadata, signer: C2paSigner | None) -> None:
    """Tag and sign masters and stems; masters also get the cover."""
    covers = [file.path for file in files if (file.role, file.name) == (FileRole.COVER, "png")]
    cover = covers[0].read_bytes() if covers else None
    for file in files:
        if file.role in {FileRole.MASTER, FileRole.LOSSLESS}:
            tag_and_sign(file.path, metadata, cover, signer)
        elif file.role is FileRole.STEM:
            tag_and_sign(file.path, stem_metadata(metadata, file.name), None, signer)


def tag_and_sign(path: Path, metadata: TrackMetadata, cover: bytes | None, signer: C2paSigner | None) -> None:
    """Embed metadata in a file, and then sign it if C2PA is configured."""
    file_tags.write(path, metadata, cover)
    if signer is not None:
        signer(path, metadata)


def stem_metadata(metadata: TrackMetadata, name: str) -> TrackMetadata:
    return replace(metadata, title=f"{metadata.title or metadata.track_id} - {name}")


async def store(blobs: BlobStore, files: Sequence[File], track_id: str, monitor: ProgressMonitor) -> list[TrackFile]:
    """Store files under the hash of their content; a file that is already stored is not duplicated."""
    stored = []
    for number, file in enumerate(files):
        monitor.report(WorkerStage.STORING, number / len(files))
        blob = await blobs.put(file.path, file.path.suffix)
        media_type = content_hash.media_type(blob.key)
        content: dict[str, Any] = {"blob_key": blob.key, "media_type": media_type, "size_bytes": blob.size_bytes}
        stored.append(TrackFile(track_id=track_id, role=file.role, name=file.name, frames=file.frames, **content))
    return stored


async def download(blobs: BlobStore, file: TrackFile, target: Path) -> Path:
    """Copy a stored file to ``target``. Raises BlobNotFound, Unavailable."""
    with target.open("wb") as opened:
        async for block in blobs.read(file.blob_key):
            opened.write(block)
    return target
