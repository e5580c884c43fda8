"""Import an archive: each track completely or not at all; existing objects are not changed.

Archives are not trusted. Paths in them are never used as paths of this machine, sizes are limited, documents are
validated before use, and a track is skipped if the hash of one of its files is wrong or if it cannot be decoded. An
imported track is marked with its origin; its licence is unclear unless its receipt has a trusted signature.
"""

import asyncio
import hashlib
import zipfile
import zlib
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock, ids
from core.jobs import TERMINAL, Status
from core.licence import COMMERCIAL
from core.track_metadata import TrackMetadata
from resolvers.access.content_policy import Policy
from resolvers.focus import scheduling
from resolvers.signing.signatures import PublicKeys
from storage.blobs.port import BlobStore
from storage.postgres.database import Database
from storage.queries import archives, tracks
from storage.tables import (
    FileRole,
    FocusSession,
    Generation,
    ImportedReceipt,
    LibraryEntry,
    LibrarySource,
    Track,
    TrackFile,
)
from workers import scratch
from workers.archives import documents, media, merge, origins, records
from workers.archives.documents import FileRecord, Index, IndexedTrack, TrackDocument
from workers.archives.origins import ImportedTrack
from workers.archives.records import ArchiveError
from workers.files import track_files

_BLOCK_BYTES: Final = 1 << 20
_MAX_LISTED: Final = 1000
_EXTRA_BYTES: Final = 64 << 20
_MAX_COMPRESSION_RATIO: Final = 4
"""Audio hardly compresses; a higher ratio indicates a decompression bomb."""

_ENCRYPTED: Final = 0x1
_COMPRESSIONS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


_METADATA_COLUMNS: Final[Mapping[str, str]] = {
    "track_id": "id",
    "licence_class": "licence_class",
    "licence_version": "licence_version",
    "requires_attribution": "requires_attribution",
}
"""Fields of the metadata in files, and the columns of tracks that are equal to them."""


@dataclass(frozen=True, slots=True)
class ImportTarget:
    """The installation and user to import to. With ``keys`` each track needs a receipt signed with one of them."""

    database: Database
    blobs: BlobStore
    user_id: str
    organization_id: str
    policy: Policy
    keys: PublicKeys | None = None
    scratch_dir: Path | None = None


@dataclass(slots=True)
class ImportResult:
    """The numbers of new and of present objects, and a sentence for each of the first 1000 that were skipped."""

    tracks: int = 0
    jobs: int = 0
    sessions: int = 0
    collections: int = 0
    present: int = 0
    skipped: list[str] = field(default_factory=list)
    skipped_unlisted: int = 0

    def add_skipped(self, sentence: str) -> None:
        if len(self.skipped) < _MAX_LISTED:
            self.skipped.append(sentence)
        else:
            self.skipped_unlisted += 1


async def read(archive: Path, target: ImportTarget) -> ImportResult:
    """Import an archive. Raises ArchiveError if it is not an archive at all, Unavailable, OSError."""
    try:
        with zipfile.ZipFile(archive) as opened:
            size_bytes = (await asyncio.to_thread(archive.stat)).st_size
            reader = _ArchiveReader(opened, target, _MAX_COMPRESSION_RATIO * size_bytes + _EXTRA_BYTES)
            index = records.parse(Index, await reader.read_document(documents.INDEX, documents.MAX_INDEX_BYTES))
            await reader.import_all(index)
            return reader.result
    except zipfile.BadZipFile:
        raise ArchiveError("is not a valid ZIP file") from None


@dataclass(slots=True)
class _ArchiveReader:
    archive: zipfile.ZipFile
    target: ImportTarget
    bytes_left: int
    result: ImportResult = field(default_factory=ImportResult)

    async def import_all(self, index: Index) -> None:
        """Import sessions before their segments, and tracks before objects that refer to them."""
        seeds: dict[str, str] = {}
        for session in index.focus_sessions:
            await self._attempt(f"The focus session {_shown(session.get('id'))}", self._import_session(session))
        for indexed in index.tracks:
            what = f"The track {_shown(indexed.id)} ({_shown(indexed.title)})"
            await self._attempt(what, self._import_track(indexed, index.issuer, seeds))
        await self._attempt("The history", self._import_history(seeds))
        for generation_id, seed_track_id in seeds.items():
            async with self.target.database.transaction() as transaction:
                await archives.set_seed_track(transaction, generation_id, seed_track_id, self.target.user_id)
        for document in index.collections:
            what = f"The collection {_shown(document.collection.get('name'))}"
            await self._attempt(what, self._import_collection(document))
        if index.shared_with_you:
            self.result.add_skipped(f"{len(index.shared_with_you)} tracks of other users were skipped.")

    async def read_document(self, path: str, limit: int) -> bytes:
        """Read a small entry into memory. Raises ArchiveError."""
        entry = self._entry(path, limit)
        with _archive_errors(entry), self.archive.open(entry) as opened:
            content = await asyncio.to_thread(opened.read, limit + 1)
        if len(content) > limit:
            raise ArchiveError(f"{path} is larger than its header states")
        return content

    async def _attempt(self, what: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except ArchiveError as error:
            self.result.add_skipped(f"{what} was skipped: {error}.")
        except DBAPIError:
            self.result.add_skipped(f"{what} was skipped: it violates a constraint of the database.")

    async def _import_session(self, content: Mapping[str, Any]) -> None:
        fields = records.parse_fields(records.SessionRecord, content, ids.Kind.FOCUS_SESSION)
        if fields["ended_at"] is None:
            raise ArchiveError("it has not ended")
        async with self.target.database.transaction() as session:
            existing = await session.get(FocusSession, fields["id"])
            if self._is_new(existing, fields):
                session.add(FocusSession(**fields, **self._owner()))
                self.result.sessions += 1

    async def _import_track(self, indexed: IndexedTrack, issuer: str, seeds: dict[str, str]) -> None:
        content = await self.read_document(f"{indexed.folder}/{documents.TRACK}", documents.MAX_DOCUMENT_BYTES)
        document = records.parse(TrackDocument, content)
        fields = records.parse_fields(records.TrackRecord, document.track, ids.Kind.TRACK)
        job = records.parse_fields(records.JobRecord, document.generation, ids.Kind.GENERATION)
        _check_consistency(indexed, fields, job, document.files)
        self._check_policy({"title": fields["title"], "creator": fields["papers"] and fields["papers"]["creator"]})
        receipt = await self._read_receipt(indexed)
        track = origins.build(fields, job["prompt"], document.files, receipt, issuer, self.target.keys)
        if job["seed_track_id"] is not None:
            seeds[job["id"]] = job["seed_track_id"]
        if await self._is_track_present(fields, job["id"], document.files):
            self.result.present += 1
            return
        with scratch.folder(self.target.scratch_dir) as folder:
            files = await self._import_files(document.files, track, folder)
        async with self.target.database.transaction() as session:
            await self._insert_job(session, job)
            await tracks.add(session, Track(**track.fields, generation_id=job["id"], **self._owner()), files)
            if track.receipt is not None:
                session.add(ImportedReceipt(track_id=fields["id"], content=track.receipt))
            if document.library is not None:
                await self._insert_library_entry(session, document.library, fields["id"])
        self.result.tracks += 1

    async def _is_track_present(self, fields: Mapping[str, Any], job_id: str, files: list[FileRecord]) -> bool:
        """Raises ArchiveError if the id of the track or of its job belongs to a different object."""
        async with self.target.database.transaction() as session:
            track = await session.get(Track, fields["id"])
            stored_files = await tracks.list_files(session, [fields["id"]]) if track else []
            job = await session.get(Generation, job_id)
        if track is None and job is None:
            return False
        if track is None:
            raise ArchiveError("its job exists already, without the track")
        if not self._is_owned(track):
            raise ArchiveError("its id belongs to a track of another user")
        if track.deleted_at is not None:
            raise ArchiveError("it was deleted in this installation")
        if not merge.is_same_track(track, stored_files, fields, files) or track.generation_id != job_id:
            raise ArchiveError("its id belongs to a different track")
        return True

    async def _import_files(
        self, records_of_files: Sequence[FileRecord], track: ImportedTrack, folder: Path
    ) -> list[TrackFile]:
        """Unpack and check all files, mark those of a track that is not verified, and store them."""
        duration_seconds = track.fields["measured_duration_seconds"]
        paths = {}
        for number, file in enumerate(records_of_files):
            path = paths[file.role, file.name] = folder / f"{number}{documents.SUFFIXES[file.media_type]}"
            await self._unpack_file(file, path)
            await asyncio.to_thread(media.check, path, file, duration_seconds)
        if not track.is_verified:
            await asyncio.to_thread(_tag_files, paths, track.metadata)
        stored = []
        for file, path in zip(records_of_files, paths.values(), strict=True):
            blob = await self.target.blobs.put(path, path.suffix)
            columns = file.model_dump(include={"role", "name", "media_type", "frames"})
            content: dict[str, Any] = {"blob_key": blob.key, "size_bytes": blob.size_bytes}
            stored.append(TrackFile(track_id=track.fields["id"], **columns, **content))
        return stored

    async def _unpack_file(self, file: FileRecord, path: Path) -> None:
        if file.path is None:
            raise ArchiveError(f"its {file.role.value} {file.name} was missing when the archive was written")
        entry = self._entry(file.path, file.size_bytes)
        if file.size_bytes > self.bytes_left:
            raise ArchiveError("the archive unpacks to more than its size allows")
        digest, size_bytes = await asyncio.to_thread(self._unpack, entry, path, file.size_bytes)
        self.bytes_left -= size_bytes
        if (digest, size_bytes) != (file.sha256, file.size_bytes):
            raise ArchiveError(f"{file.path} does not match its recorded hash and size")

    async def _insert_job(self, session: AsyncSession, job: Mapping[str, Any]) -> None:
        """Insert a job without its seed track, which is set after all tracks exist."""
        if job["session_id"] is not None:
            focus_session = await session.get(FocusSession, job["session_id"])
            if focus_session is None or not self._is_owned(focus_session):
                raise ArchiveError("its focus session does not exist")
        row = Generation(**{**job, "seed_track_id": None}, **self._owner(), imported_at=clock.now())
        if row.session_id is not None:
            try:
                scheduling.segment_from_row(row)
            except ValidationError:
                raise ArchiveError("the plan of its segment is not valid") from None
        session.add(row)
        await session.flush()

    async def _insert_library_entry(self, session: AsyncSession, library: Mapping[str, Any], track_id: str) -> None:
        fields = records.parse_fields(records.EntryRecord, library, ids.Kind.LIBRARY_ENTRY)
        if await session.get(LibraryEntry, fields["id"]) is not None:
            fields["id"] = ids.new(ids.Kind.LIBRARY_ENTRY)
        fields["source"] = LibrarySource.OWN
        await tracks.save_to_library(session, LibraryEntry(**fields, track_id=track_id, **self._owner()))

    async def _import_history(self, seeds: dict[str, str]) -> None:
        entry = self._entry(documents.HISTORY, documents.MAX_HISTORY_BYTES)
        with _archive_errors(entry), self.archive.open(entry) as lines:
            number = 0
            while line := await asyncio.to_thread(lines.readline, documents.MAX_DOCUMENT_BYTES):
                number += 1
                await self._attempt(f"Line {number} of {documents.HISTORY}", self._import_job(line, seeds))

    async def _import_job(self, line: bytes, seeds: dict[str, str]) -> None:
        job = records.parse_fields(records.JobRecord, line, ids.Kind.GENERATION)
        if job["status"] not in TERMINAL:
            raise ArchiveError("it has not ended")
        async with self.target.database.transaction() as session:
            existing = await session.get(Generation, job["id"])
            if self._is_new(existing, job):
                await self._insert_job(session, job)
                self.result.jobs += 1
        if job["seed_track_id"] is not None:
            seeds[job["id"]] = job["seed_track_id"]

    async def _import_collection(self, document: documents.CollectionDocument) -> None:
        fields = records.parse_fields(records.CollectionRecord, document.collection, ids.Kind.COLLECTION)
        self._check_policy({"name": fields["name"], "description": fields["description"]})
        async with self.target.database.transaction() as session:
            skipped_count = await merge.import_collection(session, fields, document.tracks, self._owner())
        self.result.collections += skipped_count is not None
        self.result.present += skipped_count is None
        if skipped_count:
            self.result.add_skipped(
                f"The collection {fields['name']} was imported without {skipped_count} tracks of other users."
            )

    async def _read_receipt(self, indexed: IndexedTrack) -> bytes | None:
        """Return the receipt of a track; None if the archive has none and no keys were given. Raises ArchiveError."""
        try:
            return await self.read_document(f"{indexed.folder}/{documents.RECEIPT}", origins.MAX_RECEIPT_BYTES)
        except ArchiveError:
            if self.target.keys is not None:
                raise
            return None

    def _check_policy(self, texts: Mapping[str, str | None]) -> None:
        """Raise ArchiveError if the content policy refuses a text that may become public."""
        for problem in self.target.policy.check(texts):
            raise ArchiveError(f"its {problem.path[0]} is refused: {problem.message.rstrip('.')}")

    def _is_new(self, existing: Generation | FocusSession | None, fields: Mapping[str, Any]) -> bool:
        """Count an existing equal object as present. Raises ArchiveError if it is a different one."""
        if existing is None:
            return True
        if not self._is_owned(existing) or existing.created_at != fields["created_at"]:
            raise ArchiveError("its id belongs to a different object")
        self.result.present += 1
        return False

    def _entry(self, path: str, limit: int) -> zipfile.ZipInfo:
        """Return the entry with exactly this name. Raises ArchiveError."""
        try:
            entry = self.archive.getinfo(path)
        except KeyError:
            raise ArchiveError(f"{path[:200]!r} is missing") from None
        if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _COMPRESSIONS:
            raise ArchiveError(f"{path[:200]!r} is encrypted or uses an unsupported compression")
        if entry.file_size > limit:
            raise ArchiveError(f"{path[:200]!r} is larger than {limit} bytes")
        return entry

    def _unpack(self, entry: zipfile.ZipInfo, path: Path, limit: int) -> tuple[str, int]:
        """Write an entry to ``path``, up to one block beyond the limit. Return hash and size of what was written."""
        digest, size = hashlib.sha256(), 0
        with _archive_errors(entry), self.archive.open(entry) as opened, path.open("wb") as file:
            while size <= limit and (block := opened.read(_BLOCK_BYTES)):
                digest.update(block)
                file.write(block)
                size += len(block)
        return digest.hexdigest(), size

    def _owner(self) -> dict[str, Any]:
        return {"organization_id": self.target.organization_id, "user_id": self.target.user_id}

    def _is_owned(self, row: Track | Generation | FocusSession) -> bool:
        return (row.user_id, row.organization_id) == (self.target.user_id, self.target.organization_id)


def _shown(text: object) -> str:
    """Return a text of the archive as one short line without control characters."""
    return "".join(character if character.isprintable() else "?" for character in str(text)[:80])


def _tag_files(paths: Mapping[tuple[FileRole, str], Path], metadata: TrackMetadata) -> None:
    """Replace the tags of audio files, which may state another licence and origin."""
    cover = paths.get((FileRole.COVER, "png"))
    picture = cover.read_bytes() if cover else None
    for (role, name), path in paths.items():
        if role in {FileRole.MASTER, FileRole.LOSSLESS}:
            track_files.tag_and_sign(path, metadata, picture, None)
        elif role is FileRole.STEM:
            track_files.tag_and_sign(path, track_files.stem_metadata(metadata, name), None, None)


@contextmanager
def _archive_errors(entry: zipfile.ZipInfo) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        raise ArchiveError(f"{entry.filename[:200]!r} is corrupt") from None


def _check_consistency(
    indexed: IndexedTrack, fields: Mapping[str, Any], job: Mapping[str, Any], files: list[FileRecord]
) -> None:
    if fields["commercial_use"] is not (fields["licence_class"] in COMMERCIAL):
        raise ArchiveError("allows commercial use contrary to its licence class")
    if fields["id"] != indexed.id:
        raise ArchiveError("its folder contains a different track")
    if job["status"] is not Status.SUCCEEDED:
        raise ArchiveError("its job has not succeeded")
    if len({(file.role, file.name) for file in files}) < len(files):
        raise ArchiveError("it lists a file twice")
    if not any(file.role is FileRole.MASTER for file in files):
        raise ArchiveError("it has no master")
    metadata = fields["papers"]
    if metadata is not None and any(metadata[name] != fields[column] for name, column in _METADATA_COLUMNS.items()):
        raise ArchiveError("the metadata of its files states something different")
