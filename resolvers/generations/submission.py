"""What generations and focus sessions share: queue limits, idempotency keys, cancellation, waking a worker."""

import hashlib
import logging
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.errors import Conflict, Unavailable
from core.jobs import Status
from core.settings import WorkerSettings
from resolvers.access.context import Queue
from storage.queries import generations, owned
from storage.queries.owned import KeyedRow
from storage.queue import dispatch
from storage.tables import Generation

log = logging.getLogger(__name__)

_RETRY_AFTER_SECONDS: Final = 30
_EXACT_COUNT_BELOW: Final = 50
"""Remaining capacity below which submissions lock each other out, so that concurrent ones cannot exceed a limit."""
_CONCURRENT_BATCHES: Final = 10
"""Concurrent submissions of several jobs for which the same holds."""


def fingerprint(request: Mapping[str, object]) -> str:
    """Return the SHA-256 of a request. A field that is null, false or empty counts as left out."""
    present = {name: value for name, value in request.items() if value not in (None, False, ())}
    return hashlib.sha256(orjson.dumps(present, option=orjson.OPT_SORT_KEYS)).hexdigest()


async def find_earlier(session: AsyncSession, row: KeyedRow) -> KeyedRow | None:
    """Return the row that an earlier request created under the row's idempotency key.

    Raises Conflict when that request had another fingerprint.
    """
    earlier = (await find_each_earlier(session, [row])).get(row.id)
    if isinstance(earlier, Conflict):
        raise earlier
    return earlier


async def find_each_earlier(session: AsyncSession, rows: Sequence[KeyedRow]) -> dict[str, KeyedRow | Conflict]:
    """Return what ``find_earlier`` returns or raises, by the ids of the rows that have an earlier one."""
    earlier = await owned.find_earlier(session, rows)
    is_same = {row.id: earlier[row.id].fingerprint == row.fingerprint for row in rows if row.id in earlier}
    return {
        row_id: earlier[row_id] if same else Conflict("Idempotency key was used for another request")
        for row_id, same in is_same.items()
    }


async def insert(session: AsyncSession, row: KeyedRow) -> KeyedRow | None:
    """Insert the row and return None; return the earlier row when a concurrent request used the key first.

    Raises Conflict as ``find_earlier`` does.
    """
    return None if row.id in await owned.insert_new(session, [row]) else await find_earlier(session, row)


async def check_capacity(session: AsyncSession, limits: WorkerSettings, organization_id: str) -> None:
    """Raise Unavailable if the queue has no capacity for another job of the organization."""
    [refusal] = await check_each_capacity(session, limits, [organization_id])
    if refusal is not None:
        raise refusal


async def check_each_capacity(
    session: AsyncSession, limits: WorkerSettings, organization_ids: Sequence[str]
) -> list[Unavailable | None]:
    """Check in order which jobs, given by their organizations, fit into the queue. Return a refusal for each other."""
    jobs = Counter(organization_ids)
    total, capacities = await _count_capacities(session, limits, jobs)
    if _is_scarce(total, jobs.total()) or any(_is_scarce(capacities[each], jobs[each]) for each in jobs):
        await dispatch.lock_submission(session)
        total, capacities = await _count_capacities(session, limits, jobs)
    refusals: list[Unavailable | None] = []
    for organization_id in organization_ids:
        fits = min(total, capacities[organization_id]) > 0
        refusals.append(None if fits else Unavailable("Job queue is full", _RETRY_AFTER_SECONDS))
        total -= fits
        capacities[organization_id] -= fits
    return refusals


def _is_scarce(capacity: int, jobs: int) -> bool:
    return capacity <= max(_EXACT_COUNT_BELOW, _CONCURRENT_BATCHES * jobs)


async def _count_capacities(
    session: AsyncSession, limits: WorkerSettings, organization_ids: Collection[str]
) -> tuple[int, dict[str, int]]:
    """Return how many further jobs fit into the queue, in total and of each of these organizations."""
    total, queued = await dispatch.count_queued(session, organization_ids)
    capacities = {each: limits.max_queued_per_organization - queued.get(each, 0) for each in organization_ids}
    return limits.max_queued - total, capacities


async def wake_worker(queue: Queue) -> None:
    """Wake a worker for a job that is committed. If the queue is unreachable, the recovery loop finds the job."""
    try:
        await queue.wake()
    except Unavailable as refusal:
        log.warning("worker not woken", extra={"reason": refusal.technical})


async def cancel(session: AsyncSession, row: Generation) -> Generation | None:
    """Cancel a locked job that is queued, or request it of one that is running; return None for one that has ended."""
    if row.status is Status.QUEUED:
        return await generations.cancel_queued(session, row.id, clock.now())
    if row.status is Status.RUNNING:
        return await generations.request_cancel(session, row.id, clock.now())
    return None
