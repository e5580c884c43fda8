"""Queries on collections and their members. A transaction that changes members must lock the collection first."""

from collections.abc import Collection as Many
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Integer, Text, and_, bindparam, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from storage.postgres import compiled
from storage.postgres.database import Database
from storage.queries import pagination
from storage.tables import Collection, CollectionTrack, FileRole, Track, TrackFile

_MAX_INTEGER: Final = 2**31 - 1


async def count_members(session: AsyncSession, collection_ids: Many[str]) -> dict[str, int]:
    return await pagination.count_by(session, col(CollectionTrack.collection_id), collection_ids)


async def list_members(
    session: AsyncSession, collection_id: str, *, limit: int, offset: int = 0
) -> Sequence[CollectionTrack]:
    """List members by position."""
    statement = (
        select(CollectionTrack)
        .where(col(CollectionTrack.collection_id) == collection_id)
        .order_by(col(CollectionTrack.position))
    )
    return (await session.scalars(statement.limit(limit).offset(offset))).all()


Member = tuple[CollectionTrack, Track]


async def list_tracks(
    session: AsyncSession, collection_ids: Many[str], *, limit: int, offset: int = 0
) -> dict[str, Sequence[Member]]:
    """List the tracks of each collection by position. Positions are dense, so that they delimit a page."""
    statement = (
        select(CollectionTrack, Track)
        .join(Track, col(CollectionTrack.track_id) == col(Track.id))
        .where(
            col(CollectionTrack.collection_id).in_(collection_ids),
            col(CollectionTrack.position).between(offset, min(offset + limit, _MAX_INTEGER) - 1),
        )
        .order_by(col(CollectionTrack.position))
    )
    members: dict[str, list[Member]] = {collection_id: [] for collection_id in collection_ids}
    for member, track in (await session.execute(statement)).all():
        members[member.collection_id].append((member, track))
    return dict(members)


# the columns that a visitor of a share link sees, and those that a signed URL of the file needs
_SHARED_TRACK: Final = compiled.RowType(
    Track,
    *("id", "organization_id", "title", "engine", "mode", "instrumental", "measured_duration_seconds"),
    *("licence_class", "licence_version", "commercial_use", "requires_attribution", "deleted_at", "origin", "palette"),
)
_SHARED_MASTER: Final = compiled.RowType(TrackFile, "role", "name", "blob_key", "media_type", start=_SHARED_TRACK.end)
_LIST_SHARED: Final = compiled.compile_statement(
    select(*_SHARED_TRACK.columns, *_SHARED_MASTER.columns)
    .select_from(CollectionTrack)
    .join(Track, col(CollectionTrack.track_id) == col(Track.id))
    .outerjoin(TrackFile, and_(col(TrackFile.track_id) == col(Track.id), col(TrackFile.role) == FileRole.MASTER))
    .where(
        col(CollectionTrack.collection_id) == bindparam("collection_id", type_=Text()),
        col(CollectionTrack.position) < bindparam("count", type_=Integer()),
    )
    .order_by(col(CollectionTrack.position))
)


async def list_shared_tracks(
    database: Database, collection_id: str, count: int
) -> list[tuple[Track, TrackFile | None]]:
    """List the first tracks of a collection with their master files, with the columns that a share link needs."""
    rows = await _LIST_SHARED.fetch(database, collection_id=collection_id, count=count)
    return [(_SHARED_TRACK.build(row), _SHARED_MASTER.build_or_none(row)) for row in rows]


async def append(session: AsyncSession, collection_id: str, track_id: str, position: int) -> bool:
    """Append a member; return False if it is one already."""
    statement = (
        insert(CollectionTrack)
        .values(CollectionTrack(collection_id=collection_id, track_id=track_id, position=position).model_dump())
        .on_conflict_do_nothing(index_elements=["collection_id", "track_id"])
        .returning(col(CollectionTrack.position))
    )
    return await session.scalar(statement) is not None


async def remove(session: AsyncSession, collection_id: str, track_id: str) -> bool:
    """Remove a member and close the gap; return False if it is not a member."""
    position = await session.scalar(
        delete(CollectionTrack)
        .where(col(CollectionTrack.collection_id) == collection_id, col(CollectionTrack.track_id) == track_id)
        .returning(col(CollectionTrack.position))
    )
    if position is None:
        return False
    await session.execute(
        update(CollectionTrack)
        .where(col(CollectionTrack.collection_id) == collection_id, col(CollectionTrack.position) > position)
        .values(position=CollectionTrack.position - 1)
    )
    return True


async def reorder(session: AsyncSession, collection_id: str, track_ids: Sequence[str]) -> None:
    """Set the order of the members, whose ids must all be given, each once."""
    statement = text(
        "UPDATE collection_tracks SET position = ordered.place - 1"
        " FROM unnest(CAST(:track_ids AS text[])) WITH ORDINALITY AS ordered (track_id, place)"
        " WHERE collection_id = :collection_id AND collection_tracks.track_id = ordered.track_id"
    )
    await session.execute(statement, {"track_ids": list(track_ids), "collection_id": collection_id})


async def lock_containing(session: AsyncSession, track_id: str) -> Sequence[str]:
    """Lock the collections that contain the track, ordered by id to prevent deadlocks, and return their ids."""
    statement = (
        select(Collection)
        .join(CollectionTrack, col(CollectionTrack.collection_id) == col(Collection.id))
        .where(col(CollectionTrack.track_id) == track_id)
        .order_by(col(Collection.id))
        .with_for_update(of=Collection)
    )
    return [row.id for row in (await session.scalars(statement)).all()]
