"""Queries on tracks, their files, and the library entries of users."""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, delete, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from storage.postgres.database import Database
from storage.queries import libraries
from storage.tables import LibraryEntry, Track, TrackFile
from storage.tables.columns import is_any_of


async def add(session: AsyncSession, track: Track, files: Sequence[TrackFile]) -> None:
    """Insert a track with its files."""
    session.add(track)
    await session.flush()
    session.add_all(files)
    await session.flush()


class Lock(StrEnum):
    """How a track is held until the end of the transaction. Who also locks collections locks the track first."""

    NONE = "none"
    SHARE = "keep"  # nobody deletes it meanwhile
    UPDATE = "change"  # nobody keeps or deletes it meanwhile


async def list_readable(
    session: AsyncSession,
    track_ids: Collection[str],
    user_id: str,
    organization_ids: Collection[str],
    lock: Lock = Lock.NONE,
) -> Sequence[Track]:
    """Those of the tracks that this user made or saved in one of these organizations, and that are not deleted."""
    statement = select(Track).where(col(Track.id).in_(track_ids), is_readable(user_id, organization_ids))
    if lock is not Lock.NONE:
        statement = statement.with_for_update(read=lock is Lock.SHARE, of=Track)
    return (await session.scalars(statement)).all()


async def find(session: AsyncSession, track_id: str, lock: Lock = Lock.NONE) -> Track | None:
    """The track whoever made it, unless deleted; for share links."""
    statement = select(Track).where(col(Track.id) == track_id, col(Track.deleted_at).is_(None))
    return await session.scalar(statement if lock is Lock.NONE else statement.with_for_update(read=True))


_IS_DOWNLOADABLE: Final = """
SELECT FROM track_files JOIN tracks ON tracks.id = track_files.track_id
WHERE track_files.blob_key = $1 AND tracks.organization_id = $2 AND tracks.deleted_at IS NULL
LIMIT 1
"""


async def is_downloadable(database: Database, blob_key: str, organization_id: str) -> bool:
    """Whether a track of this organization that is not deleted has this file. Asked at each fetch: one statement."""
    return bool(await database.fetch(_IS_DOWNLOADABLE, [blob_key, organization_id]))


async def list_files(session: AsyncSession, track_ids: Collection[str]) -> Sequence[TrackFile]:
    """All files of these tracks, by role and name."""
    statement = (
        select(TrackFile)
        .where(col(TrackFile.track_id).in_(track_ids))
        .order_by(col(TrackFile.track_id), col(TrackFile.role), col(TrackFile.name))
    )
    return (await session.scalars(statement)).all()


async def save_to_library(session: AsyncSession, entry: LibraryEntry) -> tuple[LibraryEntry, bool]:
    """The user's entry of this track, and whether it was made just now."""
    values = {**entry.model_dump(), "about": libraries.search_text(entry.track_id, entry.user_id)}
    statement = insert(LibraryEntry).values(values).on_conflict_do_nothing().returning(col(LibraryEntry.id))
    is_new = await session.scalar(statement) is not None
    found = select(LibraryEntry).where(
        col(LibraryEntry.user_id) == entry.user_id, col(LibraryEntry.track_id) == entry.track_id
    )
    return (await session.scalars(found)).one(), is_new


async def remove_from_library(session: AsyncSession, track_id: str, user_id: str) -> str | None:
    """Remove the user's entry; the organization whose library it was in, None when there is no entry."""
    statement = delete(LibraryEntry).where(col(LibraryEntry.track_id) == track_id, col(LibraryEntry.user_id) == user_id)
    organization_id: str | None = await session.scalar(statement.returning(col(LibraryEntry.organization_id)))
    return organization_id


async def mark_deleted(session: AsyncSession, track_id: str, now: datetime) -> None:
    """Take a track from public reach: out of every library, its row kept for audit and billing."""
    await session.execute(update(Track).where(col(Track.id) == track_id).values(deleted_at=now))
    await session.execute(delete(LibraryEntry).where(col(LibraryEntry.track_id) == track_id))


def is_readable(
    user_id: str | BindParameter[Any], organization_ids: Collection[str] | BindParameter[Any]
) -> ColumnElement[bool]:
    """Whether this user made or saved the track in one of these organizations, and it is not deleted."""
    is_own = (col(Track.user_id) == user_id) & is_any_of(col(Track.organization_id), organization_ids)
    is_saved = exists().where(
        col(LibraryEntry.track_id) == col(Track.id),
        col(LibraryEntry.user_id) == user_id,
        is_any_of(col(LibraryEntry.organization_id), organization_ids),
    )
    return col(Track.deleted_at).is_(None) & or_(is_own, is_saved)
