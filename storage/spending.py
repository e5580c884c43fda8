"""Queries on what was spent and what may be. A job's cost counts from its acceptance until it ends without success."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.jobs import Status
from core.usage import Window
from storage.tables import Generation, Organization, SpendLimit

_COUNTS = (Status.QUEUED, Status.RUNNING, Status.SUCCEEDED)

_IS_OURS = col(Generation.imported_at).is_(None)
"""What came by an import was paid for elsewhere."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What one user's succeeded jobs of one engine cost in a window."""

    engine: str
    track_count: int
    cost_chf: Decimal


async def lock(session: AsyncSession, organization_id: str) -> None:
    """Until the end of the transaction nobody else reserves for this organization."""
    await session.execute(
        select(col(Organization.id)).where(col(Organization.id) == organization_id).with_for_update(key_share=True)
    )


async def limits(session: AsyncSession, organization_id: str) -> dict[Window, Decimal]:
    """The caps of an organization; a window without one is absent."""
    statement = select(SpendLimit).where(col(SpendLimit.organization_id) == organization_id)
    return {row.period: row.limit_chf for row in (await session.scalars(statement)).all()}


async def set_limit(session: AsyncSession, organization_id: str, window: Window, limit_chf: Decimal | None) -> None:
    """Set a cap; None lifts it."""
    if limit_chf is None:
        await session.execute(
            delete(SpendLimit).where(
                col(SpendLimit.organization_id) == organization_id, col(SpendLimit.period) == window
            )
        )
        return
    values = {"organization_id": organization_id, "period": window, "limit_chf": limit_chf}
    statement = insert(SpendLimit).values(values)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["organization_id", "period"], set_={"limit_chf": statement.excluded.limit_chf}
        )
    )


async def committed(session: AsyncSession, organization_id: str, *starts: datetime) -> list[Decimal]:
    """What the organization has spent or reserved since each of these moments."""
    moment, cost = col(Generation.created_at), func.sum(col(Generation.cost_chf))
    statement = select(*(func.coalesce(cost.filter(moment >= since), 0) for since in starts)).where(
        col(Generation.organization_id) == organization_id,
        moment >= min(starts),
        col(Generation.status).in_(_COUNTS),
        _IS_OURS,
    )
    return [Decimal(spent) for spent in (await session.execute(statement)).one()]


async def spent(session: AsyncSession, organization_id: str, user_id: str, since: datetime) -> Sequence[Spent]:
    """What the user's succeeded jobs cost since then, engine by engine."""
    is_theirs: list[ColumnElement[bool]] = [
        col(Generation.organization_id) == organization_id,
        col(Generation.user_id) == user_id,
        col(Generation.created_at) >= since,
        col(Generation.status) == Status.SUCCEEDED,
        _IS_OURS,
    ]
    statement = (
        select(col(Generation.engine), func.count(), func.sum(col(Generation.cost_chf)))
        .where(*is_theirs)
        .group_by(col(Generation.engine))
        .order_by(col(Generation.engine))
    )
    return [Spent(*row) for row in (await session.execute(statement)).all()]
