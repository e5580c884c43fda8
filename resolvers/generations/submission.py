"""What generations and focus sessions share: queue limits, idempotency keys, cancellation, waking a worker."""

import hashlib
import logging
from collections.abc import Mapping
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


def fingerprint(request: Mapping[str, object]) -> str:
    """Return the SHA-256 of a request. A field that is null, false or empty counts as left out."""
    present = {name: value for name, value in request.items() if value not in (None, False, ())}
    return hashlib.sha256(orjson.dumps(present, option=orjson.OPT_SORT_KEYS)).hexdigest()


async def find_earlier(session: AsyncSession, row: KeyedRow) -> KeyedRow | None:
    """Return the row that an earlier request created under the row's idempotency key.

    Raises Conflict when that request had another fingerprint.
    """
    earlier = await owned.find_earlier(session, row)
    if earlier is not None and earlier.fingerprint != row.fingerprint:
        raise Conflict("Idempotency key was used for another request")
    return earlier


async def insert(session: AsyncSession, row: KeyedRow) -> KeyedRow | None:
    """Insert the row and return None; return the earlier row when a concurrent request used the key first.

    Raises Conflict as ``find_earlier`` does.
    """
    return None if await owned.insert_new(session, row) else await find_earlier(session, row)


async def check_capacity(session: AsyncSession, limits: WorkerSettings, organization_id: str) -> None:
    """Raise Unavailable if the queue has no capacity for another job of the organization."""
    if await _capacity(session, limits, organization_id) > _EXACT_COUNT_BELOW:
        return
    await dispatch.lock_submission(session)
    if await _capacity(session, limits, organization_id) <= 0:
        raise Unavailable("Job queue is full", _RETRY_AFTER_SECONDS)


async def _capacity(session: AsyncSession, limits: WorkerSettings, organization_id: str) -> int:
    total, in_organization = await dispatch.count_queued(session, organization_id)
    return min(limits.max_queued - total, limits.max_queued_per_organization - in_organization)


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
