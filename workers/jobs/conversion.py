"""Convert a track to another format on request, tagged with the title of the request.

The conversion is claimed, rendered and stored, and its file is recorded in one transaction.
"""

import asyncio
import hashlib
import logging
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from core import activity, logs
from core.activity import ActivityKind
from core.errors import Refusal
from core.formats import Format
from core.track_metadata import TrackMetadata, TrackOrigin
from engines.port import ProgressMonitor, RenderCancelledError
from storage.blobs.port import BlobNotFound
from storage.queries import conversions, tracks
from storage.tables import Conversion, FileRole, Generation, Organization, Track, TrackFile
from workers import mpeg, scratch
from workers.file_tags import c2pa
from workers.files import encoding, hls_chunks, track_files
from workers.files.track_files import File
from workers.jobs import leases, rendering
from workers.progress import JobMonitor, StopReason
from workers.services import WorkerServices

log = logging.getLogger(__name__)

_MAX_ATTEMPTS: Final = 3

_ZIP_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The modification time of all entries, so that equal stems give an equal ZIP file."""


class _ConversionError(Exception):
    """The track cannot be converted to this format; a retry would not help."""


async def run(services: WorkerServices, row: Conversion, monitor: JobMonitor) -> None:
    """Run a claimed conversion. After the last attempt it fails."""
    logs.trace_id.set(row.track_id)
    logs.job_ids.set({row.track_id: None})
    log.info("conversion started", extra={"format": row.format, "attempt": row.attempts})
    with services.telemetry.span("conversion", "CONSUMER", None, {"track": row.track_id, "format": row.format.value}):
        if row.attempts > _MAX_ATTEMPTS:
            await _finish(services, row, None)
        else:
            await _convert(services, row, monitor)


async def _convert(services: WorkerServices, row: Conversion, monitor: JobMonitor) -> None:
    fields = {"track": row.track_id, "format": row.format}

    async def renew(session: AsyncSession, lease: timedelta) -> bool:
        is_held = await conversions.renew_lease(session, row, lease)
        if not is_held:
            monitor.stop(StopReason.LEASE_LOST)
        return is_held

    try:
        async with leases.heartbeat(services, renew, fields):
            await services.check_storage()
            with scratch.folder(services.settings.workers.scratch_dir) as workspace:
                source = await _load(services, row, workspace, monitor)
                file = File(FileRole.DOWNLOAD, row.format.value, await source.render(row.format))
                [stored] = await track_files.store(services.blobs, [file], row.track_id, monitor)
        await _finish(services, row, stored)
    except RenderCancelledError:
        if monitor.stop_reason is not StopReason.LEASE_LOST:
            await _requeue(services, row, counts=False)
    except _ConversionError as error:
        log.warning("conversion not possible", extra={**fields, "reason": str(error)})
        await _finish(services, row, None)
    except Refusal as refusal:
        # a service is unavailable or the disk is full: does not count as an attempt
        log.warning("conversion postponed", extra={**fields, "reason": refusal.technical})
        await _requeue(services, row, counts=False, delay_seconds=services.settings.workers.retry_seconds)
    except Exception:
        log.exception("conversion failed", extra=fields)
        await _requeue(services, row, counts=True)


async def _finish(services: WorkerServices, row: Conversion, file: TrackFile | None) -> None:
    async with services.database.transaction() as session:
        track = await tracks.lock_shared(session, row.track_id)
        is_finished = await conversions.finish(session, row, file if track else None)
    log.info("conversion %s", "finished" if is_finished and file else "dropped", extra={"format": row.format})
    if is_finished and track and file:
        feed = activity.feed_name(track.organization_id, row.user_id)
        await services.events.append_to_feed(feed, {"kind": ActivityKind.TRACK.value, "id": row.track_id})


async def _requeue(services: WorkerServices, row: Conversion, *, counts: bool, delay_seconds: float = 0.0) -> None:
    with suppress(Refusal):  # otherwise the conversion is due again when its lease expires
        async with services.database.transaction() as session:
            await conversions.requeue(session, row, counts_as_attempt=counts, delay=timedelta(seconds=delay_seconds))
        if not delay_seconds:
            await services.queue.wake()


async def _load(services: WorkerServices, row: Conversion, workspace: Path, monitor: ProgressMonitor) -> "_Source":
    async with services.database.transaction() as session:
        track = await tracks.lock_shared(session, row.track_id)
        if track is None:
            raise _ConversionError("track was deleted")
        job = await session.get_one(Generation, track.generation_id)
        owner = await session.get_one(Organization, track.organization_id)
        files = await tracks.list_files(session, [track.id])
    if track.papers:
        metadata = TrackMetadata.from_json(track.papers)
    else:
        # the track is older than the column
        engine = services.engines.get(track.engine)
        if engine is None:
            raise _ConversionError("engine is no longer installed")
        metadata = rendering.build_metadata(
            track, job.prompt, engine, owner.name, embeds_prompt=services.settings.embed_prompts
        )
    metadata = replace(metadata, title=row.title, origin=TrackOrigin.from_json(track.origin))
    return _Source(services, workspace, monitor, track, job, files, metadata)


@dataclass(frozen=True, slots=True)
class _Source:
    """The track to convert. Methods write into the workspace and raise _ConversionError, Unavailable."""

    services: WorkerServices
    workspace: Path
    monitor: ProgressMonitor
    track: Track
    job: Generation
    files: Sequence[TrackFile]
    metadata: TrackMetadata

    async def render(self, target: Format) -> Path:
        """Render the tagged file. Raises RenderCancelledError, too."""
        has_cover = self._find(FileRole.COVER, "png") is not None
        cover = (await self._download(FileRole.COVER, "png")).read_bytes() if has_cover else None
        # a manifest would state that this installation created the track
        signer = None if self.track.origin else c2pa.create_signer(self.services.settings.c2pa)
        match target:
            case Format.STEMS:
                return await self._zip_stems(signer)
            case Format.MP3:
                path = await self._download(FileRole.MASTER)
            case Format.FLAC:
                path = await self._lossless()
            case _:
                path = self.workspace / "master.wav"
                await asyncio.to_thread(encoding.wav, await self._lossless(), path, self.monitor)
        await asyncio.to_thread(track_files.tag_and_sign, path, self.metadata, cover, signer)
        return path

    def _find(self, role: FileRole, name: str = "") -> TrackFile | None:
        return next((file for file in self.files if (file.role, file.name) == (role, name)), None)

    async def _download(self, role: FileRole, name: str = "") -> Path:
        file = self._find(role, name)
        if file is None:
            raise _ConversionError(f"track has no {role}")
        path = self.workspace / f"{role}-{name}{Path(file.blob_key).suffix}"
        try:
            return await track_files.download(self.services.blobs, file, path)
        except BlobNotFound:
            raise _ConversionError(f"{role} is missing") from None

    async def _zip_stems(self, signer: c2pa.C2paSigner | None) -> Path:
        """Write a ZIP of all stems. FLAC is compressed already, so entries are stored."""
        target = self.workspace / "stems.zip"
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
            for name in [file.name for file in self.files if file.role is FileRole.STEM]:
                path = await self._download(FileRole.STEM, name)
                metadata = track_files.stem_metadata(self.metadata, name)
                await asyncio.to_thread(track_files.tag_and_sign, path, metadata, None, signer)
                with path.open("rb") as stem, archive.open(zipfile.ZipInfo(f"{name}.flac", _ZIP_EPOCH), "w") as entry:
                    while block := await asyncio.to_thread(stem.read, 1 << 20):
                        entry.write(block)
                path.unlink()
        return target

    async def _lossless(self) -> Path:
        """Return the lossless master, rendered again if the track was stored without one.

        Raises _ConversionError unless the engine gives the same samples, that is, an MP3 equal to the stored one.
        """
        if self._find(FileRole.LOSSLESS):
            return await self._download(FileRole.LOSSLESS)
        engine = self.services.engines.get(self.track.engine)
        if engine is None or engine.version != self.track.engine_version:
            raise _ConversionError("engine version has changed")
        stored = await self._download(FileRole.MASTER)
        made = await rendering.render(self.services, self.job, self.workspace, self.monitor)
        mp3, flac = self.workspace / "again.mp3", self.workspace / "again.flac"
        lead_samples = hls_chunks.lead_samples(made.previous)
        await asyncio.to_thread(encoding.mp3, made.result.master, mp3, self.monitor, lead_samples)
        if _hash_audio(mp3) != _hash_audio(stored):
            raise _ConversionError("engine renders different samples")
        await asyncio.to_thread(encoding.flac, made.result.master, flac, self.monitor)
        return flac


def _hash_audio(mp3: Path) -> str:
    return hashlib.sha256(mpeg.strip_id3(mp3.read_bytes())).hexdigest()
