"""Brings an archive into an installation: each track whole or not at all, what is there already left as it is.

Nothing in an archive is believed: no path of it is ever a path on our disk, sizes have bounds, documents are checked
before they are used, and each file is what its hash says or its track stays out.
"""

import asyncio
import hashlib
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock, ids
from core.jobs import TERMINAL, Status
from resolvers.receipts import receipts
from resolvers.signing import signatures
from resolvers.signing.signatures import PublicKeys
from storage.blobs.port import BlobStore
from storage.postgres.database import Database
from storage.queries import archives, tracks
from storage.tables import FocusSession, Generation, LibraryEntry, Track, TrackFile
from workers import scratch
from workers.archives import merge, records
from workers.archives.records import ArchiveError, FileRecord, Index, IndexedTrack, TrackDocument

_READ_BYTES: Final = 1 << 20
_TOLD: Final = 1000
_SLACK_BYTES: Final = 64 << 20
_PACKED: Final = 4
"""Music does not get smaller by packing: what grows by more than this was made to fill a disk."""

_ENCRYPTED: Final = 0x1
_PLAIN: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True)
class ImportTarget:
    """Where things go, and to whom. With ``keys`` each track needs a receipt that one of them signed."""

    database: Database
    blobs: BlobStore
    user_id: str
    organization_id: str
    keys: PublicKeys | None = None
    scratch_dir: Path | None = None


@dataclass(slots=True)
class ImportResult:
    """What became of an archive: how many things are new, how many were there, and a sentence for all others."""

    tracks: int = 0
    jobs: int = 0
    sessions: int = 0
    collections: int = 0
    present: int = 0
    skipped: list[str] = field(default_factory=list)
    skipped_unlisted: int = 0

    def add_skipped(self, sentence: str) -> None:
        """Tell of something that did not come; of the first ones in words."""
        if len(self.skipped) < _TOLD:
            self.skipped.append(sentence)
        else:
            self.skipped_unlisted += 1


class ImportConflictError(Exception):
    """The id is taken by something else here."""


async def read(archive: Path, target: ImportTarget) -> ImportResult:
    """Bring everything in that can be. Raises Damaged for what is no archive at all, Unavailable, OSError."""
    try:
        with zipfile.ZipFile(archive) as opened:
            reader = _Reader(opened, target, await asyncio.to_thread(_room_bytes, archive))
            index = records.parse(Index, await reader.document(records.INDEX, records.MAX_INDEX_BYTES))
            await reader.everything(index)
            return reader.done
    except zipfile.BadZipFile:
        raise ArchiveError("is no ZIP archive, or a broken one") from None


@dataclass(slots=True)
class _Reader:
    """Reads from an archive that is open."""

    archive: zipfile.ZipFile
    target: ImportTarget
    room_bytes: int
    done: ImportResult = field(default_factory=ImportResult)

    async def everything(self, index: Index) -> None:
        """Sessions before their segments, tracks before what names them."""
        seeds: dict[str, str] = {}
        for session in index.focus_sessions:
            await self._try(f"The focus session {session.get('id')}", self._session(session))
        for listed in index.tracks:
            await self._try(f"The track {listed.id} ({listed.title})", self._track(listed, seeds))
        await self._try("The history", self._history(seeds))
        for generation_id, seed_track_id in seeds.items():
            async with self.target.database.transaction() as linking:
                await archives.set_seed_track(linking, generation_id, seed_track_id, self.target.user_id)
        for found in index.collections:
            await self._try(f"The collection {found.collection.get('name')}", self._collection(found))
        if index.shared_with_you:
            self.done.add_skipped(f"{len(index.shared_with_you)} tracks that others shared stay with them.")

    async def document(self, path: str, limit: int) -> bytes:
        """A small entry, whole. Raises Damaged."""
        entry = self._entry(path, limit)
        content = await asyncio.to_thread(self._whole, entry, limit)
        if len(content) > limit:
            raise ArchiveError(f"{path} is larger than it says")
        return content

    async def _try(self, what: str, work: Any) -> None:  # noqa: ANN401  a coroutine
        """One thing that comes whole or not at all; why not is told."""
        try:
            await work
        except (ArchiveError, ImportConflictError) as refusal:
            self.done.add_skipped(f"{what} was left out: {refusal}.")
        except DBAPIError:
            self.done.add_skipped(f"{what} was left out: it breaks a rule of the database.")

    async def _session(self, content: Mapping[str, Any]) -> None:
        fields = records.parse_fields(records.SessionRecord, content)
        records.check_id(ids.Kind.FOCUS_SESSION, fields["id"])
        if fields["ended_at"] is None:
            raise ArchiveError("it has not ended")
        async with self.target.database.transaction() as session:
            there = await session.get(FocusSession, fields["id"])
            if there is None:
                session.add(FocusSession(**fields, **self._own()))
                self.done.sessions += 1
            elif not self._is_ours(there) or there.created_at != fields["created_at"]:
                raise ImportConflictError("its id is taken by another one here")
            else:
                self.done.present += 1

    async def _track(self, listed: IndexedTrack, seeds: dict[str, str]) -> None:
        document = records.parse(
            TrackDocument, await self.document(f"{listed.folder}/{records.TRACK}", records.MAX_DOCUMENT_BYTES)
        )
        fields = records.parse_fields(records.TrackRecord, document.track)
        job = records.parse_fields(records.JobRecord, document.generation)
        _check(listed, fields, job, document.files)
        if self.target.keys is not None:
            await self._check_receipt(listed, fields, document.files)
        if job["seed_track_id"] is not None:
            seeds[job["id"]] = job["seed_track_id"]
        if await self._is_there(fields, job["id"], document.files):
            self.done.present += 1
            return
        with scratch.folder(self.target.scratch_dir) as folder:
            files = [await self._file(file, folder / "file", fields["id"]) for file in document.files]
        await self._insert(fields, job, files, document.library)
        self.done.tracks += 1

    async def _is_there(self, fields: Mapping[str, Any], job_id: str, files: list[FileRecord]) -> bool:
        """Whether the very same track is there. Raises Conflict for another one of its id, or of its job's."""
        async with self.target.database.transaction() as session:
            track = await session.get(Track, fields["id"])
            kept = await tracks.list_files(session, [fields["id"]]) if track else []
            job = await session.get(Generation, job_id)
        if track is None and job is None:
            return False
        if track is None:
            raise ImportConflictError("its job is here already, without it")
        if not self._is_ours(track):
            raise ImportConflictError("its id is taken by a track of somebody else's here")
        if track.deleted_at is not None:
            raise ImportConflictError("it was deleted here")
        if not merge.is_same_track(track, kept, fields, files) or track.generation_id != job_id:
            raise ImportConflictError("another track has its id here")
        return True

    async def _file(self, file: FileRecord, scratch_path: Path, track_id: str) -> TrackFile:
        if file.path is None:
            raise ArchiveError(f"its {file.role.value} {file.name} was missing when the archive was written")
        entry = self._entry(file.path, file.size_bytes)
        if file.size_bytes > self.room_bytes:
            raise ArchiveError("the archive holds more than it has room for")
        digest, size_bytes = await asyncio.to_thread(self._unpack, entry, scratch_path, file.size_bytes)
        self.room_bytes -= size_bytes
        if (digest, size_bytes) != (file.sha256, file.size_bytes):
            raise ArchiveError(f"{file.path} is not the file that it was")
        blob = await self.target.blobs.put(scratch_path, records.SUFFIXES[file.media_type])
        return TrackFile(
            track_id=track_id,
            role=file.role,
            name=file.name,
            blob_key=blob.key,
            media_type=file.media_type,
            size_bytes=blob.size_bytes,
            frames=file.frames,
        )

    async def _insert(
        self,
        fields: Mapping[str, Any],
        job: Mapping[str, Any],
        files: list[TrackFile],
        library: Mapping[str, Any] | None,
    ) -> None:
        async with self.target.database.transaction() as session:
            await self._put_job(session, job)
            await tracks.add(session, Track(**fields, generation_id=job["id"], **self._own()), files)
            if library is not None:
                await self._keep(session, library, fields["id"])

    async def _put_job(self, session: AsyncSession, job: Mapping[str, Any]) -> None:
        """What it continues is written down when all tracks are there; its session must be ours."""
        if job["session_id"] is not None:
            there = await session.get(FocusSession, job["session_id"])
            if there is None or not self._is_ours(there):
                raise ImportConflictError("its focus session is not here")
        row = Generation(**{**job, "seed_track_id": None}, **self._own(), imported_at=clock.now())
        session.add(row)
        await session.flush()

    async def _keep(self, session: AsyncSession, library: Mapping[str, Any], track_id: str) -> None:
        fields = records.parse_fields(records.EntryRecord, library)
        records.check_id(ids.Kind.LIBRARY_ENTRY, fields["id"])
        if await session.get(LibraryEntry, fields["id"]) is not None:
            fields["id"] = ids.new(ids.Kind.LIBRARY_ENTRY)
        await tracks.save_to_library(session, LibraryEntry(**fields, track_id=track_id, **self._own()))

    async def _history(self, seeds: dict[str, str]) -> None:
        """The jobs without a track, a line each."""
        entry = self._entry(records.HISTORY, records.MAX_HISTORY_BYTES)
        with _whole_entry(entry), self.archive.open(entry) as lines:
            number = 0
            while line := await asyncio.to_thread(lines.readline, records.MAX_DOCUMENT_BYTES):
                number += 1
                await self._try(f"Line {number} of {records.HISTORY}", self._job(line, seeds))

    async def _job(self, line: bytes, seeds: dict[str, str]) -> None:
        job = records.parse(records.JobRecord, line).model_dump()
        records.check_id(ids.Kind.GENERATION, job["id"])
        if job["status"] not in TERMINAL:
            raise ArchiveError("it has not ended")
        async with self.target.database.transaction() as session:
            there = await session.get(Generation, job["id"])
            if there is None:
                await self._put_job(session, job)
                self.done.jobs += 1
            elif not self._is_ours(there) or there.created_at != job["created_at"]:
                raise ImportConflictError("its id is taken by another one here")
            else:
                self.done.present += 1
        if job["seed_track_id"] is not None:
            seeds[job["id"]] = job["seed_track_id"]

    async def _collection(self, found: records.CollectionDocument) -> None:
        fields = records.parse_fields(records.CollectionRecord, found.collection)
        records.check_id(ids.Kind.COLLECTION, fields["id"])
        async with self.target.database.transaction() as session:
            put = await merge.import_collection(session, fields, found.tracks, self._own())
        if put.is_conflict:
            raise ImportConflictError("another one has its id here")
        self.done.collections += put.is_new
        self.done.present += not put.is_new
        if put.skipped_count:
            self.done.add_skipped(
                f"The collection {fields['name']} is without {put.skipped_count} tracks not yours here."
            )

    async def _check_receipt(self, listed: IndexedTrack, fields: Mapping[str, Any], files: list[FileRecord]) -> None:
        """The licence is what the keys' holder said that it is. Raises Damaged."""
        content = await self.document(f"{listed.folder}/{records.RECEIPT}", records.MAX_DOCUMENT_BYTES)
        receipt = records.parse(merge.AnyDocument, content).root
        if not signatures.is_genuine(receipt, self.target.keys or {}):
            raise ArchiveError("its receipt was not signed with any of the keys")
        track = Track(**fields, generation_id="", **self._own())
        said = receipts.statement(track, [], "", "")
        if any(receipt.get(name) != said[name] for name in merge.RECEIPT_FIELDS):
            raise ArchiveError("its receipt says otherwise")
        told = {entry["sha256"] for entry in receipt["files"]}
        if not {file.sha256 for file in files} <= told:
            raise ArchiveError("it has files that its receipt does not tell of")

    def _entry(self, path: str, limit: int) -> zipfile.ZipInfo:
        """An entry by its exact name. Raises Damaged."""
        try:
            entry = self.archive.getinfo(path)
        except KeyError:
            raise ArchiveError(f"{path[:200]!r} is missing") from None
        if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _PLAIN:
            raise ArchiveError(f"{path[:200]!r} is packed in a way that is not read here")
        if entry.file_size > limit:
            raise ArchiveError(f"{path[:200]!r} is too large")
        return entry

    def _whole(self, entry: zipfile.ZipInfo, limit: int) -> bytes:
        with _whole_entry(entry), self.archive.open(entry) as opened:
            return opened.read(limit + 1)

    def _unpack(self, entry: zipfile.ZipInfo, path: Path, limit: int) -> tuple[str, int]:
        """Hash and size of what was written; no more than the limit and a block."""
        digest, size = hashlib.sha256(), 0
        with _whole_entry(entry), self.archive.open(entry) as opened, path.open("wb") as file:
            while size <= limit and (block := opened.read(_READ_BYTES)):
                digest.update(block)
                file.write(block)
                size += len(block)
        return digest.hexdigest(), size

    def _own(self) -> dict[str, Any]:
        return {"organization_id": self.target.organization_id, "user_id": self.target.user_id}

    def _is_ours(self, row: Track | Generation | FocusSession) -> bool:
        return (row.user_id, row.organization_id) == (self.target.user_id, self.target.organization_id)


def _room_bytes(archive: Path) -> int:
    return _PACKED * archive.stat().st_size + _SLACK_BYTES


@contextmanager
def _whole_entry(entry: zipfile.ZipInfo) -> Iterator[None]:
    """Say what is broken. Raises Damaged."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        raise ArchiveError(f"{entry.filename[:200]!r} is broken") from None


def _check(listed: IndexedTrack, fields: Mapping[str, Any], job: Mapping[str, Any], files: list[FileRecord]) -> None:
    """What belongs together. Raises Damaged."""
    records.check_id(ids.Kind.TRACK, fields["id"])
    records.check_id(ids.Kind.GENERATION, job["id"])
    records.check_licence(fields)
    if fields["id"] != listed.id:
        raise ArchiveError("its folder holds another track")
    if job["status"] is not Status.SUCCEEDED:
        raise ArchiveError("its job has not succeeded")
    if len({(file.role, file.name) for file in files}) < len(files):
        raise ArchiveError("it has a file twice")
