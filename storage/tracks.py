"""Queries on tracks, their files, and the library entries of users."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.jobs import Mode
from storage.tables import CollectionTrack, LibraryEntry, Track, TrackFile


@dataclass(frozen=True, slots=True)
class Only:
    """What a library is narrowed to; nothing when all is None."""

    mode: Mode | None = None
    engine: str | None = None
    collection_id: str | None = None


async def add(session: AsyncSession, track: Track, files: Sequence[TrackFile]) -> None:
    """Insert a track with its files."""
    session.add(track)
    await session.flush()
    session.add_all(files)
    await session.flush()


class Lock(StrEnum):
    """How a track is held until the end of the transaction. Who also locks collections locks the track first."""

    NONE = "none"
    KEEP = "keep"  # nobody deletes it meanwhile
    CHANGE = "change"  # nobody keeps or deletes it meanwhile


async def readable(
    session: AsyncSession,
    track_ids: Collection[str],
    user_id: str,
    organization_ids: Collection[str],
    lock: Lock = Lock.NONE,
) -> Sequence[Track]:
    """Those of the tracks that this user made or saved in one of these organizations, and that are not deleted."""
    statement = select(Track).where(
        col(Track.id).in_(track_ids), col(Track.deleted_at).is_(None), _is_within(user_id, organization_ids)
    )
    if lock is not Lock.NONE:
        statement = statement.with_for_update(read=lock is Lock.KEEP, of=Track)
    return (await session.scalars(statement)).all()


async def alive(session: AsyncSession, track_id: str, lock: Lock = Lock.NONE) -> Track | None:
    """The track whoever made it, unless deleted; for share links."""
    statement = select(Track).where(col(Track.id) == track_id, col(Track.deleted_at).is_(None))
    return await session.scalar(statement if lock is Lock.NONE else statement.with_for_update(read=True))


async def is_within_reach(session: AsyncSession, blob_key: str) -> bool:
    """Whether a track that is not deleted has this file."""
    statement = (
        select(TrackFile)
        .join(Track, col(Track.id) == col(TrackFile.track_id))
        .where(col(TrackFile.blob_key) == blob_key, col(Track.deleted_at).is_(None))
    )
    return bool(await session.scalar(select(statement.exists())))


async def of_generations(session: AsyncSession, generation_ids: Collection[str]) -> Sequence[Track]:
    """What these jobs made, deleted tracks too."""
    statement = select(Track).where(col(Track.generation_id).in_(generation_ids))
    return (await session.scalars(statement)).all()


async def files(session: AsyncSession, track_ids: Collection[str]) -> Sequence[TrackFile]:
    """All files of these tracks, by role and name."""
    statement = (
        select(TrackFile)
        .where(col(TrackFile.track_id).in_(track_ids))
        .order_by(col(TrackFile.track_id), col(TrackFile.role), col(TrackFile.name))
    )
    return (await session.scalars(statement)).all()


async def save(session: AsyncSession, entry: LibraryEntry) -> tuple[LibraryEntry, bool]:
    """The user's entry of this track, and whether it was made just now."""
    statement = insert(LibraryEntry).values(entry.model_dump()).on_conflict_do_nothing().returning(col(LibraryEntry.id))
    is_new = await session.scalar(statement) is not None
    found = select(LibraryEntry).where(
        col(LibraryEntry.user_id) == entry.user_id, col(LibraryEntry.track_id) == entry.track_id
    )
    return (await session.scalars(found)).one(), is_new


async def unsave(session: AsyncSession, track_id: str, user_id: str) -> None:
    """Remove the user's entry, if there is one."""
    await session.execute(
        delete(LibraryEntry).where(col(LibraryEntry.track_id) == track_id, col(LibraryEntry.user_id) == user_id)
    )


async def library(
    session: AsyncSession,
    organization_id: str,
    user_id: str,
    only: Only,
    *,
    limit: int,
    offset: int = 0,
    after: tuple[datetime, str] | None = None,
) -> Sequence[tuple[LibraryEntry, Track]]:
    """Saved tracks, newest save first."""
    saved, entry_id = col(LibraryEntry.created_at), col(LibraryEntry.id)
    statement = (
        select(LibraryEntry, Track)
        .join(Track, col(Track.id) == col(LibraryEntry.track_id))
        .where(*_saved(organization_id, user_id, only))
    )
    if after is not None:
        moment, last = after
        statement = statement.where(or_(saved < moment, (saved == moment) & (entry_id < last)))
    statement = statement.order_by(saved.desc(), entry_id.desc()).limit(limit).offset(offset)
    return [(row[0], row[1]) for row in (await session.execute(statement)).all()]


async def count(session: AsyncSession, organization_id: str, user_id: str, only: Only) -> int:
    """How many tracks ``library`` has in all."""
    statement = (
        select(func.count())
        .select_from(LibraryEntry)
        .join(Track, col(Track.id) == col(LibraryEntry.track_id))
        .where(*_saved(organization_id, user_id, only))
    )
    return await session.scalar(statement) or 0


async def mark_deleted(session: AsyncSession, track_id: str, now: datetime) -> None:
    """Take a track from public reach: out of every library, its row kept for audit and billing."""
    await session.execute(update(Track).where(col(Track.id) == track_id).values(deleted_at=now))
    await session.execute(delete(LibraryEntry).where(col(LibraryEntry.track_id) == track_id))


def _saved(organization_id: str, user_id: str, only: Only) -> list[ColumnElement[bool]]:
    conditions = [col(LibraryEntry.organization_id) == organization_id, col(LibraryEntry.user_id) == user_id]
    if only.mode is not None:
        conditions.append(col(Track.mode) == only.mode)
    if only.engine is not None:
        conditions.append(col(Track.engine) == only.engine)
    if only.collection_id is not None:
        conditions.append(
            exists().where(
                col(CollectionTrack.collection_id) == only.collection_id, col(CollectionTrack.track_id) == col(Track.id)
            )
        )
    return conditions


def _is_within(user_id: str, organization_ids: Collection[str]) -> ColumnElement[bool]:
    is_own = (col(Track.user_id) == user_id) & col(Track.organization_id).in_(organization_ids)
    is_saved = exists().where(
        col(LibraryEntry.track_id) == col(Track.id),
        col(LibraryEntry.user_id) == user_id,
        col(LibraryEntry.organization_id).in_(organization_ids),
    )
    return or_(is_own, is_saved)
