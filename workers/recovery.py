"""Finds jobs that no worker will come for, and asks for them again. One process at a time does it."""

import asyncio
import logging
from datetime import timedelta
from typing import Final, Protocol

from sqlalchemy import text

from core import clock
from core.errors import Refusal
from storage import generations
from storage.databases import Database

log = logging.getLogger(__name__)

_LOCK: Final = 7_305_114_812
_PATIENCE: Final = timedelta(seconds=2)
"""A job younger than this may be on its way into the queue."""


class KnowingQueue(Protocol):
    """A queue that can tell what it was asked for."""

    async def enqueue(self, generation_id: str, fence: int) -> None:
        """Ask for a claim."""

    async def knows(self, generation_id: str, fence: int) -> bool:
        """Whether this claim was asked for already."""


async def sweep(database: Database, queue: KnowingQueue) -> int:
    """Ask again for every job that is due and that no queue knows; how many. Raises Unavailable."""
    async with database.transaction() as session:
        if not await session.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK}):
            return 0
        now = clock.now()
        rows = await generations.due(session, now, now - _PATIENCE)
        lost = [row for row in rows if not await queue.knows(row.id, row.fence)]
        for row in lost:
            log.warning("job found again", extra={"job": row.id, "status": row.status, "fence": row.fence})
            await queue.enqueue(row.id, row.fence)
    return len(lost)


async def run_forever(database: Database, queue: KnowingQueue, every_seconds: float) -> None:
    """Sweep again and again; whatever is away now will be there later."""
    while True:
        try:
            await sweep(database, queue)
        except Refusal as refusal:
            log.warning("recovery waits", extra={"reason": refusal.technical})
        await asyncio.sleep(every_seconds)
