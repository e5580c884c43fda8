"""Source audio of a remote job: the file that the peer gets, and what it means for the licence of the track."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.licence import Licence, of_derived_work
from core.track_metadata import TrackMetadata, TrackSource
from engines.port import EngineInfo
from engines.remote import decoding
from engines.remote.decoding import UndecodableError
from resolvers.library import reference_audios
from storage.blobs import content_hash
from storage.blobs.port import BlobNotFound
from storage.queries import tracks
from storage.tables import FileRole, Generation, ReferenceAudio, Track
from workers.services import WorkerServices

_GONE: Final = "The source audio was deleted before the music was made."
_UNREADABLE: Final = "The source audio cannot be read."
_EXTRA_SECONDS: Final = 1.0


class UnusableSourceError(Exception):
    """The source audio of a job no longer exists, or cannot be read; the text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """The source of a track, and the licence that it allows for music that is made from it."""

    source: TrackSource
    licence: Licence

    def restrict(self, engine: EngineInfo) -> EngineInfo:
        """Return an engine with the licence of music that it makes from the source."""
        return replace(engine, licence=of_derived_work(engine.licence, self.licence))

    def add_to(self, metadata: TrackMetadata) -> TrackMetadata:
        return replace(metadata, source=self.source)


async def prepare_file(services: WorkerServices, row: Generation, folder: Path) -> Path | None:
    """Return the source as WAV with 16 bits in a folder, None for a job without source.

    It is decoded again, because the files of imported tracks are not of this installation's making. Raises
    UnusableSourceError, Unavailable.
    """
    if row.source is None:
        return None
    blob_key = await _find_blob(services, row)
    if blob_key is None:
        raise UnusableSourceError(_GONE)
    stored, target = folder / f"stored{content_hash.suffix(blob_key)}", folder / "source.wav"
    try:
        with stored.open("wb") as opened:
            async for block in services.blobs.read(blob_key):
                opened.write(block)
    except BlobNotFound:
        raise UnusableSourceError(_GONE) from None
    try:
        await decoding.decode(stored, target, row.source["duration_seconds"] + _EXTRA_SECONDS)
    except UndecodableError:
        raise UnusableSourceError(_UNREADABLE) from None
    return target


async def load_facts(services: WorkerServices, row: Generation) -> SourceFacts | None:
    """Return the facts about the source as they are now, None for a job without source."""
    if row.source is None:
        return None
    task = row.source["task"]
    async with services.database.transaction() as session:
        if row.reference_audio_id is not None:
            upload = await session.get_one(ReferenceAudio, row.reference_audio_id)
            source = TrackSource(
                task,
                upload.sha256 or "",
                reference_audio_id=upload.id,
                basis=upload.basis,
                declared_at=clock.iso(upload.created_at),
            )
            return SourceFacts(source, reference_audios.licence_of(upload))
        track = await session.get_one(Track, row.seed_track_id)
        blob_key = await _find_blob_of_track(session, track)
    metadata = TrackMetadata.from_json(track.papers) if track.papers else None
    licence = Licence(
        track.licence_class,
        track.licence_version,
        track.requires_attribution,
        (metadata.attribution if metadata else None) or "",
    )
    sha256 = content_hash.digest(blob_key) if blob_key else ""
    return SourceFacts(TrackSource(task, sha256, track_id=track.id), licence)


async def _find_blob(services: WorkerServices, row: Generation) -> str | None:
    async with services.database.transaction() as session:
        if row.reference_audio_id is not None:
            return (await session.get_one(ReferenceAudio, row.reference_audio_id)).blob_key
        return await _find_blob_of_track(session, await session.get_one(Track, row.seed_track_id))


async def _find_blob_of_track(session: AsyncSession, track: Track) -> str | None:
    """Return the best file of a track, None if it was deleted."""
    if track.deleted_at is not None:
        return None
    files = {file.role: file.blob_key for file in await tracks.list_files(session, [track.id])}
    return files.get(FileRole.LOSSLESS) or files.get(FileRole.MASTER)
