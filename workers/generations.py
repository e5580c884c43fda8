"""The generation pipeline: claim, render, encode, store, and one transaction that makes it true."""

import asyncio
import errno
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from core import cancellations, clock, ids, logs
from core.errors import Refusal, Unavailable
from core.jobs import Status
from core.papers import Papers
from core.settings import Settings
from engines.port import Cancelled, Continuation, Rendering
from engines.registry import Registry
from engines.sessions import Segment
from resolvers import outbox
from resolvers.generations import event
from storage import dispatch, generations, tracks
from storage.tables import Generation, Organization, TrackFile
from workers import conversions, files, made, renderings, scratch, segments, streams
from workers.monitors import JobMonitor, Span, Stop
from workers.papers import seals
from workers.services import WorkerServices, connect

log = logging.getLogger(__name__)

HAND_BACK: Final = signal.SIGUSR1
"""Tells a rendering to give its job back at its next checkpoint."""

_RENDERED: Final = 0.80
_ENCODED: Final = 0.95
"""Shares of the work, as measured on 60 s tracks: render, then encode, then store."""

_PATIENCE_SECONDS: Final = 30.0
_AGAIN_SECONDS: Final = 0.5
"""How long a result waits for Postgres to come back, and how often it looks."""

_FULL: Final = (errno.ENOSPC, errno.EDQUOT)

_FAILED: Final = "The music could not be made. You were not charged. Please try again."


@cache
def registry() -> Registry:
    """The engines of this process; the worker loads them before it forks."""
    settings = Settings().engines
    return Registry(settings.enabled, settings.default)


def render(*_: str) -> None:
    """RQ's entry: do the job whose turn it is, if there is one. What an older version's message names is no matter."""
    asyncio.run(_render())


async def _render() -> None:
    monitor = JobMonitor()
    for number in (HAND_BACK, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, monitor.stop, Stop.HANDED_BACK)
    # blocked since before the fork, so that none was lost
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {HAND_BACK})
    async with connect(Settings(), registry()) as services:
        if not monitor.stopped:
            # a file is made in a moment, and somebody looks at the page meanwhile
            if not await conversions.run(services, monitor):
                await run(services, monitor)
        else:
            await _wake(services)


async def run(services: WorkerServices, monitor: JobMonitor | None = None) -> None:
    """Claim a job and bring it as far as it goes; returns at once when none is due."""
    lease = timedelta(seconds=services.settings.workers.lease_seconds)
    async with services.database.transaction() as session:
        row = await dispatch.claim(session, lease)
    if row is None:
        return
    logs.trace_id.set(row.id)
    await services.events.publish(event(row))
    facts: dict[str, str | int] = {"job": row.id, "engine": row.engine, "attempt": row.attempts}
    with services.telemetry.span("generation", "CONSUMER", row.trace_parent, facts):
        await _Job(services, row, monitor or JobMonitor()).run()


async def _wake(services: WorkerServices) -> None:
    """Wake a worker; should the queue be away, recovery does."""
    with suppress(Unavailable):
        await services.queue.wake()


@dataclass(frozen=True, slots=True)
class _Job:
    """One claim of one generation."""

    services: WorkerServices
    row: Generation
    monitor: JobMonitor

    async def run(self) -> None:
        """Render and finish; whatever happens, the row tells it."""
        if self.row.cancel_requested_at is not None:
            await self._finish(Status.CANCELLED)
            return
        if self.row.attempts > self.services.settings.workers.max_attempts:
            await self._finish(Status.FAILED, _FAILED)
            return
        try:
            async with self._heartbeat():
                await self._make()
        except Cancelled:
            await self._stopped()
        except Exception as error:
            log.exception("rendering broke", extra={"job": self.row.id, "attempt": self.row.attempts})
            await self._broken(error)

    async def _make(self) -> None:
        continue_from = await renderings.continuation(self.services.database, self.row)
        segment = segments.plan(self.row)
        with scratch.folder(self.services.settings.workers.scratch_dir) as workspace:
            joined_to = await segments.before(self.services, self.row, workspace)
            rendering = await asyncio.to_thread(self._render_audio, workspace, continue_from, segment)
            span = Span(self.monitor, _RENDERED, _ENCODED)
            encoded = await asyncio.to_thread(files.encode, rendering, workspace, span, streams.lead(joined_to))
            if segment is not None:
                streamed = Span(self.monitor, _ENCODED, _ENCODED)
                encoded += await asyncio.to_thread(segments.stream, rendering, encoded, segment, joined_to, streamed)
            papers = await self._papers(rendering)
            await asyncio.to_thread(files.tell, encoded, papers, seals.configured(self.services.settings.c2pa))
            stored = await files.store(self.services.blobs, encoded, Span(self.monitor, _ENCODED, 1))
        await self._succeed(rendering, papers, stored)

    async def _papers(self, rendering: Rendering) -> Papers:
        async with self.services.database.transaction() as session:
            owner = await session.get_one(Organization, self.row.organization_id)
        return made.papers(ids.new(ids.Kind.TRACK), self.row, rendering, self.services.engines, owner.name)

    def _render_audio(self, workspace: Path, continue_from: Continuation | None, segment: Segment | None) -> Rendering:
        span = Span(self.monitor, 0, _RENDERED)
        return renderings.render(self.services.engines, self.row, continue_from, segment, workspace, span)

    async def _succeed(self, rendering: Rendering, papers: Papers, stored: list[TrackFile]) -> None:
        """Track and success in one transaction, only under the number of this claim."""
        track = made.track(self.row, rendering, self.services.engines, papers)
        for file in stored:
            file.track_id = track.id

        async def write(session: AsyncSession) -> Generation | None:
            end = generations.succeed if await segments.is_wanted(session, self.row) else generations.cancel
            row = await end(session, self.row.id, self.row.fence, clock.now())
            if row is not None and row.status is Status.SUCCEEDED:
                await tracks.add(session, track, stored)
            return row

        await self._change(write)

    async def _stopped(self) -> None:
        match self.monitor.stopped:
            case Stop.CANCELLED:
                await self._finish(Status.CANCELLED)
            case Stop.HANDED_BACK:
                await self._give_back(counts=False)
                await _wake(self.services)
            case _:
                log.warning("job lost to another worker", extra={"job": self.row.id, "fence": self.row.fence})

    async def _broken(self, error: Exception) -> None:
        """A part that was away is nobody's fault: recovery asks again soon. Anything else counts, a few times over."""
        if _is_away(error):
            rest = timedelta(seconds=self.services.settings.workers.retry_seconds)
            await self._give_back(counts=False, rest=rest)
        elif self.row.attempts >= self.services.settings.workers.max_attempts:
            await self._finish(Status.FAILED, _FAILED)
        else:
            await self._give_back(counts=True)
            await _wake(self.services)

    async def _finish(self, status: Status, error_message: str | None = None) -> None:
        await self._change(
            lambda session: generations.finish(session, self.row.id, self.row.fence, status, clock.now(), error_message)
        )

    async def _give_back(self, *, counts: bool, rest: timedelta | None = None) -> None:
        await self._change(
            lambda session: generations.hand_back(session, self.row.id, self.row.fence, counts=counts, rest=rest)
        )

    async def _change(self, write: Callable[[AsyncSession], Awaitable[Generation | None]]) -> None:
        """Write and tell; while Postgres is away try again, for the number of the claim keeps it from being twice."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _PATIENCE_SECONDS
        while True:
            try:
                async with self.services.database.transaction() as session:
                    held = await segments.hold(session, self.row)
                    row = await write(session)
                    await outbox.tell(session, row)
                    step = await segments.step(session, self.services, held, row)
            except Unavailable:
                if loop.time() > deadline:
                    raise
                await asyncio.sleep(_AGAIN_SECONDS)
            else:
                await self._tell(row)
                if step is not None:
                    await step.tell(self.services)
                if step is not None and step.job is not None:
                    await _wake(self.services)
                return

    async def _tell(self, row: Generation | None) -> None:
        if row is None:
            log.warning("result of a lost claim thrown away", extra={"job": self.row.id, "fence": self.row.fence})
        else:
            await self.services.events.publish(event(row))

    @asynccontextmanager
    async def _heartbeat(self) -> AsyncIterator[None]:
        """Beat while the body runs; at its end no beat is in flight, so the last word is the body's."""
        task = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _beat(self) -> None:
        """One statement writes progress, renews the lease and asks whether the job is still wanted."""
        settings = self.services.settings.workers
        is_held = True
        while is_held and not cancellations.is_asked():
            await self.monitor.wait(settings.heartbeat_seconds)
            try:
                is_held = await self._advance(timedelta(seconds=settings.lease_seconds))
            except Refusal as refusal:
                log.warning("heartbeat missed", extra={"job": self.row.id, "reason": refusal.technical})
            await asyncio.sleep(settings.progress_seconds)

    async def _advance(self, lease: timedelta) -> bool:
        """Whether the job is still this claim's."""
        progress, stage = self.monitor.percent, self.monitor.stage
        async with self.services.database.transaction() as session:
            row = await generations.advance(
                session, self.row.id, self.row.fence, progress=progress, stage=stage, lease=lease
            )
        if row is None:
            self.monitor.stop(Stop.LOST)
            return False
        if row.cancel_requested_at is not None:
            self.monitor.stop(Stop.CANCELLED)
        await self.services.events.publish(event(row))
        return True


def _is_away(error: Exception) -> bool:
    """Whether it is the fault of a part that is away or full."""
    return isinstance(error, Refusal) or (isinstance(error, OSError) and error.errno in _FULL)
