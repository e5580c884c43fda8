"""Leases of workers on jobs: renew them, and write the results of a generation under its fencing number."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from core import asyncio_cancel, clock, jobs
from core.errors import Refusal, Unavailable
from core.jobs import Status
from engines.port import RenderCancelledError
from resolvers.focus import scheduling
from resolvers.focus.scheduling import SchedulingServices
from resolvers.generations.generation_events import generation_event
from resolvers.organizations import outbox
from storage.queries import focus, generations, remote_jobs
from storage.redis.events import Event
from storage.tables import FocusSession, Generation
from workers.progress import JobMonitor, StopReason
from workers.services import WorkerServices

log = logging.getLogger(__name__)

Result = TypeVar("Result")
Write = Callable[[AsyncSession], Awaitable[Generation | None]]
Change = Callable[[AsyncSession], Awaitable[None]]

_RETRY_TIMEOUT_SECONDS: Final = 30.0
_RETRY_INTERVAL_SECONDS: Final = 0.5
_MAX_DELAY_SECONDS: Final = 300.0
_MAX_DOUBLINGS: Final = 16


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
        requeue = partial(generations.requeue, counts_as_attempt=counts_as_attempt, delay=delay)
        await self.write(lambda session: requeue(session, self.row.id, self.row.fence))

    async def park(self, delay: timedelta, *, counts_as_attempt: bool = False, also: Change | None = None) -> bool:
        """Release the job while a peer works on it; its next step is due after the delay.

        ``also`` changes further rows in the same transaction. Return False if the lease is lost.
        """

        async def write(session: AsyncSession) -> Generation | None:
            progress, stage = min(int(self.monitor.fraction * 100), 99), self.monitor.stage
            row = await generations.park(
                session,
                self.row.id,
                self.row.fence,
                progress=progress,
                stage=stage,
                delay=delay,
                counts_as_attempt=counts_as_attempt,
            )
            if row is not None and also is not None:
                await also(session)
            return row

        return await self.write(write)

    async def change(self, change: Change) -> None:
        """Change further rows while the lease is held. Raises RenderCancelledError if it is lost."""

        async def write() -> bool:
            async with self.services.database.transaction() as session:
                is_held = await generations.lock_claimed(session, self.row.id, self.row.fence)
                if is_held:
                    await change(session)
            return is_held

        if not await _retry_while_unavailable(write):
            self.monitor.stop(StopReason.LEASE_LOST)
            raise RenderCancelledError

    async def write(self, write: Write) -> bool:
        """Write a result and publish it; return False if the lease is lost.

        Retries while Postgres is unavailable; the fence prevents a second effect.
        """
        events, next_job = await _retry_while_unavailable(lambda: self._write_once(write))
        if not events:
            log.warning("result dropped: lease lost", extra={"fence": self.row.fence})
        elif events[0].fields["status"] == Status.RUNNING:
            log.debug("generation parked", extra={"fence": self.row.fence})
        else:
            log.info("generation %s", events[0].fields["status"], extra={"fence": self.row.fence})
        for event in events:
            await self.services.events.publish(event)
        if next_job is not None:
            with suppress(Unavailable):
                await self.services.queue.wake()
        return bool(events)

    async def verify(self) -> None:
        """Raise RenderCancelledError if the lease is lost or the job is cancelled."""
        await _retry_while_unavailable(self._renew)
        if self.monitor.stop_reason:
            raise RenderCancelledError

    def heartbeat(self) -> AbstractAsyncContextManager[None]:
        """Renew the lease while the body runs. After the body no renewal is in flight."""
        settings = self.services.settings.workers
        wait = partial(self.monitor.wait, settings.heartbeat_seconds)
        beats = _renew_until_lost(self._renew, wait, {}, settings.progress_seconds)
        return asyncio_cancel.run_in_background(beats)

    async def _write_once(self, write: Write) -> tuple[list[Event], Generation | None]:
        """Return the events of all changes, none if the lease is lost, and the next job of the focus session."""
        async with self.services.database.transaction() as session:
            # lock the session before the job changes, like all code that schedules it
            focus_session = await focus.lock(session, self.row.session_id) if self.row.session_id else None
            row = await write(session)
            if row is not None and jobs.is_terminal(row.status):
                await remote_jobs.remove(session, row.id)
            await outbox.enqueue_event(session, row)
            if row is None or focus_session is None:
                return [generation_event(row)] if row else [], None
            sequence = focus_session.sequence
            next_job = await advance_session(session, self.services, focus_session, row)
            events = [generation_event(row)]
            if focus_session.sequence > sequence:
                events.append(scheduling.session_event(focus_session))
            return events, next_job

    async def _renew(self) -> bool:
        """Write the progress, renew the lease and read the cancellation flag, in one statement.

        Return False if the lease is lost.
        """
        lease = timedelta(seconds=self.services.settings.workers.lease_seconds)
        # a job is at 100 percent when its track exists
        progress, stage = min(int(self.monitor.fraction * 100), 99), self.monitor.stage
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


async def advance_session(
    session: AsyncSession, parts: SchedulingServices, row: FocusSession, job: Generation
) -> Generation | None:
    """Advance a locked focus session after a change of its job, and return its next job if there is one."""
    now = clock.now()
    if job.status is Status.SUCCEEDED:
        row.sequence += 1
        grid = scheduling.segment_from_row(job).grid
        scheduling.add_ready_music(parts.settings, row, scheduling.stride_seconds(grid), now)
        job.ready_sequence = row.sequence
        await session.flush()
    failed = job if job.status in (Status.FAILED, Status.CANCELLED) else None
    return await scheduling.advance(session, parts, row, now, failed)


def outage_delay(retry_seconds: float, fence: int, attempts: int) -> timedelta:
    """Return the delay of a job after a service was unavailable or a disk was full, doubled with each such failure.

    Such failures are the claims that do not count as attempts.
    """
    failures = min(max(fence - attempts, 0), _MAX_DOUBLINGS)
    return timedelta(seconds=max(min(retry_seconds * 2**failures, _MAX_DELAY_SECONDS), retry_seconds))


def heartbeat(
    services: WorkerServices,
    renew: Callable[[AsyncSession, timedelta], Awaitable[bool]],
    log_fields: Mapping[str, object],
) -> AbstractAsyncContextManager[None]:
    """Call ``renew`` at intervals with the new duration of a lease while the body runs, until it returns False."""
    settings = services.settings.workers

    async def renew_once() -> bool:
        async with services.database.transaction() as session:
            return await renew(session, timedelta(seconds=settings.lease_seconds))

    wait = partial(asyncio.sleep, settings.heartbeat_seconds)
    return asyncio_cancel.run_in_background(_renew_until_lost(renew_once, wait, log_fields))


async def _renew_until_lost(
    renew: Callable[[], Awaitable[bool]],
    wait: Callable[[], Awaitable[None]],
    log_fields: Mapping[str, object],
    min_interval_seconds: float = 0.0,
) -> None:
    """Call ``renew`` after each ``wait`` until it returns False or the task is cancelled.

    A renewal that fails because a service is unavailable is retried with the next heartbeat.
    """
    is_held = True
    while is_held and not asyncio_cancel.is_cancelling():
        await wait()
        try:
            is_held = await renew()
        except Refusal as refusal:
            log.warning("heartbeat failed", extra={**log_fields, "reason": refusal.technical})
        await asyncio.sleep(min_interval_seconds)


async def _retry_while_unavailable(work: Callable[[], Awaitable[Result]]) -> Result:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _RETRY_TIMEOUT_SECONDS
    while True:
        try:
            return await work()
        except Unavailable:
            if loop.time() > deadline:
                raise
        await asyncio.sleep(_RETRY_INTERVAL_SECONDS)
