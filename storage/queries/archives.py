"""Queries on all that a user has, page by page: nobody holds a transaction open while an archive is written."""

from collections.abc import Collection as Many
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, tuple_, union, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.jobs import TERMINAL
from storage.tables import (
    Collection,
    CollectionTrack,
    FileRole,
    FocusSession,
    Generation,
    LibraryEntry,
    Membership,
    Track,
    TrackFile,
)

Position = tuple[datetime, str]

PAGE = 50

_IS_ORIGINAL = col(TrackFile.role) != FileRole.DOWNLOAD
"""Other formats are made again where somebody asks for them."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose things, and in which organizations."""

    user_id: str
    organization_ids: Many[str]


@dataclass(frozen=True, slots=True)
class ArchivedTrack:
    """A track with the job that made it, its maker's library entry and its files."""

    track: Track
    generation: Generation
    entry: LibraryEntry | None
    files: Sequence[TrackFile]


async def list_organization_ids(session: AsyncSession, user_id: str) -> Sequence[str]:
    """The organizations that a user belongs to or has anything in: tokens tell memberships that no row does."""
    tables = (Membership, Generation, Collection, LibraryEntry, FocusSession)
    named = [select(col(table.organization_id)).where(col(table.user_id) == user_id) for table in tables]
    return (await session.scalars(union(*named).order_by("organization_id"))).all()


async def count_tracks_and_bytes(session: AsyncSession, owner: Owner) -> tuple[int, int]:
    """How many tracks the owner has made and not deleted, and how many bytes their files have."""
    tracks = await session.scalar(select(func.count()).where(*_is_owned(Track, owner), col(Track.deleted_at).is_(None)))
    total = select(func.sum(col(TrackFile.size_bytes))).join(Track, col(Track.id) == col(TrackFile.track_id))
    total = total.where(*_is_owned(Track, owner), col(Track.deleted_at).is_(None), _IS_ORIGINAL)
    size_bytes = await session.scalar(total)
    return tracks or 0, int(size_bytes or 0)


async def tracks_page(session: AsyncSession, owner: Owner, after: Position | None) -> list[ArchivedTrack]:
    """The owner's tracks, oldest first."""
    keys = (col(Track.created_at), col(Track.id))
    statement = (
        select(Track, Generation, LibraryEntry)
        .join(Generation, col(Generation.id) == col(Track.generation_id))
        .outerjoin(
            LibraryEntry,
            (col(LibraryEntry.track_id) == col(Track.id)) & (col(LibraryEntry.user_id) == owner.user_id),
        )
        .where(*_is_owned(Track, owner), col(Track.deleted_at).is_(None))
        .order_by(*keys)
        .limit(PAGE)
    )
    if after is not None:
        statement = statement.where(tuple_(*keys) > tuple_(*after))
    rows = (await session.execute(statement)).all()
    files: dict[str, list[TrackFile]] = {row[0].id: [] for row in rows}
    found = select(TrackFile).where(col(TrackFile.track_id).in_(files), _IS_ORIGINAL)
    for file in await session.scalars(found.order_by(col(TrackFile.role), col(TrackFile.name))):
        files[file.track_id].append(file)
    return [ArchivedTrack(track, generation, entry, files[track.id]) for track, generation, entry in rows]


async def jobs_without_track_page(session: AsyncSession, owner: Owner, after: Position | None) -> Sequence[Generation]:
    """The owner's jobs that have ended and left no track that is still there, oldest first."""
    keys = (col(Generation.created_at), col(Generation.id))
    has_track = select(Track).where(col(Track.generation_id) == col(Generation.id), col(Track.deleted_at).is_(None))
    statement = (
        select(Generation)
        .where(*_is_owned(Generation, owner), col(Generation.status).in_(TERMINAL), ~has_track.exists())
        .order_by(*keys)
        .limit(PAGE)
    )
    if after is not None:
        statement = statement.where(tuple_(*keys) > tuple_(*after))
    return (await session.scalars(statement)).all()


async def list_collections(session: AsyncSession, owner: Owner) -> list[tuple[Collection, Sequence[CollectionTrack]]]:
    """The owner's collections with their members in order, oldest first."""
    statement = select(Collection).where(*_is_owned(Collection, owner), col(Collection.deleted_at).is_(None))
    rows = (await session.scalars(statement.order_by(col(Collection.created_at), col(Collection.id)))).all()
    return [(row, await list_members(session, row.id)) for row in rows]


async def list_members(session: AsyncSession, collection_id: str) -> Sequence[CollectionTrack]:
    """The members of a collection in order, but for deleted tracks."""
    statement = (
        select(CollectionTrack)
        .join(Track, col(Track.id) == col(CollectionTrack.track_id))
        .where(col(CollectionTrack.collection_id) == collection_id, col(Track.deleted_at).is_(None))
        .order_by(col(CollectionTrack.position))
    )
    return (await session.scalars(statement)).all()


async def list_focus_sessions(session: AsyncSession, owner: Owner) -> Sequence[FocusSession]:
    """The owner's focus sessions, oldest first."""
    statement = select(FocusSession).where(*_is_owned(FocusSession, owner))
    return (await session.scalars(statement.order_by(col(FocusSession.created_at), col(FocusSession.id)))).all()


async def list_shared_entries(session: AsyncSession, owner: Owner) -> Sequence[LibraryEntry]:
    """What the owner keeps of others."""
    statement = (
        select(LibraryEntry)
        .join(Track, col(Track.id) == col(LibraryEntry.track_id))
        .where(*_is_owned(LibraryEntry, owner), col(Track.user_id) != owner.user_id)
    )
    return (await session.scalars(statement.order_by(col(LibraryEntry.created_at)))).all()


async def owned_track_ids(session: AsyncSession, track_ids: Many[str], user_id: str) -> set[str]:
    """Those of the tracks that this user has made and not deleted."""
    statement = select(col(Track.id)).where(
        col(Track.id).in_(track_ids), col(Track.user_id) == user_id, col(Track.deleted_at).is_(None)
    )
    return set((await session.scalars(statement)).all())


async def set_seed_track(session: AsyncSession, generation_id: str, seed_track_id: str, user_id: str) -> None:
    """Write down what an imported job continued, if both are this user's."""
    if await owned_track_ids(session, [seed_track_id], user_id):
        statement = update(Generation).where(
            col(Generation.id) == generation_id,
            col(Generation.user_id) == user_id,
            col(Generation.seed_track_id).is_(None),
            col(Generation.imported_at).is_not(None),
        )
        await session.execute(statement.values(seed_track_id=seed_track_id))


def _is_owned(
    table: type[Track | Generation | Collection | FocusSession | LibraryEntry], owner: Owner
) -> tuple[ColumnElement[bool], ...]:
    return col(table.user_id) == owner.user_id, col(table.organization_id).in_(owner.organization_ids)
