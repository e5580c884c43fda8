"""Queries on spending and its caps. A job's cost counts from its acceptance until it ends without success."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final, cast

from sqlalchemy import Date, Select, Text, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.jobs import Status
from core.spend_windows import Window
from storage.queries.owned import is_owned_in
from storage.tables import DailySpend, Generation, Organization, SpendLimit
from storage.tables.columns import is_any_of, text_array

_IS_NOT_IMPORTED = col(Generation.imported_at).is_(None)
"""Imported jobs were paid for in another installation."""

# built once, because each submission runs them: SQLAlchemy takes longer to build a statement than to run it
_ORGANIZATION_ID: Final = bindparam("organization_id", type_=Text)
_ORGANIZATION_IDS: Final = text_array("organization_ids")
_LOCK: Final = (
    select(col(Organization.id)).where(col(Organization.id) == _ORGANIZATION_ID).with_for_update(key_share=True)
)
_LIMITS: Final = select(col(SpendLimit.period), col(SpendLimit.limit_chf)).where(
    col(SpendLimit.organization_id) == _ORGANIZATION_ID
)
_LOCKED_LIMITS: Final = (
    select(col(SpendLimit.organization_id), col(SpendLimit.period), col(SpendLimit.limit_chf))
    .join(Organization, col(Organization.id) == col(SpendLimit.organization_id))
    .where(is_any_of(col(SpendLimit.organization_id), _ORGANIZATION_IDS))
    # rows are locked in this order
    .order_by(col(Organization.id))
    .with_for_update(key_share=True, of=Organization)
)


@dataclass(frozen=True, slots=True)
class Spending:
    """Number and cost of the succeeded jobs with one engine."""

    engine: str
    track_count: int
    cost_chf: Decimal


async def lock_organization(session: AsyncSession, organization_id: str) -> None:
    """Serialise the reservations of an organization until the end of the transaction."""
    await session.execute(_LOCK, {"organization_id": organization_id})


async def load_limits(session: AsyncSession, organization_id: str) -> dict[Window, Decimal]:
    """Load the caps of an organization; a window without a cap is absent."""
    rows = await session.execute(_LIMITS, {"organization_id": organization_id})
    return {row.period: row.limit_chf for row in rows}


async def lock_limits(session: AsyncSession, organization_ids: Collection[str]) -> dict[str, dict[Window, Decimal]]:
    """Load the caps of organizations as ``load_limits``, and lock those organizations that have one, in order of ids.

    An organization without caps is absent.
    """
    limits: dict[str, dict[Window, Decimal]] = {}
    for row in await session.execute(_LOCKED_LIMITS, {"organization_ids": list(organization_ids)}):
        limits.setdefault(row.organization_id, {})[row.period] = row.limit_chf
    return limits


async def set_limit(session: AsyncSession, organization_id: str, window: Window, limit_chf: Decimal | None) -> None:
    """Set a cap, or remove it with None."""
    if limit_chf is None:
        is_named = (col(SpendLimit.organization_id) == organization_id) & (col(SpendLimit.period) == window)
        await session.execute(delete(SpendLimit).where(is_named))
        return
    values = {"organization_id": organization_id, "period": window, "limit_chf": limit_chf}
    statement = insert(SpendLimit).values(values)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["organization_id", "period"], set_={"limit_chf": statement.excluded.limit_chf}
        )
    )


async def sum_committed(session: AsyncSession, organization_id: str, *starts: datetime) -> list[Decimal]:
    """Return what the organization has spent or reserved since each of these times, which are midnights in UTC.

    What this transaction has changed is not included: triggers count it at the end.
    """
    return (await sum_each_committed(session, [organization_id], *starts))[organization_id]


async def sum_each_committed(
    session: AsyncSession, organization_ids: Collection[str], *starts: datetime
) -> dict[str, list[Decimal]]:
    """Return what ``sum_committed`` returns for each of these organizations."""
    days = [start.astimezone(UTC).date() for start in starts]
    since = {f"since_{number}": day for number, day in enumerate(days)}
    values = {**since, "organization_ids": list(organization_ids), "earliest": min(days)}
    sums = {organization_id: [Decimal(0)] * len(starts) for organization_id in organization_ids}
    for organization_id, *spent in await session.execute(_sums(len(starts)), values):
        # a zero without decimal places, as the sum of no days
        sums[organization_id] = [Decimal(each) or Decimal(0) for each in spent]
    return sums


@cache
def _sums(count: int) -> Select[Any]:
    day, cost = col(DailySpend.day), func.sum(col(DailySpend.cost_chf))
    since = (bindparam(f"since_{number}", type_=Date) for number in range(count))
    organization_id = col(DailySpend.organization_id)
    sums = cast("Select[Any]", select(organization_id, *(func.coalesce(cost.filter(day >= at), 0) for at in since)))
    is_summed = is_any_of(organization_id, _ORGANIZATION_IDS) & (day >= bindparam("earliest", type_=Date))
    return sums.where(is_summed).group_by(organization_id)


async def list_spending(
    session: AsyncSession, organization_id: str, user_id: str | None, since: datetime
) -> Sequence[Spending]:
    """List the cost of the succeeded jobs of a user or of all users since then, by engine."""
    is_listed = col(Generation.organization_id) == organization_id
    if user_id is not None:
        is_listed = is_owned_in(Generation, organization_id, user_id)
    statement = (
        select(col(Generation.engine), func.count(), func.sum(col(Generation.cost_chf)))
        .where(
            is_listed,
            col(Generation.created_at) >= since,
            col(Generation.status) == Status.SUCCEEDED,
            _IS_NOT_IMPORTED,
        )
        .group_by(col(Generation.engine))
        .order_by(col(Generation.engine))
    )
    return [Spending(*row) for row in (await session.execute(statement)).all()]
