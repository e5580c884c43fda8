"""Whether there is room in the queue. What is refused here leaves no row and costs nothing."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Unavailable
from core.settings import WorkerSettings
from storage.queue import dispatch

_RETRY_AFTER_SECONDS: Final = 30
_CLOSE: Final = 50
"""With less room than this, those who come at the same moment are counted one after the other."""


async def check_capacity(session: AsyncSession, limits: WorkerSettings, organization_id: str) -> None:
    """Make sure that one job more may wait. Raises Unavailable."""
    if await _room(session, limits, organization_id) > _CLOSE:
        return
    await dispatch.lock_submission(session)
    if await _room(session, limits, organization_id) <= 0:
        raise Unavailable("Job queue is full", _RETRY_AFTER_SECONDS)


async def _room(session: AsyncSession, limits: WorkerSettings, organization_id: str) -> int:
    everybody, organization = await dispatch.count_queued(session, organization_id)
    return min(limits.max_queued - everybody, limits.max_queued_per_organization - organization)
