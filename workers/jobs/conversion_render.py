"""Render a track's file in another format, tagged with the title of the request."""

import asyncio
import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from core.formats import Format
from core.track_metadata import TrackMetadata
from engines.port import ProgressMonitor
from storage.blobs.port import BlobNotFound
from storage.queries import tracks
from storage.tables import Conversion, FileRole, Generation, Organization, Track, TrackFile
from workers import mpeg
from workers.file_tags import c2pa
from workers.files import encoding, track_files
from workers.files.track_files import File
from workers.jobs import rendering
from workers.services import WorkerServices

_ZIP_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The modification time of all entries, so that equal stems give an equal ZIP file."""


class ConversionError(Exception):
    """The track cannot be converted to this format; a retry would not help."""


@dataclass(frozen=True, slots=True)
class _Track:
    row: Track
    job: Generation
    files: Sequence[TrackFile]
    metadata: TrackMetadata

    def find_file(self, role: FileRole, name: str = "") -> TrackFile | None:
        return next((file for file in self.files if (file.role, file.name) == (role, name)), None)


async def render(services: WorkerServices, row: Conversion, workspace: Path, monitor: ProgressMonitor) -> File:
    """Render the file into the workspace. Raises ConversionError, Unavailable, RenderCancelledError."""
    track = await _load(services, row)
    cover = await _load_cover(services, track, workspace)
    signer = c2pa.create_signer(services.settings.c2pa)
    match row.format:
        case Format.STEMS:
            path = await _zip_stems(services, track, workspace, signer)
        case Format.MP3:
            path = await _download(services, track, FileRole.MASTER, "", workspace)
        case Format.FLAC:
            path = await _lossless(services, track, workspace, monitor)
        case _:
            flac = await _lossless(services, track, workspace, monitor)
            path = workspace / "master.wav"
            await asyncio.to_thread(encoding.wav, flac, path, monitor)
    if row.format is not Format.STEMS:
        await asyncio.to_thread(track_files.tag_and_sign, path, track.metadata, cover, signer)
    return File(FileRole.DOWNLOAD, row.format.value, path)


async def _load(services: WorkerServices, row: Conversion) -> _Track:
    async with services.database.transaction() as session:
        track = await tracks.lock_shared(session, row.track_id)
        if track is None:
            raise ConversionError("track was deleted")
        job = await session.get_one(Generation, track.generation_id)
        owner = await session.get_one(Organization, track.organization_id)
        files = await tracks.list_files(session, [track.id])
    if track.papers:
        metadata = TrackMetadata.from_json(track.papers)
    else:
        # the track is older than the column
        engine = services.engines.get(track.engine)
        if engine is None:
            raise ConversionError("engine is no longer installed")
        metadata = rendering.build_metadata(track, job.prompt, engine, owner.name)
    return _Track(track, job, files, replace(metadata, title=row.title))


async def _load_cover(services: WorkerServices, track: _Track, workspace: Path) -> bytes | None:
    if track.find_file(FileRole.COVER, "png") is None:
        return None
    return (await _download(services, track, FileRole.COVER, "png", workspace)).read_bytes()


async def _download(services: WorkerServices, track: _Track, role: FileRole, name: str, workspace: Path) -> Path:
    file = track.find_file(role, name)
    if file is None:
        raise ConversionError(f"track has no {role}")
    try:
        return await track_files.download(
            services.blobs, file, workspace / f"{role}-{name}{Path(file.blob_key).suffix}"
        )
    except BlobNotFound:
        raise ConversionError(f"{role} is missing") from None


async def _zip_stems(services: WorkerServices, track: _Track, workspace: Path, signer: c2pa.C2paSigner | None) -> Path:
    """Write a ZIP of all stems. FLAC is compressed already, so entries are stored."""
    target = workspace / "stems.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in [file.name for file in track.files if file.role is FileRole.STEM]:
            path = await _download(services, track, FileRole.STEM, name, workspace)
            metadata = track_files.stem_metadata(track.metadata, name)
            await asyncio.to_thread(track_files.tag_and_sign, path, metadata, None, signer)
            with path.open("rb") as stem, archive.open(zipfile.ZipInfo(f"{name}.flac", _ZIP_EPOCH), "w") as entry:
                while block := await asyncio.to_thread(stem.read, 1 << 20):
                    entry.write(block)
            path.unlink()
    return target


async def _lossless(services: WorkerServices, track: _Track, workspace: Path, monitor: ProgressMonitor) -> Path:
    if track.find_file(FileRole.LOSSLESS):
        return await _download(services, track, FileRole.LOSSLESS, "", workspace)
    return await _render_again(services, track, workspace, monitor)


async def _render_again(services: WorkerServices, track: _Track, workspace: Path, monitor: ProgressMonitor) -> Path:
    """Render the lossless master of a track that was stored without one.

    Raises ConversionError unless the engine gives the same samples, that is, an MP3 equal to the stored one.
    """
    engine = services.engines.get(track.row.engine)
    if engine is None or engine.version != track.row.engine_version:
        raise ConversionError("engine version has changed")
    stored = await _download(services, track, FileRole.MASTER, "", workspace)
    made = await rendering.render(services, track.job, workspace, monitor)
    mp3, flac = workspace / "again.mp3", workspace / "again.flac"
    await asyncio.to_thread(encoding.mp3, made.result.master, mp3, monitor, made.lead_samples)
    if _hash_audio(mp3) != _hash_audio(stored):
        raise ConversionError("engine renders different samples")
    await asyncio.to_thread(encoding.flac, made.result.master, flac, monitor)
    return flac


def _hash_audio(mp3: Path) -> str:
    return hashlib.sha256(mpeg.strip_id3(mp3.read_bytes())).hexdigest()
