"""Writes all that a user has into one archive, file by file; neither a file nor the library is ever held in memory."""

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
from core.focus import SessionStatus
from core.playback_clock import EndReason
from resolvers.receipts import receipts
from resolvers.signing.signatures import Signer
from storage.blobs import content_hash
from storage.blobs.port import BlobNotFound, BlobStore
from storage.postgres.database import Database
from storage.queries import accounts, archives
from storage.queries.archives import ArchivedTrack, Owner
from storage.queries.pagination import Position
from storage.tables import FocusSession, Generation, TrackFile, User
from workers.archives import html_index, names, records

_WRITE_BYTES: Final = 1 << 20
_READABLE: Final = orjson.OPT_INDENT_2
_ZIP64_BYTES: Final = 1 << 30
"""From here on an entry is written so that it may be larger than 4 GiB; smaller ones any program reads."""

_FIRST_MOMENT: Final = (1980, 1, 1, 0, 0, 0)
"""No entry of a ZIP can be older."""

OnProgress = Callable[[float], Awaitable[None]]
"""Hears which part of the whole is done, 0 to 1; may raise to stop the writing."""


@dataclass(frozen=True, slots=True)
class ExportSource:
    """Where the things are, and in whose name their receipts are signed."""

    database: Database
    blobs: BlobStore
    signer: Signer
    issuer: str


@dataclass(slots=True)
class ExportResult:
    """What is in an archive so far. ``missing`` are files that the store has lost, or whose bytes have changed."""

    track_count: int = 0
    job_count: int = 0
    done_bytes: int = 0
    missing: list[str] = field(default_factory=list)
    listed: list[records.IndexedTrack] = field(default_factory=list)
    rows: list[html_index.Row] = field(default_factory=list)


async def ignore_progress(_: float) -> None:
    """Hears nothing."""


async def write(source: ExportSource, owner: Owner, target: Path, tell: OnProgress = ignore_progress) -> ExportResult:
    """Write the archive. Raises Unavailable, OSError."""
    async with source.database.transaction() as session:
        user = await session.get_one(User, owner.user_id)
        organizations = [row.name for row in await accounts.list_organizations(session, owner.organization_ids)]
        _, total_bytes = await archives.count_tracks_and_bytes(session, owner)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        pen = _ArchiveWriter(archive, source, tell, total_bytes)
        async for kept, receipt in _tracks(source, owner):
            await pen.track(kept, receipt)
        await pen.history(_jobs(source.database, owner))
        await pen.index(user, organizations, owner)
    return pen.written


@dataclass(slots=True)
class _ArchiveWriter:
    """Writes into an archive that is open."""

    archive: zipfile.ZipFile
    source: ExportSource
    tell: OnProgress
    total_bytes: int
    written: ExportResult = field(default_factory=ExportResult)

    async def track(self, kept: ArchivedTrack, receipt: receipts.Receipt) -> None:
        """A folder of its own: what is known, the receipt, the files."""
        row, done = kept.track, self.written
        done.track_count += 1
        folder = names.folder(done.track_count, row)
        paths = names.files(folder, row, kept.files)
        missing = []
        for file, path in zip(kept.files, paths, strict=True):
            if not await self._file(file, path, row.created_at):
                missing.append(path)
        document = {
            "track": records.dump(records.TrackRecord, row),
            "generation": _job(kept.generation),
            "library": records.dump(records.EntryRecord, kept.entry) if kept.entry else None,
            "files": [_file_record(file, path, missing) for file, path in zip(kept.files, paths, strict=True)],
        }
        await self._json(f"{folder}/{records.TRACK}", document, row.created_at)
        await self._json(f"{folder}/{records.RECEIPT}", receipt, row.created_at)
        done.missing += missing
        done.listed.append(records.IndexedTrack(id=row.id, title=row.title, folder=folder, missing=missing))
        done.rows.append(html_index.Row.of(row, [path for path in paths if path not in missing]))

    async def history(self, jobs: AsyncIterator[Generation]) -> None:
        """One job a line: those that left no track."""
        with self.archive.open(_entry(records.HISTORY, clock.now(), zipfile.ZIP_DEFLATED), "w") as opened:
            async for job in jobs:
                opened.write(orjson.dumps(_job(job), default=str) + b"\n")
                self.written.job_count += 1

    async def index(self, user: User, organizations: Sequence[str], owner: Owner) -> None:
        """What is in the archive, for programs and for people."""
        now = clock.now()
        async with self.source.database.transaction() as session:
            collections = await archives.list_collections(session, owner)
            sessions = await archives.list_focus_sessions(session, owner)
            shared = await archives.list_shared_entries(session, owner)
        index = {
            "format": records.FORMAT,
            "version": records.VERSION,
            "made_at": now,
            "issuer": self.source.issuer,
            "user": user.name,
            "organizations": list(organizations),
            "tracks": [listed.model_dump() for listed in self.written.listed],
            "collections": [
                {
                    "collection": records.dump(records.CollectionRecord, row),
                    "tracks": [{"track_id": member.track_id, "added_at": member.added_at} for member in members],
                }
                for row, members in collections
            ],
            "focus_sessions": [_session(row, now) for row in sessions],
            "shared_with_you": [
                {
                    "track_id": entry.track_id,
                    "saved_at": entry.created_at,
                    "tags": entry.tags,
                    "is_favourite": entry.is_favourite,
                }
                for entry in shared
            ],
            "jobs": self.written.job_count,
        }
        lists = [(row.name, [member.track_id for member in members]) for row, members in collections]
        await self._json(records.INDEX, index, now)
        page = html_index.render(user.name, now, self.written.rows, lists, self.written.missing)
        await asyncio.to_thread(self.archive.writestr, _entry(records.PAGE, now, zipfile.ZIP_DEFLATED), page)

    async def _file(self, file: TrackFile, path: str, made_at: datetime) -> bool:
        """Whether the file is in the archive now, with the bytes that it is named by."""
        try:
            await self.source.blobs.stat(file.blob_key)
        except BlobNotFound:
            return False
        digest, blocks = hashlib.sha256(), self.source.blobs.read(file.blob_key)
        is_large = file.size_bytes >= _ZIP64_BYTES
        with self.archive.open(_entry(path, made_at), "w", force_zip64=is_large) as opened:
            async for piece in _pieces(blocks):
                await asyncio.to_thread(_put, piece, opened.write, digest.update)
                self.written.done_bytes += len(piece)
                await self.tell(min(self.written.done_bytes / max(self.total_bytes, 1), 1.0))
        return digest.hexdigest() == content_hash.digest(file.blob_key)

    async def _json(self, path: str, document: object, made_at: datetime) -> None:
        content = orjson.dumps(document, default=str, option=_READABLE)
        await asyncio.to_thread(self.archive.writestr, _entry(path, made_at, zipfile.ZIP_DEFLATED), content)


async def _tracks(source: ExportSource, owner: Owner) -> AsyncIterator[tuple[ArchivedTrack, receipts.Receipt]]:
    """A page in each transaction."""
    after: Position | None = None
    while True:
        async with source.database.transaction() as session:
            page = await archives.list_tracks(session, owner, after)
            stated = await receipts.statements(session, [kept.track for kept in page], source.issuer)
        for kept in page:
            yield kept, source.signer.signed(stated[kept.track.id])
        if len(page) < archives.PAGE_SIZE:
            return
        after = page[-1].track.created_at, page[-1].track.id


async def _jobs(database: Database, owner: Owner) -> AsyncIterator[Generation]:
    after: Position | None = None
    while True:
        async with database.transaction() as session:
            page = await archives.list_jobs_without_track(session, owner, after)
        for row in page:
            yield row
        if len(page) < archives.PAGE_SIZE:
            return
        after = page[-1].created_at, page[-1].id


async def _pieces(blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in larger pieces: a thread is not asked for every few kilobytes."""
    gathered: list[bytes] = []
    size = 0
    async for block in blocks:
        gathered.append(block)
        size += len(block)
        if size >= _WRITE_BYTES:
            yield b"".join(gathered)
            gathered, size = [], 0
    if gathered:
        yield b"".join(gathered)


def _put(piece: bytes, *sinks: Callable[[bytes], Any]) -> None:
    for sink in sinks:
        sink(piece)


def _entry(path: str, made_at: datetime, compression: int = zipfile.ZIP_STORED) -> zipfile.ZipInfo:
    """Music is as small as it gets; texts are not."""
    entry = zipfile.ZipInfo(path, max(made_at.timetuple()[:6], _FIRST_MOMENT))
    entry.compress_type = compression
    entry.external_attr = 0o644 << 16
    return entry


def _job(row: Generation) -> dict[str, Any]:
    return records.dump(records.JobRecord, row)


def _session(row: FocusSession, now: datetime) -> dict[str, Any]:
    """Nothing plays on out of an archive: a session that is active ends with it."""
    if row.status is not SessionStatus.ACTIVE:
        return records.dump(records.SessionRecord, row)
    ended = {"status": SessionStatus.ENDED, "end_reason": EndReason.LISTENER, "ended_at": now}
    return records.dump(records.SessionRecord, row, **ended)


def _file_record(file: TrackFile, path: str, missing: Sequence[str]) -> dict[str, Any]:
    return {
        "role": file.role,
        "name": file.name,
        "media_type": file.media_type,
        "size_bytes": file.size_bytes,
        "frames": file.frames,
        "sha256": content_hash.digest(file.blob_key),
        "path": None if path in missing else path,
    }
