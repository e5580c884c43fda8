"""From the files of a track to one in another format, with papers under the title that was asked for."""

import asyncio
import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.formats import Format
from core.track_metadata import TrackMetadata, hash_prompt
from engines.port import ProgressMonitor
from storage.blobs.port import BlobNotFound
from storage.queries import tracks
from storage.tables import Conversion, FileRole, Generation, Organization, Track, TrackFile
from workers import mpeg
from workers.file_tags import c2pa
from workers.files import encoding, hls_chunks, track_files
from workers.files.track_files import File
from workers.jobs import focus_segment, render_request
from workers.services import WorkerServices

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The time of everything in a ZIP: the same parts make the same file."""


class ConversionError(Exception):
    """The file cannot be had of this track."""


@dataclass(frozen=True, slots=True)
class _Source:
    """Everything that is known of a track whose file is to be made."""

    track: Track
    job: Generation
    files: Sequence[TrackFile]
    facts: TrackMetadata

    def of(self, role: FileRole, name: str = "") -> TrackFile | None:
        """Its file in this role."""
        return next((file for file in self.files if (file.role, file.name) == (role, name)), None)


async def lock_track(session: AsyncSession, track_id: str) -> Track | None:
    """The track, which nobody deletes before the transaction ends; None when somebody has."""
    return await tracks.find(session, track_id, tracks.Lock.SHARE)


async def render(services: WorkerServices, row: Conversion, workspace: Path, monitor: ProgressMonitor) -> File:
    """The file, in the workspace. Raises Unmakeable, Unavailable, RenderCancelledError."""
    source = await _source(services, row)
    cover = await _cover(services, source, workspace)
    seal = c2pa.create_signer(services.settings.c2pa)
    match row.format:
        case Format.STEMS:
            path, media_type = await _stems(services, source, workspace, seal), "application/zip"
        case Format.MP3:
            path, media_type = await _fetched(services, source, FileRole.MASTER, "", workspace), "audio/mpeg"
        case Format.FLAC:
            path, media_type = await _lossless(services, source, workspace, monitor), "audio/flac"
        case _:
            flac = await _lossless(services, source, workspace, monitor)
            path, media_type = workspace / "master.wav", "audio/wav"
            await asyncio.to_thread(encoding.wav, flac, path, monitor)
    if row.format is not Format.STEMS:
        await asyncio.to_thread(track_files.tag_and_sign, path, source.facts, cover, seal)
    return File(FileRole.DOWNLOAD, row.format.value, path, media_type)


async def _source(services: WorkerServices, row: Conversion) -> _Source:
    async with services.database.transaction() as session:
        track = await lock_track(session, row.track_id)
        if track is None:
            raise ConversionError("track was deleted")
        job = await session.get_one(Generation, track.generation_id)
        owner = await session.get_one(Organization, track.organization_id)
        found = await tracks.list_files(session, [track.id])
    facts = TrackMetadata.from_json(track.papers) if track.papers else _late(services, track, job, owner)
    return _Source(track, job, found, replace(facts, title=row.title))


def _late(services: WorkerServices, track: Track, job: Generation, owner: Organization) -> TrackMetadata:
    """The papers of a track that is older than papers. Raises Unmakeable when its engine is not known any more."""
    card = services.engines.get(track.engine)
    if card is None:
        raise ConversionError("engine is not known any more")
    return TrackMetadata(
        track_id=track.id,
        title=track.title,
        creator=owner.name,
        engine=card.name,
        engine_version=track.engine_version,
        source_type=card.source_type,
        prompt_sha256=hash_prompt(job.prompt),
        licence_class=track.licence_class,
        licence_version=track.licence_version,
        requires_attribution=track.requires_attribution,
        made_at=clock.iso(track.created_at),
        tempo_bpm=track.tempo_bpm,
        key=track.key,
        style=track.style,
        loudness_lufs=track.loudness_lufs,
        true_peak_dbtp=track.true_peak_dbtp,
    )


async def _cover(services: WorkerServices, source: _Source, workspace: Path) -> bytes | None:
    if source.of(FileRole.COVER, "png") is None:
        return None
    return (await _fetched(services, source, FileRole.COVER, "png", workspace)).read_bytes()


async def _fetched(services: WorkerServices, source: _Source, role: FileRole, name: str, workspace: Path) -> Path:
    """A copy of one of the track's files. Raises Unmakeable when it is gone."""
    file = source.of(role, name)
    if file is None:
        raise ConversionError(f"track has no {role}")
    path = workspace / f"{role}-{name}{Path(file.blob_key).suffix}"
    try:
        with path.open("wb") as target:
            async for block in services.blobs.read(file.blob_key):
                target.write(block)
    except BlobNotFound:
        raise ConversionError(f"{role} is missing") from None
    return path


async def _stems(services: WorkerServices, source: _Source, workspace: Path, seal: c2pa.C2paSigner | None) -> Path:
    """A ZIP of all parts; they are compressed as they are."""
    target = workspace / "stems.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in [file.name for file in source.files if file.role is FileRole.STEM]:
            path = await _fetched(services, source, FileRole.STEM, name, workspace)
            await asyncio.to_thread(
                track_files.tag_and_sign, path, track_files.stem_metadata(source.facts, name), None, seal
            )
            with path.open("rb") as part, archive.open(zipfile.ZipInfo(f"{name}.flac", _EPOCH), "w") as entry:
                while block := await asyncio.to_thread(part.read, 1 << 20):
                    entry.write(block)
            path.unlink()
    return target


async def _lossless(services: WorkerServices, source: _Source, workspace: Path, monitor: ProgressMonitor) -> Path:
    """The master as it was kept, or else played again."""
    if source.of(FileRole.LOSSLESS):
        return await _fetched(services, source, FileRole.LOSSLESS, "", workspace)
    return await _played_again(services, source, workspace, monitor)


async def _played_again(services: WorkerServices, source: _Source, workspace: Path, monitor: ProgressMonitor) -> Path:
    """What the same engine plays for the same request. Raises Unmakeable unless it is the very same music."""
    card = services.engines.get(source.track.engine)
    if card is None or card.version != source.track.engine_version:
        raise ConversionError("engine is another by now")
    kept = await _fetched(services, source, FileRole.MASTER, "", workspace)
    job, segment = source.job, focus_segment.plan(source.job)
    seed = await render_request.load_continuation(services.database, job)
    joined_to = await focus_segment.load_previous(services, job, workspace)
    lead = hls_chunks.lead_samples(joined_to)
    rendering = await asyncio.to_thread(render_request.render, services.engines, job, seed, segment, workspace, monitor)
    again, target = workspace / "again.mp3", workspace / "again.flac"
    await asyncio.to_thread(encoding.mp3, rendering.master, again, monitor, lead)
    if _sound(again) != _sound(kept):
        raise ConversionError("engine plays something else by now")
    await asyncio.to_thread(encoding.flac, rendering.master, target, monitor)
    return target


def _sound(mp3: Path) -> str:
    return hashlib.sha256(mpeg.strip_id3(mp3.read_bytes())).hexdigest()
