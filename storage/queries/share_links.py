"""Queries on the share links that a user made, for the user."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.sharing import Target
from storage.tables import AccessOutcome, ShareAccess, ShareLink


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of links is narrowed to; nothing when all is None."""

    is_active: bool | None = None
    target_type: Target | None = None
    target_id: str | None = None


@dataclass(frozen=True, slots=True)
class OpenStats:
    """How often a link's content was seen, and when last."""

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
    after: tuple[datetime, str] | None = None,
) -> Sequence[ShareLink]:
    """The user's links, newest first."""
    keys = (col(ShareLink.created_at), col(ShareLink.id))
    statement = select(ShareLink).where(*_is_owned(organization_id, user_id), *_conditions(filters, now))
    if after is not None:
        statement = statement.where(tuple_(*keys) < tuple_(*after))
    return (await session.scalars(statement.order_by(*(key.desc() for key in keys)).limit(limit))).all()


async def count(session: AsyncSession, organization_id: str, user_id: str, filters: Filter, now: datetime) -> int:
    """How many links ``page`` has in all."""
    statement = select(func.count()).where(*_is_owned(organization_id, user_id), *_conditions(filters, now))
    return await session.scalar(statement) or 0


async def list_owned(
    session: AsyncSession, share_ids: Collection[str], user_id: str, organization_ids: Collection[str]
) -> Sequence[ShareLink]:
    """Those of the links that this user made in one of these organizations."""
    statement = select(ShareLink).where(
        col(ShareLink.id).in_(share_ids),
        col(ShareLink.user_id) == user_id,
        col(ShareLink.organization_id).in_(organization_ids),
    )
    return (await session.scalars(statement)).all()


async def load_open_stats(session: AsyncSession, share_ids: Collection[str]) -> dict[str, OpenStats]:
    """What the audit says of each link that somebody opened with success."""
    statement = (
        select(col(ShareAccess.share_link_id), func.count(), func.max(col(ShareAccess.resolved_at)))
        .where(col(ShareAccess.share_link_id).in_(share_ids), col(ShareAccess.outcome) == AccessOutcome.RESOLVED)
        .group_by(col(ShareAccess.share_link_id))
    )
    return {str(row[0]): OpenStats(row[1], row[2]) for row in (await session.execute(statement)).all()}


def _is_owned(organization_id: str, user_id: str) -> list[ColumnElement[bool]]:
    return [col(ShareLink.organization_id) == organization_id, col(ShareLink.user_id) == user_id]


def _conditions(filters: Filter, now: datetime) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.is_active is not None:
        ends, is_kept = col(ShareLink.expires_at), col(ShareLink.revoked_at).is_(None)
        is_active = is_kept & or_(ends.is_(None), ends > now)
        conditions.append(is_active if filters.is_active else ~is_active)
    if filters.target_type is not None:
        conditions.append(col(ShareLink.target_type) == filters.target_type)
    if filters.target_id is not None:
        conditions.append(
            or_(col(ShareLink.track_id) == filters.target_id, col(ShareLink.collection_id) == filters.target_id)
        )
    return conditions
