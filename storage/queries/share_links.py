"""Queries on a user's share links."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.sharing import Target
from storage.queries import pagination
from storage.queries.ownership import is_owned, is_owned_in
from storage.queries.pagination import Position
from storage.tables import AccessOutcome, ShareAccess, ShareLink


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions on a list of links; None means any value."""

    is_active: bool | None = None
    target_type: Target | None = None
    target_id: str | None = None


@dataclass(frozen=True, slots=True)
class OpenStats:
    """Number and time of the successful accesses to a link."""

    count: int = 0
    last_at: datetime | None = None


async def page(
    session: AsyncSession,
    organization_id: str,
    user_id: str,
    filters: Filter,
    now: datetime,
    *,
    limit: int,
    after: Position | None = None,
) -> Sequence[ShareLink]:
    """List a page of the user's links, newest first."""
    statement = select(ShareLink).where(is_owned_in(ShareLink, organization_id, user_id), *_conditions(filters, now))
    return (await session.scalars(pagination.newest_first(statement, ShareLink, after).limit(limit))).all()


async def count(session: AsyncSession, organization_id: str, user_id: str, filters: Filter, now: datetime) -> int:
    is_listed = is_owned_in(ShareLink, organization_id, user_id)
    return await session.scalar(select(func.count()).where(is_listed, *_conditions(filters, now))) or 0


async def list_owned(
    session: AsyncSession, share_ids: Collection[str], user_id: str, organization_ids: Collection[str]
) -> Sequence[ShareLink]:
    """List those of the links that the user owns in these organizations."""
    is_named = col(ShareLink.id).in_(share_ids)
    statement = select(ShareLink).where(is_named, is_owned(ShareLink, user_id, organization_ids))
    return (await session.scalars(statement)).all()


async def lock_owned(
    session: AsyncSession, share_id: str, user_id: str, organization_ids: Collection[str]
) -> ShareLink | None:
    """Lock a link that the user owns in one of these organizations."""
    is_named = col(ShareLink.id) == share_id
    statement = select(ShareLink).where(is_named, is_owned(ShareLink, user_id, organization_ids))
    return await session.scalar(statement.with_for_update())


async def load_open_stats(session: AsyncSession, share_ids: Collection[str]) -> dict[str, OpenStats]:
    """Load the statistics of those links that have been opened successfully."""
    statement = (
        select(col(ShareAccess.share_link_id), func.count(), func.max(col(ShareAccess.resolved_at)))
        .where(col(ShareAccess.share_link_id).in_(share_ids), col(ShareAccess.outcome) == AccessOutcome.RESOLVED)
        .group_by(col(ShareAccess.share_link_id))
    )
    return {str(row[0]): OpenStats(row[1], row[2]) for row in (await session.execute(statement)).all()}


def _conditions(filters: Filter, now: datetime) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.is_active is not None:
        expires_at = col(ShareLink.expires_at)
        is_active = col(ShareLink.revoked_at).is_(None) & or_(expires_at.is_(None), expires_at > now)
        conditions.append(is_active if filters.is_active else ~is_active)
    if filters.target_type is not None:
        conditions.append(col(ShareLink.target_type) == filters.target_type)
    if filters.target_id is not None:
        conditions.append(
            or_(col(ShareLink.track_id) == filters.target_id, col(ShareLink.collection_id) == filters.target_id)
        )
    return conditions
