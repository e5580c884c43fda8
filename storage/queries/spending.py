"""Queries on what was spent and what may be. A job's cost counts from its acceptance until it ends without success."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, DateTime, Select, Text, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.jobs import Status
from core.spend_windows import Window
from storage.tables import Generation, Organization, SpendLimit

_COUNTED_STATUSES = (Status.QUEUED, Status.RUNNING, Status.SUCCEEDED)

_IS_NOT_IMPORTED = col(Generation.imported_at).is_(None)
"""What came by an import was paid for elsewhere."""


# put together once, as all that each submit asks: that costs SQLAlchemy more than asking it
_ORGANIZATION: Final = bindparam("organization_id", type_=Text)
_MOMENT: Final = DateTime(timezone=True)
_LOCK: Final = select(col(Organization.id)).where(col(Organization.id) == _ORGANIZATION).with_for_update(key_share=True)
_LIMITS: Final = select(col(SpendLimit.period), col(SpendLimit.limit_chf)).where(
    col(SpendLimit.organization_id) == _ORGANIZATION
)


@dataclass(frozen=True, slots=True)
class Spending:
    """What one user's succeeded jobs of one engine cost in a window."""

    engine: str
    track_count: int
    cost_chf: Decimal


async def lock_organization(session: AsyncSession, organization_id: str) -> None:
    """Until the end of the transaction nobody else reserves for this organization."""
    await session.execute(_LOCK, {"organization_id": organization_id})


async def load_limits(session: AsyncSession, organization_id: str) -> dict[Window, Decimal]:
    """The caps of an organization; a window without one is absent."""
    found = await session.execute(_LIMITS, {"organization_id": organization_id})
    return {row.period: row.limit_chf for row in found}


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


async def sum_committed(session: AsyncSession, organization_id: str, *starts: datetime) -> list[Decimal]:
    """What the organization has spent or reserved since each of these moments."""
    since = {f"since_{number}": start for number, start in enumerate(starts)}
    values = {**since, "organization_id": organization_id, "earliest": min(starts)}
    return [Decimal(spent) for spent in (await session.execute(_sums(len(starts)), values)).one()]


@cache
def _sums(count: int) -> Select[Any]:
    moment, cost = col(Generation.created_at), func.sum(col(Generation.cost_chf))
    since = (bindparam(f"since_{number}", type_=_MOMENT) for number in range(count))
    sums = cast("Select[Any]", select(*(func.coalesce(cost.filter(moment >= start), 0) for start in since)))
    return sums.where(
        col(Generation.organization_id) == _ORGANIZATION,
        moment >= bindparam("earliest", type_=_MOMENT),
        col(Generation.status).in_(_COUNTED_STATUSES),
        _IS_NOT_IMPORTED,
    )


async def list_spending(
    session: AsyncSession, organization_id: str, user_id: str, since: datetime
) -> Sequence[Spending]:
    """What the user's succeeded jobs cost since then, engine by engine."""
    is_theirs: list[ColumnElement[bool]] = [
        col(Generation.organization_id) == organization_id,
        col(Generation.user_id) == user_id,
        col(Generation.created_at) >= since,
        col(Generation.status) == Status.SUCCEEDED,
        _IS_NOT_IMPORTED,
    ]
    statement = (
        select(col(Generation.engine), func.count(), func.sum(col(Generation.cost_chf)))
        .where(*is_theirs)
        .group_by(col(Generation.engine))
        .order_by(col(Generation.engine))
    )
    return [Spending(*row) for row in (await session.execute(statement)).all()]
