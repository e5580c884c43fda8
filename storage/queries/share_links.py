"""Filters and statistics of share links."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.sharing import Target
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


def conditions(filters: Filter, now: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions of a filter."""
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


async def load_open_stats(session: AsyncSession, share_ids: Collection[str]) -> dict[str, OpenStats]:
    """Load the statistics of those links that have been opened successfully."""
    statement = (
        select(col(ShareAccess.share_link_id), func.count(), func.max(col(ShareAccess.resolved_at)))
        .where(col(ShareAccess.share_link_id).in_(share_ids), col(ShareAccess.outcome) == AccessOutcome.RESOLVED)
        .group_by(col(ShareAccess.share_link_id))
    )
    return {str(row[0]): OpenStats(row[1], row[2]) for row in (await session.execute(statement)).all()}
