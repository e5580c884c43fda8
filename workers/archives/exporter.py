"""Write a user's library to a ZIP archive, in blocks, so that memory use does not grow with the library."""

import asyncio
import hashlib
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson

from core import clock
from core.focus import EndReason, SessionStatus
from resolvers.receipts import receipts
from resolvers.signing.signatures import Signer
from storage.blobs import content_hash
from storage.blobs.port import BlobNotFound, BlobStore
from storage.postgres.database import Database
from storage.queries import accounts, archives
from storage.queries import receipts as receipt_rows
from storage.queries.archives import ArchivedTrack, Owner
from storage.queries.pagination import Position
from storage.tables import FocusSession, Generation, ReferenceAudio, User
from workers.archives import documents, layout, records

_BLOCK_BYTES: Final = 1 << 20
_ZIP64_BYTES: Final = 1 << 30
"""Entries from this size on use ZIP64, which allows more than 4 GiB. Some programs cannot read ZIP64."""

_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest modification time that a ZIP entry can have."""

OnProgress = Callable[[float], Awaitable[None]]
"""Receives the share that is done, 0 to 1. It may raise an error to stop the export."""


@dataclass(frozen=True, slots=True)
class ExportSource:
    """The installation to export from, and the signer and issuer of its receipts."""

    database: Database
    blobs: BlobStore
    signer: Signer
    issuer: str


@dataclass(slots=True)
class ExportResult:
    """The content of an archive. ``missing`` lists files that the blob store has lost or whose hash is wrong."""

    track_count: int = 0
    job_count: int = 0
    done_bytes: int = 0
    missing: list[str] = field(default_factory=list)
    indexed: list[documents.IndexedTrack] = field(default_factory=list)
    html_sections: list[str] = field(default_factory=list)


async def ignore_progress(_: float) -> None:
    pass


async def write(
    source: ExportSource, owner: Owner, target: Path, on_progress: OnProgress = ignore_progress
) -> ExportResult:
    """Write an archive of everything that the owner has, or of selected tracks. Raises Unavailable, OSError."""
    async with source.database.transaction() as session:
        user = await session.get_one(User, owner.user_id)
        organizations = [row.name for row in await accounts.list_organizations(session, owner.organization_ids)]
        _, total_bytes = await archives.count_tracks_and_bytes(session, owner)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        writer = _ArchiveWriter(archive, source, on_progress, total_bytes)
        async for track, receipt in _tracks(source, owner):
            await writer.write_track(track, receipt)
        await writer.write_history(_jobs(source.database, owner))
        async with source.database.transaction() as session:
            uploads = await archives.list_reference_audios(session, owner) if owner.track_ids is None else []
        await writer.write_reference_audios(uploads)
        await writer.write_index(user, organizations, owner)
    return writer.result


@dataclass(slots=True)
class _ArchiveWriter:
    archive: zipfile.ZipFile
    source: ExportSource
    on_progress: OnProgress
    total_bytes: int
    result: ExportResult = field(default_factory=ExportResult)

    async def write_track(self, archived: ArchivedTrack, receipt: bytes | None) -> None:
        """Write a folder with the track's record, receipt (if it has one) and files."""
        row, result = archived.track, self.result
        result.track_count += 1
        folder = layout.folder_name(result.track_count, row)
        paths = layout.file_paths(folder, row, archived.files)
        missing, files = [], []
        for file, path in zip(archived.files, paths, strict=True):
            is_written = await self._write_file(file.blob_key, path, row.created_at)
            stored = {"sha256": content_hash.digest(file.blob_key), "path": path if is_written else None}
            files.append(records.dump(documents.FileRecord, file, **stored))
            if not is_written:
                missing.append(path)
        document = {
            "track": records.dump(records.TrackRecord, row),
            "generation": records.dump(records.JobRecord, archived.generation),
            "library": records.dump(records.EntryRecord, archived.entry) if archived.entry else None,
            "files": files,
        }
        await self._write_json(f"{folder}/{documents.TRACK}", document, row.created_at)
        if receipt is not None:
            await self._write_text(f"{folder}/{documents.RECEIPT}", receipt, row.created_at)
        result.missing += missing
        result.indexed.append(documents.IndexedTrack(id=row.id, title=row.title, folder=folder, missing=missing))
        result.html_sections.append(layout.render_track(row, [path for path in paths if path not in missing]))

    async def write_history(self, jobs: AsyncIterator[Generation]) -> None:
        """Write the jobs without a track, one JSON document per line."""
        with self.archive.open(_entry(documents.HISTORY, clock.now(), zipfile.ZIP_DEFLATED), "w") as opened:
            async for job in jobs:
                opened.write(orjson.dumps(records.dump(records.JobRecord, job), default=str) + b"\n")
                self.result.job_count += 1

    async def write_reference_audios(self, rows: Sequence[ReferenceAudio]) -> None:
        """Write uploads with their declarations of rights. An import leaves them out: a declaration is personal."""
        found = []
        for number, row in enumerate(rows, 1):
            path = f"{documents.REFERENCE_AUDIOS}/{number:03}.flac" if row.blob_key else None
            if row.blob_key and path and not await self._write_file(row.blob_key, path, row.created_at):
                self.result.missing.append(path)
            found.append({**row.model_dump(exclude={"organization_id", "user_id", "blob_key"}), "path": path})
        if found:
            await self._write_json(f"{documents.REFERENCE_AUDIOS}/declarations.json", found, clock.now())

    async def write_index(self, user: User, organizations: Sequence[str], owner: Owner) -> None:
        now = clock.now()
        async with self.source.database.transaction() as session:
            is_whole = owner.track_ids is None
            collections = await archives.list_collections(session, owner) if is_whole else []
            sessions = await archives.list_focus_sessions(session, owner)
            shared = await archives.list_shared_entries(session, owner) if is_whole else []
        index = {
            "format": documents.FORMAT,
            "version": documents.VERSION,
            "made_at": now,
            "issuer": self.source.issuer,
            "user": user.name,
            "organizations": list(organizations),
            "tracks": [indexed.model_dump() for indexed in self.result.indexed],
            "collections": [
                {
                    "collection": records.dump(records.CollectionRecord, row),
                    "tracks": [records.dump(documents.Member, member) for member in members],
                }
                for row, members in collections
            ],
            "focus_sessions": [_session_record(row, now) for row in sessions],
            "shared_with_you": [
                records.dump(documents.SharedTrack, entry, saved_at=entry.created_at) for entry in shared
            ],
            "jobs": self.result.job_count,
        }
        await self._write_json(documents.INDEX, index, now)
        lists = [(row.name, [member.track_id for member in members]) for row, members in collections]
        titles = {indexed.id: indexed.title or indexed.id for indexed in self.result.indexed}
        page = layout.render_page(user.name, now, self.result.html_sections, titles, lists, self.result.missing)
        await asyncio.to_thread(self.archive.writestr, _entry(documents.PAGE, now, zipfile.ZIP_DEFLATED), page)

    async def _write_file(self, blob_key: str, path: str, made_at: datetime) -> bool:
        """Return whether the file could be written with the content that its key names."""
        try:
            blob = await self.source.blobs.stat(blob_key)
        except BlobNotFound:
            return False
        digest = hashlib.sha256()

        def write(block: bytes) -> None:
            opened.write(block)
            digest.update(block)

        is_large = blob.size_bytes >= _ZIP64_BYTES
        with self.archive.open(_entry(path, made_at), "w", force_zip64=is_large) as opened:
            async for block in _large_blocks(self.source.blobs.read(blob_key)):
                await asyncio.to_thread(write, block)
                self.result.done_bytes += len(block)
                await self.on_progress(min(self.result.done_bytes / max(self.total_bytes, 1), 1.0))
        return digest.hexdigest() == content_hash.digest(blob_key)

    async def _write_json(self, path: str, document: object, made_at: datetime) -> None:
        await self._write_text(path, orjson.dumps(document, default=str, option=orjson.OPT_INDENT_2), made_at)

    async def _write_text(self, path: str, content: bytes, made_at: datetime) -> None:
        await asyncio.to_thread(self.archive.writestr, _entry(path, made_at, zipfile.ZIP_DEFLATED), content)


async def _tracks(source: ExportSource, owner: Owner) -> AsyncIterator[tuple[ArchivedTrack, bytes | None]]:
    """Yield the owner's tracks with their receipts, reading one page per transaction.

    Imported tracks have their receipts as they came: this installation signs those of its own tracks only.
    """
    after: Position | None = None
    while True:
        async with source.database.transaction() as session:
            page = await archives.list_tracks(session, owner, after)
            rows = [archived.track for archived in page]
            own = [row for row in rows if row.origin is None]
            statements = await receipts.load_statements(session, own, source.issuer)
            imported = await receipt_rows.load_imported(session, [row.id for row in rows if row.origin is not None])
        documents = {track_id: content.encode() for track_id, content in imported.items()}
        for track_id, statement in statements.items():
            documents[track_id] = orjson.dumps(source.signer.sign(statement), option=orjson.OPT_INDENT_2)
        for archived in page:
            yield archived, documents.get(archived.track.id)
        if len(page) < archives.PAGE_SIZE:
            return
        after = page[-1].track.created_at, page[-1].track.id


async def _jobs(database: Database, owner: Owner) -> AsyncIterator[Generation]:
    after: Position | None = None
    while owner.track_ids is None:
        async with database.transaction() as session:
            page = await archives.list_jobs_without_track(session, owner, after)
        for row in page:
            yield row
        if len(page) < archives.PAGE_SIZE:
            return
        after = page[-1].created_at, page[-1].id


async def _large_blocks(blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Merge blocks, because handing every few kilobytes to a thread is slow."""
    buffer = bytearray()
    async for block in blocks:
        buffer += block
        if len(buffer) >= _BLOCK_BYTES:
            yield bytes(buffer)
            buffer.clear()
    if buffer:
        yield bytes(buffer)


def _entry(path: str, made_at: datetime, compression: int = zipfile.ZIP_STORED) -> zipfile.ZipInfo:
    """Return a ZIP entry. Encoded audio is stored, because it cannot be compressed further."""
    entry = zipfile.ZipInfo(path, max(made_at.timetuple()[:6], _EARLIEST))
    entry.compress_type = compression
    entry.external_attr = 0o644 << 16
    return entry


def _session_record(row: FocusSession, now: datetime) -> dict[str, Any]:
    """Return a record of the session; active sessions are recorded as ended, because they cannot be resumed."""
    if row.status is not SessionStatus.ACTIVE:
        return records.dump(records.SessionRecord, row)
    ended = {"status": SessionStatus.ENDED, "end_reason": EndReason.LISTENER, "ended_at": now}
    return records.dump(records.SessionRecord, row, **ended)
