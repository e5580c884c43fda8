"""Queries on tracks that continue other tracks."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, select
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
    conditions = _is_readable(user_id, organization_ids)
    seed_id = col(Generation.seed_track_id)
    return await pagination.newest_of_each(session, Track, seed_id, track_ids, *conditions, limit=limit, after=after)


async def count_derived_tracks(
    session: AsyncSession, track_ids: Collection[str], user_id: str, organization_ids: Collection[str]
) -> dict[str, int]:
    """Count the readable tracks that continue each track."""
    conditions = _is_readable(user_id, organization_ids)
    return await pagination.count_by(session, col(Generation.seed_track_id), track_ids, *conditions)


def _is_readable(user_id: str, organization_ids: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    """Match a generation and its track, which the user may read."""
    return col(Track.generation_id) == col(Generation.id), tracks.is_readable(user_id, organization_ids)
