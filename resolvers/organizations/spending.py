"""Spending and spend caps: a cost is reserved when a job is accepted, charged when it succeeds, released otherwise.

The job's row is the reservation: its cost counts while it is queued or running, and permanently once it succeeded.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock, spend_windows
from core.errors import InvalidInput, NotFound, Problem, SpendCapExceeded
from core.spend_windows import Window
from resolvers.access.context import Context
from storage.postgres.database import Database
from storage.queries import spending
from storage.queries.spending import Spending
from storage.tables import Generation, Organization


@dataclass(frozen=True, slots=True)
class Usage:
    """What the caller or all members spent in a window, and the organization's cap.

    ``committed_chf`` counts towards the cap: what all members have spent or reserved.
    """

    window: Window
    starts_at: datetime
    resets_at: datetime
    by_engine: Sequence[Spending]
    committed_chf: Decimal
    limit_chf: Decimal | None

    @property
    def cost_chf(self) -> Decimal:
        return sum((spent.cost_chf for spent in self.by_engine), Decimal(0))

    def is_exceeded_by(self, cost_chf: Decimal) -> bool:
        """Return whether a further cost would exceed the cap."""
        return _exceeds(self.committed_chf, cost_chf, self.limit_chf)


async def list_usage(ctx: Context, organization_id: str) -> list[Usage]:
    """Return the caller's usage of the current day, week and month."""
    return await _list(ctx, organization_id, ctx.require_member(organization_id).user_id)


async def list_member_usage(ctx: Context, organization_id: str) -> list[Usage]:
    """Return the usage of all members together. Raises Forbidden."""
    ctx.require_admin(organization_id, "Only an admin of the organization may see what its members spend")
    return await _list(ctx, organization_id, None)


async def list_as_operator(database: Database, organization_id: str) -> list[Usage]:
    """Return the usage of all members together for the command line. Raises NotFound."""
    async with database.transaction() as session:
        if await session.get(Organization, organization_id) is None:
            raise NotFound("Organization", organization_id=organization_id)
        return await _load(session, organization_id, None)


async def _list(ctx: Context, organization_id: str, user_id: str | None) -> list[Usage]:
    async with ctx.services.database.transaction() as session:
        return await _load(session, organization_id, user_id)


async def _load(session: AsyncSession, organization_id: str, user_id: str | None) -> list[Usage]:
    now = clock.now()
    starts = [spend_windows.start(window, now) for window in Window]
    limits = await spending.load_limits(session, organization_id)
    sums = await spending.sum_committed(session, organization_id, *starts)
    usages = []
    for window, start, committed in zip(Window, starts, sums, strict=True):
        spent = await spending.list_spending(session, organization_id, user_id, start)
        resets_at = spend_windows.end(window, now)
        usages.append(Usage(window, start, resets_at, spent, committed, limits.get(window)))
    return usages


async def find_exceeded(ctx: Context, organization_id: str, cost_chf: Decimal) -> Usage | None:
    """Return the caller's usage of the first window whose cap a cost would exceed, or None."""
    return next((usage for usage in await list_usage(ctx, organization_id) if usage.is_exceeded_by(cost_chf)), None)


async def reserve(
    session: AsyncSession, organization_id: str, cost_chf: Decimal, replaced: Generation | None = None
) -> None:
    """As ``reserve_each`` for one job. Raises SpendCapExceeded.

    ``replaced`` is a job that ended without success in the same transaction: its cost, which is counted until then, is
    released here.
    """
    [refusal] = await reserve_each(session, [(organization_id, cost_chf)], replaced)
    if refusal is not None:
        raise refusal


async def reserve_each(
    session: AsyncSession, costs: Sequence[tuple[str, Decimal]], replaced: Generation | None = None
) -> list[SpendCapExceeded | None]:
    """Check in order which costs fit under every cap, and lock the spending until the transaction ends.

    Each cost in CHF follows the id of its organization. Return the refusal of each cost that does not fit. The caller
    must insert the other jobs in the same transaction.
    """
    paying = {organization_id for organization_id, cost_chf in costs if cost_chf}
    limits = await spending.lock_limits(session, paying) if paying else {}
    if not limits:
        return [None] * len(costs)
    now = clock.now()
    starts = {window: spend_windows.start(window, now) for window in Window}
    sums = {
        organization_id: dict(zip(Window, spent, strict=True))
        for organization_id, spent in (await spending.sum_each_committed(session, limits, *starts.values())).items()
    }
    if replaced is not None and replaced.organization_id in sums:
        day = spend_windows.start(Window.DAY, replaced.created_at)
        _add(sums[replaced.organization_id], -replaced.cost_chf, (each for each in Window if day >= starts[each]))
    refusals: list[SpendCapExceeded | None] = []
    for organization_id, cost_chf in costs:
        caps, spent = limits.get(organization_id, {}), sums.get(organization_id, {})
        exceeded = next((each for each in Window if each in caps and _exceeds(spent[each], cost_chf, caps[each])), None)
        if exceeded is None:
            refusals.append(None)
            _add(spent, cost_chf, spent)
        else:
            resets_at = spend_windows.end(exceeded, now)
            refusals.append(SpendCapExceeded(exceeded.value, caps[exceeded], spent[exceeded], resets_at))
    return refusals


def _add(spent: dict[Window, Decimal], cost_chf: Decimal, windows: Iterable[Window]) -> None:
    for window in windows:
        spent[window] += cost_chf


def _exceeds(committed_chf: Decimal, cost_chf: Decimal, limit_chf: Decimal | None) -> bool:
    # what is free is possible under any cap
    return limit_chf is not None and cost_chf > 0 and committed_chf + cost_chf > limit_chf


async def set_limit(ctx: Context, organization_id: str, window: Window, limit_chf: Decimal | None) -> None:
    """Set a cap, or remove it with None. Raises InvalidInput, Forbidden (the caller is no admin)."""
    ctx.require_admin(organization_id, "Only an admin of the organization may change its limits")
    await set_limit_as_operator(ctx.services.database, organization_id, window, limit_chf)


async def set_limit_as_operator(
    database: Database, organization_id: str, window: Window, limit_chf: Decimal | None
) -> None:
    """Set or remove a cap from the command line. Raises NotFound, InvalidInput."""
    if limit_chf is not None and not 0 <= limit_chf < Decimal(10**9):
        raise InvalidInput([Problem(("limit_chf",), "Must be 0 or more, and less than a billion.")])
    async with database.transaction() as session:
        if await session.get(Organization, organization_id) is None:
            raise NotFound("Organization", organization_id=organization_id)
        await spending.lock_organization(session, organization_id)
        await spending.set_limit(session, organization_id, window, limit_chf)
