"""Queries on tracks that continue other tracks."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from storage.queries import pagination, tracks
from storage.queries.pagination import Position
from storage.tables import Generation, Track


async def list_seed_tracks(
    session: AsyncSession, track_ids: Collection[str], user_id: str, organization_ids: Collection[str]
) -> dict[str, Track]:
    """Return the readable tracks that these tracks continue, by the id of the continuing track."""
    derived = aliased(Track)
    statement = (
        select(col(derived.id), Track)
        .join_from(derived, Generation, col(Generation.id) == col(derived.generation_id))
        .join(Track, col(Track.id) == col(Generation.seed_track_id))
        .where(col(derived.id).in_(track_ids), tracks.is_readable(user_id, organization_ids))
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
    seed_id = col(Generation.seed_track_id)
    rank = func.row_number().over(partition_by=seed_id, order_by=pagination.newest(Track))
    ranked = (
        select(col(Track.id), seed_id, rank.label("rank"))
        .join(Generation, col(Generation.id) == col(Track.generation_id))
        .where(seed_id.in_(track_ids), tracks.is_readable(user_id, organization_ids))
    )
    if after is not None:
        ranked = ranked.where(pagination.is_after(Track, after))
    page = ranked.subquery()
    statement = (
        select(page.c.seed_track_id, Track)
        .join(page, col(Track.id) == page.c.id)
        .where(page.c.rank <= limit)
        .order_by(page.c.rank)
    )
    derived = defaultdict[str, list[Track]](list)
    for seed_track_id, track in (await session.execute(statement)).all():
        derived[seed_track_id].append(track)
    return {track_id: derived[track_id] for track_id in track_ids}


async def count_derived_tracks(
    session: AsyncSession, track_ids: Collection[str], user_id: str, organization_ids: Collection[str]
) -> dict[str, int]:
    """Count the readable tracks that continue each track."""
    is_made = col(Track.generation_id) == col(Generation.id)
    is_readable = tracks.is_readable(user_id, organization_ids)
    return await pagination.count_by(session, col(Generation.seed_track_id), track_ids, is_made, is_readable)
