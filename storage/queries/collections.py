"""Queries on collections and their members. Whoever changes members holds the collection's row lock."""

from collections.abc import Collection as Many
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from storage.tables import Collection, CollectionTrack, Track

_MAX_INTEGER: Final = 2**31 - 1


async def find_owned(
    session: AsyncSession, collection_id: str, user_id: str, organization_ids: Many[str], *, lock: bool = False
) -> Collection | None:
    """The collection if it is this user's in one of these organizations, and not deleted."""
    statement = select(Collection).where(
        col(Collection.id) == collection_id,
        col(Collection.user_id) == user_id,
        col(Collection.organization_id).in_(organization_ids),
        col(Collection.deleted_at).is_(None),
    )
    return await session.scalar(statement.with_for_update() if lock else statement)


async def list_owned(
    session: AsyncSession, collection_ids: Many[str], user_id: str, organization_ids: Many[str]
) -> Sequence[Collection]:
    """Those of the collections that are this user's in one of these organizations, and not deleted."""
    statement = select(Collection).where(
        col(Collection.id).in_(collection_ids),
        col(Collection.user_id) == user_id,
        col(Collection.organization_id).in_(organization_ids),
        col(Collection.deleted_at).is_(None),
    )
    return (await session.scalars(statement)).all()


async def find(session: AsyncSession, collection_id: str) -> Collection | None:
    """A collection whoever owns it, unless deleted; for share links."""
    statement = select(Collection).where(col(Collection.id) == collection_id, col(Collection.deleted_at).is_(None))
    return await session.scalar(statement)


async def page(
    session: AsyncSession,
    organization_id: str,
    user_id: str,
    *,
    limit: int,
    offset: int = 0,
    after: tuple[datetime, str] | None = None,
) -> Sequence[Collection]:
    """The owner's collections, newest first."""
    created, collection_id = col(Collection.created_at), col(Collection.id)
    statement = select(Collection).where(
        col(Collection.organization_id) == organization_id,
        col(Collection.user_id) == user_id,
        col(Collection.deleted_at).is_(None),
    )
    if after is not None:
        moment, last = after
        statement = statement.where((created < moment) | ((created == moment) & (collection_id < last)))
    statement = statement.order_by(created.desc(), collection_id.desc()).limit(limit).offset(offset)
    return (await session.scalars(statement)).all()


async def count(session: AsyncSession, organization_id: str, user_id: str) -> int:
    """How many collections the owner has."""
    statement = select(func.count()).where(
        col(Collection.organization_id) == organization_id,
        col(Collection.user_id) == user_id,
        col(Collection.deleted_at).is_(None),
    )
    return await session.scalar(statement) or 0


async def count_members(session: AsyncSession, collection_ids: Many[str]) -> dict[str, int]:
    """How many members each collection has; 0 where there are none."""
    statement = (
        select(col(CollectionTrack.collection_id), func.count())
        .where(col(CollectionTrack.collection_id).in_(collection_ids))
        .group_by(col(CollectionTrack.collection_id))
    )
    found = {row[0]: row[1] for row in (await session.execute(statement)).all()}
    return {collection_id: found.get(collection_id, 0) for collection_id in collection_ids}


async def list_members(
    session: AsyncSession, collection_id: str, *, limit: int, offset: int = 0
) -> Sequence[CollectionTrack]:
    """Members by position."""
    statement = (
        select(CollectionTrack)
        .where(col(CollectionTrack.collection_id) == collection_id)
        .order_by(col(CollectionTrack.position))
    )
    return (await session.scalars(statement.limit(limit).offset(offset))).all()


async def list_tracks(session: AsyncSession, collection_id: str, *, limit: int, offset: int = 0) -> Sequence[Track]:
    """The members' tracks by position; deleted ones are no members any more."""
    statement = (
        select(Track)
        .join(CollectionTrack, col(CollectionTrack.track_id) == col(Track.id))
        .where(col(CollectionTrack.collection_id) == collection_id)
        .order_by(col(CollectionTrack.position))
    )
    return (await session.scalars(statement.limit(limit).offset(offset))).all()


async def list_tracks_by_collection(
    session: AsyncSession, collection_ids: Many[str], *, limit: int, offset: int
) -> dict[str, Sequence[Track]]:
    """As ``tracks``, of several collections at once; places are dense, so they tell where a page begins and ends."""
    statement = (
        select(col(CollectionTrack.collection_id), Track)
        .join(Track, col(CollectionTrack.track_id) == col(Track.id))
        .where(
            col(CollectionTrack.collection_id).in_(collection_ids),
            col(CollectionTrack.position).between(offset, min(offset + limit, _MAX_INTEGER) - 1),
        )
        .order_by(col(CollectionTrack.position))
    )
    found: dict[str, list[Track]] = {collection_id: [] for collection_id in collection_ids}
    for collection_id, track in (await session.execute(statement)).all():
        found[collection_id].append(track)
    return dict(found)


async def append(session: AsyncSession, collection_id: str, track_id: str, position: int) -> bool:
    """Append a member; False when it is one already."""
    statement = (
        insert(CollectionTrack)
        .values(CollectionTrack(collection_id=collection_id, track_id=track_id, position=position).model_dump())
        .on_conflict_do_nothing(index_elements=["collection_id", "track_id"])
        .returning(col(CollectionTrack.position))
    )
    return await session.scalar(statement) is not None


async def remove(session: AsyncSession, collection_id: str, track_id: str) -> bool:
    """Remove a member and close the gap; False when it is none."""
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
    """Put the members in this order; the ids are all of them, each once."""
    statement = text(
        "UPDATE collection_tracks SET position = wanted.place - 1"
        " FROM unnest(CAST(:track_ids AS text[])) WITH ORDINALITY AS wanted (track_id, place)"
        " WHERE collection_id = :collection_id AND collection_tracks.track_id = wanted.track_id"
    ).bindparams(bindparam("track_ids"))
    await session.execute(statement, {"track_ids": list(track_ids), "collection_id": collection_id})


async def lock_containing(session: AsyncSession, track_id: str) -> Sequence[str]:
    """Lock every collection that has this member, always in the same order, and name them."""
    statement = (
        select(Collection)
        .join(CollectionTrack, col(CollectionTrack.collection_id) == col(Collection.id))
        .where(col(CollectionTrack.track_id) == track_id)
        .order_by(col(Collection.id))
        .with_for_update(of=Collection)
    )
    return [row.id for row in (await session.scalars(statement)).all()]
