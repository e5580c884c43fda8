"""Queries on tracks, their files and lineages, and the saving of tracks in libraries."""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, delete, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from storage.postgres.database import Database
from storage.queries import libraries, pagination
from storage.queries.owned import is_owned
from storage.queries.pagination import Position
from storage.tables import Generation, LibraryEntry, Track, TrackFile


async def add(session: AsyncSession, track: Track, files: Sequence[TrackFile]) -> None:
    session.add(track)
    await session.flush()
    await add_files(session, files)


async def add_files(session: AsyncSession, files: Sequence[TrackFile]) -> None:
    """Insert files with one statement: the trigger that counts their bytes runs once for each statement."""
    if files:
        # only a statement that returns rows inserts several
        statement = insert(TrackFile).returning(col(TrackFile.name))
        await session.execute(statement, [file.model_dump() for file in files])


class Lock(StrEnum):
    """Row lock of a track until the end of the transaction. Lock a track before collections."""

    NONE = "none"
    SHARE = "share"  # prevents deletion
    UPDATE = "update"  # also prevents saving


async def find_readable(
    session: AsyncSession, track_id: str, user_id: str, organization_ids: Collection[str], lock: Lock
) -> Track | None:
    """Find a track that the user may read in one of these organizations, and lock it."""
    statement = select(Track).where(col(Track.id) == track_id, is_readable(user_id, organization_ids))
    if lock is not Lock.NONE:
        statement = statement.with_for_update(read=lock is Lock.SHARE, of=Track)
    return await session.scalar(statement)


async def lock_shared(session: AsyncSession, track_id: str) -> Track | None:
    """Prevent the deletion of a track until the end of the transaction; return None if it is deleted already."""
    statement = select(Track).where(col(Track.id) == track_id, col(Track.deleted_at).is_(None))
    return await session.scalar(statement.with_for_update(read=True))


_IS_DOWNLOADABLE: Final = """
SELECT FROM track_files JOIN tracks ON tracks.id = track_files.track_id
WHERE track_files.blob_key = $1 AND tracks.organization_id = $2 AND tracks.deleted_at IS NULL
LIMIT 1
"""


async def is_downloadable(database: Database, blob_key: str, organization_id: str) -> bool:
    """Return whether a track of this organization has this file, in one statement, because each download runs it."""
    return bool(await database.fetch(_IS_DOWNLOADABLE, [blob_key, organization_id]))


_IS_FILE_OF: Final = """
SELECT FROM track_files JOIN tracks ON tracks.id = track_files.track_id
WHERE tracks.id = $2 AND tracks.deleted_at IS NULL AND track_files.blob_key = $1
LIMIT 1
"""


async def is_file_of(database: Database, blob_key: str, track_id: str) -> bool:
    """Return whether this is a file of this track, which is not deleted, in one statement as ``is_downloadable``."""
    return bool(await database.fetch(_IS_FILE_OF, [blob_key, track_id]))


async def list_files(session: AsyncSession, track_ids: Collection[str]) -> Sequence[TrackFile]:
    """List all files of these tracks, by role and name, within a transaction. Otherwise use ``by_id.load_files``."""
    statement = (
        select(TrackFile)
        .where(col(TrackFile.track_id).in_(track_ids))
        .order_by(col(TrackFile.track_id), col(TrackFile.role), col(TrackFile.name))
    )
    return (await session.scalars(statement)).all()


async def save_to_library(session: AsyncSession, entry: LibraryEntry) -> tuple[LibraryEntry, bool]:
    """Insert the entry unless the user has one for this track; return the entry, and whether it is new."""
    values = {**entry.model_dump(), "about": libraries.search_text(entry.track_id, entry.user_id)}
    statement = insert(LibraryEntry).values(values).on_conflict_do_nothing().returning(col(LibraryEntry.id))
    is_new = await session.scalar(statement) is not None
    if is_new:
        await libraries.index_entries(session, col(LibraryEntry.id) == entry.id)
    is_saved = (col(LibraryEntry.user_id) == entry.user_id) & (col(LibraryEntry.track_id) == entry.track_id)
    return (await session.scalars(select(LibraryEntry).where(is_saved))).one(), is_new


async def remove_from_library(session: AsyncSession, track_id: str, user_id: str) -> str | None:
    """Delete the user's entry of a track; return its organization, or None if there is no entry."""
    statement = delete(LibraryEntry).where(col(LibraryEntry.track_id) == track_id, col(LibraryEntry.user_id) == user_id)
    organization_id: str | None = await session.scalar(statement.returning(col(LibraryEntry.organization_id)))
    return organization_id


async def mark_deleted(session: AsyncSession, track_id: str, now: datetime) -> None:
    """Mark a track as deleted and remove it from all libraries. The row remains for audit and billing."""
    await session.execute(update(Track).where(col(Track.id) == track_id).values(deleted_at=now))
    await session.execute(delete(LibraryEntry).where(col(LibraryEntry.track_id) == track_id))


async def list_seed_tracks(
    session: AsyncSession, track_ids: Collection[str], user_id: str, organization_ids: Collection[str]
) -> dict[str, Track]:
    """Return the readable tracks that these tracks continue, by the id of the continuing track."""
    derived = aliased(Track)
    statement = (
        select(col(derived.id), Track)
        .join_from(derived, Generation, col(Generation.id) == col(derived.generation_id))
        .join(Track, col(Track.id) == col(Generation.seed_track_id))
        .where(col(derived.id).in_(track_ids), is_readable(user_id, organization_ids))
    )
    return {row[0]: row[1] for row in (await session.execute(statement)).all()}


async def list_derived_tracks(
    session: AsyncSession,
    track_ids: Collection[str],
    user_id: str,
    organization_ids: Collection[str],
    *,
    limit: int,
    after: Position | None = None,
) -> dict[str, Sequence[Track]]:
    """Return at most ``limit`` readable tracks that continue each track, newest first."""
    conditions = _is_derived(user_id, organization_ids)
    seed_id = col(Generation.seed_track_id)
    return await pagination.newest_of_each(session, Track, seed_id, track_ids, *conditions, limit=limit, after=after)


async def count_derived_tracks(
    session: AsyncSession, track_ids: Collection[str], user_id: str, organization_ids: Collection[str]
) -> dict[str, int]:
    """Count the readable tracks that continue each track."""
    conditions = _is_derived(user_id, organization_ids)
    return await pagination.count_by(session, col(Generation.seed_track_id), track_ids, *conditions)


def is_readable(
    user_id: str | BindParameter[Any], organization_ids: Collection[str] | BindParameter[Any]
) -> ColumnElement[bool]:
    """Match tracks that the user owns or has saved in one of these organizations, without deleted ones."""
    is_saved = exists().where(
        col(LibraryEntry.track_id) == col(Track.id), is_owned(LibraryEntry, user_id, organization_ids)
    )
    return col(Track.deleted_at).is_(None) & or_(is_owned(Track, user_id, organization_ids), is_saved)


def _is_derived(user_id: str, organization_ids: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    """Match a generation and its track, which the user may read."""
    return col(Track.generation_id) == col(Generation.id), is_readable(user_id, organization_ids)
