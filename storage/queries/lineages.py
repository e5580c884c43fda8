"""Queries on which track continues which."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from storage.queries import tracks
from storage.tables import Generation, Track


async def list_seed_tracks(
    session: AsyncSession, track_ids: Collection[str], user_id: str, organization_ids: Collection[str]
) -> dict[str, Track]:
    """The tracks that these continue, as far as this user may read them, by the continuing track."""
    later = aliased(Track)
    statement = (
        select(col(later.id), Track)
        .join_from(later, Generation, col(Generation.id) == col(later.generation_id))
        .join(Track, col(Track.id) == col(Generation.seed_track_id))
        .where(col(later.id).in_(track_ids), tracks.is_readable(user_id, organization_ids))
    )
    return {row[0]: row[1] for row in (await session.execute(statement)).all()}


async def list_derived_tracks(
    session: AsyncSession,
    track_ids: Collection[str],
    user_id: str,
    organization_ids: Collection[str],
    *,
    limit: int,
    after: tuple[datetime, str] | None = None,
) -> dict[str, Sequence[Track]]:
    """Of each track at most ``limit`` that continue it, newest first, as far as this user may read them."""
    keys = (col(Track.created_at), col(Track.id))
    newest = [key.desc() for key in keys]
    seed_id = col(Generation.seed_track_id)
    ranked = (
        select(col(Track.id), seed_id, func.row_number().over(partition_by=seed_id, order_by=newest).label("place"))
        .join(Generation, col(Generation.id) == col(Track.generation_id))
        .where(seed_id.in_(track_ids), tracks.is_readable(user_id, organization_ids))
    )
    if after is not None:
        ranked = ranked.where(tuple_(*keys) < tuple_(*after))
    chosen = ranked.subquery()
    statement = (
        select(chosen.c.seed_track_id, Track)
        .join(chosen, col(Track.id) == chosen.c.id)
        .where(chosen.c.place <= limit)
        .order_by(chosen.c.place)
    )
    found = defaultdict[str, list[Track]](list)
    for seed_track_id, track in (await session.execute(statement)).all():
        found[seed_track_id].append(track)
    return {track_id: found[track_id] for track_id in track_ids}


async def count_derived_tracks(
    session: AsyncSession, track_ids: Collection[str], user_id: str, organization_ids: Collection[str]
) -> dict[str, int]:
    """How many continue each track, as far as this user may read them."""
    statement = (
        select(col(Generation.seed_track_id), func.count())
        .join(Track, col(Track.generation_id) == col(Generation.id))
        .where(col(Generation.seed_track_id).in_(track_ids), tracks.is_readable(user_id, organization_ids))
        .group_by(col(Generation.seed_track_id))
    )
    found = {row[0]: row[1] for row in (await session.execute(statement)).all()}
    return {track_id: found.get(track_id, 0) for track_id in track_ids}
