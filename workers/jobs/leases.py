"""The lease of a worker on a generation: renew it, and write results under its fencing number."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from core import asyncio_cancel, clock
from core.errors import Unavailable
from core.jobs import Status
from engines.port import RenderCancelledError
from resolvers.focus import scheduling
from resolvers.generations.generation_events import generation_event
from resolvers.organizations import outbox
from storage.queries import generations
from storage.tables import Generation
from workers.jobs import focus_segment, heartbeat
from workers.jobs.focus_segment import SessionStep
from workers.progress import JobMonitor, StopReason
from workers.services import WorkerServices

log = logging.getLogger(__name__)

Result = TypeVar("Result")
Write = Callable[[AsyncSession], Awaitable[Generation | None]]

_RETRY_TIMEOUT_SECONDS: Final = 30.0
_RETRY_INTERVAL_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Lease:
    """A claimed generation. Writes take effect only while no other worker has claimed it, with a newer fence."""

    services: WorkerServices
    row: Generation
    monitor: JobMonitor

    async def finish(self, status: Status, error_message: str | None = None) -> None:
        """End the job without a track."""
        await self.write(
            lambda session: generations.finish(session, self.row.id, self.row.fence, status, clock.now(), error_message)
        )

    async def requeue(self, *, counts_as_attempt: bool, delay: timedelta | None = None) -> None:
        """Return the job to the queue, available after the delay."""
        await self.write(
            lambda session: generations.requeue(
                session, self.row.id, self.row.fence, counts_as_attempt=counts_as_attempt, delay=delay
            )
        )

    async def write(self, write: Write) -> None:
        """Write a result and publish it. Retries while Postgres is unavailable; the fence prevents a second effect."""
        row, step = await _retry_while_unavailable(lambda: self._write_once(write))
        if row is None:
            log.warning("result dropped: lease lost", extra={"job": self.row.id, "fence": self.row.fence})
        else:
            await self.services.events.publish(generation_event(row))
        if step is not None and step.session.sequence > step.previous_sequence:
            await self.services.events.publish(scheduling.session_event(step.session))
        if step is not None and step.next_job is not None:
            with suppress(Unavailable):
                await self.services.queue.wake()

    async def verify(self) -> None:
        """Raise RenderCancelledError if the lease is lost or the job is cancelled."""
        await _retry_while_unavailable(self._renew)
        if self.monitor.stop_reason:
            raise RenderCancelledError

    def heartbeat(self) -> AbstractAsyncContextManager[None]:
        """Renew the lease while the body runs. After the body no renewal is in flight."""
        settings = self.services.settings.workers
        beats = heartbeat.renew_until_lost(
            self._renew,
            lambda: self.monitor.wait(settings.heartbeat_seconds),
            {"job": self.row.id},
            settings.progress_seconds,
        )
        return asyncio_cancel.run_in_background(beats)

    async def _write_once(self, write: Write) -> tuple[Generation | None, SessionStep | None]:
        async with self.services.database.transaction() as session:
            focus_session = await focus_segment.lock_session(session, self.row)
            row = await write(session)
            await outbox.enqueue_event(session, row)
            return row, await focus_segment.advance_session(session, self.services, focus_session, row)

    async def _renew(self) -> bool:
        """Write the progress, renew the lease and read the cancellation flag, in one statement.

        Return False if the lease is lost.
        """
        lease = timedelta(seconds=self.services.settings.workers.lease_seconds)
        progress, stage = self.monitor.percent, self.monitor.stage
        async with self.services.database.transaction() as session:
            row = await generations.renew_lease(
                session, self.row.id, self.row.fence, progress=progress, stage=stage, lease=lease
            )
        if row is None:
            self.monitor.stop(StopReason.LEASE_LOST)
            return False
        if row.cancel_requested_at is not None:
            self.monitor.stop(StopReason.CANCELLED)
        await self.services.events.publish(generation_event(row))
        return True


async def _retry_while_unavailable(work: Callable[[], Awaitable[Result]]) -> Result:
    """Retry while Postgres is unavailable. Raises Unavailable after the timeout."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _RETRY_TIMEOUT_SECONDS
    while True:
        try:
            return await work()
        except Unavailable:
            if loop.time() > deadline:
                raise
        await asyncio.sleep(_RETRY_INTERVAL_SECONDS)
