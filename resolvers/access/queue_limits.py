"""Limits on the number of queued jobs, for the whole server and for each organization."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Unavailable
from core.settings import WorkerSettings
from storage.queue import dispatch

_RETRY_AFTER_SECONDS: Final = 30
_EXACT_COUNT_BELOW: Final = 50
"""Remaining capacity below which submissions lock each other out, so that concurrent ones cannot exceed a limit."""


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
