"""Takes focus sessions on whose listeners do not ask often: somebody may fetch a session once and play for minutes."""

import asyncio
import logging

from core import asyncio_cancel, clock
from core.errors import Refusal
from resolvers.access.context import Services
from resolvers.focus import scheduling
from resolvers.focus import sessions as use_cases
from storage.queries import focus

log = logging.getLogger(__name__)


async def sweep(services: Services) -> int:
    """Let every session that is due take its next step; how many did. Raises Unavailable."""
    now = clock.now()
    async with services.database.transaction() as session:
        rows = await focus.list_unscheduled(session, now - scheduling.idle_after(services.settings))
        made = await focus.count_ready_segments(session, [row.id for row in rows])
    due = [row.id for row in rows if scheduling.is_due(services.settings, row, made[row.id], now)]
    return sum([await _take_on(services, session_id) for session_id in due])


async def _take_on(services: Services, session_id: str) -> bool:
    """One step of one session, unless somebody else is at it."""
    async with services.database.transaction() as session:
        row = await focus.lock(session, session_id, wait=False)
        if row is None:
            return False
        before = row.sequence
        job = await scheduling.advance(session, services, row, clock.now())
    await use_cases.tell(services, row, before, job)
    return job is not None or row.sequence > before


async def run_forever(services: Services, every_seconds: float) -> None:
    """Sweep again and again; whatever is away now will be there later."""
    while not asyncio_cancel.is_cancelling():
        try:
            await sweep(services)
        except Refusal as refusal:
            log.warning("focus sessions wait", extra={"reason": refusal.technical})
        except Exception:
            log.exception("taking focus sessions on broke, and goes on")
        await asyncio.sleep(every_seconds)
