"""A job that a worker holds: the lease that it renews, and what it writes under the number of its claim."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from core import asyncio_cancel, clock
from core.errors import Refusal, Unavailable
from core.jobs import Status
from engines.port import RenderCancelledError
from resolvers.generations.generations import event
from resolvers.organizations import outbox
from storage.queries import generations
from storage.tables import Generation
from workers.jobs import focus_segment
from workers.jobs.focus_segment import SessionStep
from workers.progress import JobMonitor, StopReason
from workers.services import WorkerServices

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

_PATIENCE_SECONDS: Final = 30.0
_AGAIN_SECONDS: Final = 0.5
"""How long a result waits for Postgres to come back, and how often it looks."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One claim of one job, good as long as nobody has taken a newer number."""

    services: WorkerServices
    row: Generation
    monitor: JobMonitor

    async def finish(self, status: Status, error_message: str | None = None) -> None:
        """End the job without a track."""
        await self.write(
            lambda session: generations.finish(session, self.row.id, self.row.fence, status, clock.now(), error_message)
        )

    async def requeue(self, *, counts: bool, rest: timedelta | None = None) -> None:
        """Let somebody else make it, after a rest."""
        await self.write(
            lambda session: generations.requeue(session, self.row.id, self.row.fence, counts=counts, rest=rest)
        )

    async def write(self, write: Callable[[AsyncSession], Awaitable[Generation | None]]) -> None:
        """Write and tell; while Postgres is away try again, for the number of the claim keeps it from being twice."""
        row, step = await _patiently(lambda: self._written(write))
        if row is None:
            log.warning("result of a lost claim thrown away", extra={"job": self.row.id, "fence": self.row.fence})
        else:
            await self.services.events.publish(event(row))
        if step is not None:
            await step.publish(self.services)
        if step is not None and step.job is not None:
            with suppress(Unavailable):
                await self.services.queue.wake()

    async def verify(self) -> None:
        """Raises RenderCancelledError when the claim is lost, or its job no longer wanted."""
        await _patiently(self._advance)
        if self.monitor.stop_reason:
            raise RenderCancelledError

    def heartbeat(self) -> AbstractAsyncContextManager[None]:
        """Beat while the body runs; at its end no beat is in flight, so the last word is the body's."""
        return asyncio_cancel.run_in_background(self._beat())

    async def _written(
        self, write: Callable[[AsyncSession], Awaitable[Generation | None]]
    ) -> tuple[Generation | None, SessionStep | None]:
        async with self.services.database.transaction() as session:
            held = await focus_segment.lock_session(session, self.row)
            row = await write(session)
            await outbox.enqueue_event(session, row)
            return row, await focus_segment.advance_session(session, self.services, held, row)

    async def _beat(self) -> None:
        """One statement writes progress, renews the lease and asks whether the job is still wanted."""
        settings = self.services.settings.workers
        is_held = True
        while is_held and not asyncio_cancel.is_cancelling():
            await self.monitor.wait(settings.heartbeat_seconds)
            try:
                is_held = await self._advance()
            except Refusal as refusal:
                log.warning("heartbeat missed", extra={"job": self.row.id, "reason": refusal.technical})
            await asyncio.sleep(settings.progress_seconds)

    async def _advance(self) -> bool:
        """Whether the job is still this claim's."""
        lease = timedelta(seconds=self.services.settings.workers.lease_seconds)
        progress, stage = self.monitor.percent, self.monitor.stage
        async with self.services.database.transaction() as session:
            row = await generations.advance(
                session, self.row.id, self.row.fence, progress=progress, stage=stage, lease=lease
            )
        if row is None:
            self.monitor.stop(StopReason.LEASE_LOST)
            return False
        if row.cancel_requested_at is not None:
            self.monitor.stop(StopReason.CANCELLED)
        await self.services.events.publish(event(row))
        return True


async def _patiently(work: Callable[[], Awaitable[Answer]]) -> Answer:
    """Its answer; while Postgres is away it is asked again. Raises Unavailable when that takes too long."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _PATIENCE_SECONDS
    while True:
        try:
            return await work()
        except Unavailable:
            if loop.time() > deadline:
                raise
        await asyncio.sleep(_AGAIN_SECONDS)
