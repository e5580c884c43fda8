"""The generation pipeline: claim, render, encode, store, and one transaction that makes it true."""

import asyncio
import logging
import signal
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock, ids, logs
from core.errors import Refusal, Unavailable
from core.jobs import Status
from core.settings import Settings
from core.track_metadata import TrackMetadata
from engines.focus_port import Segment
from engines.port import Continuation, RenderCancelledError, RenderResult
from engines.registry import EngineRegistry
from resolvers.generations.generations import event
from storage.postgres.database import Database
from storage.queries import conversions as conversion_rows
from storage.queries import generations, tracks
from storage.queue import dispatch, warmup
from storage.tables import Generation, Organization, TrackFile
from workers import scratch
from workers.file_tags import c2pa
from workers.files import hls_chunks, track_files
from workers.jobs import conversion, focus_segment, render_request, track_row
from workers.jobs.leases import Lease
from workers.progress import JobMonitor, ProgressRange, StopReason
from workers.services import WorkerServices, connect

log = logging.getLogger(__name__)

REQUEUE_SIGNAL: Final = signal.SIGUSR1
"""Tells a rendering to give its job back at its next checkpoint."""

_CONNECTIONS: Final = 3
"""For the work, its heartbeat, and what it tells of itself meanwhile."""

_RENDERED: Final = 0.80
_ENCODED: Final = 0.95
"""Shares of the work, as measured on 60 s tracks: render, then encode, then store."""

_FAILED: Final = "The music could not be made. You were not charged. Please try again."


@cache
def settings() -> Settings:
    """Of this process, read before it forks."""
    return Settings()


@cache
def registry() -> EngineRegistry:
    """The engines of this process; the worker loads them before it forks."""
    engines = settings().engines
    return EngineRegistry(engines.enabled, engines.default)


@cache
def database() -> Database:
    """Of this process; a child that is forked begins without connections, and needs few."""
    return Database(str(settings().database_url), pool_size=_CONNECTIONS, pre_ping=True, max_transaction_seconds=10)


def prepare() -> None:
    """Do once what each child would do anew."""
    for card in registry().infos:
        registry().load(card.key)
    # whatever is wrong with Postgres, the first job will tell
    with suppress(Exception):
        asyncio.run(warmup.warm_up_claims(database()))


def render(*_: str) -> None:
    """RQ's entry: do the job whose turn it is, if there is one. What an older version's message names is no matter."""
    asyncio.run(_render())


async def _render() -> None:
    monitor = JobMonitor()
    for number in (REQUEUE_SIGNAL, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, monitor.stop, StopReason.REQUEUED)
    # blocked since before the fork, so that none was lost
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {REQUEUE_SIGNAL})
    async with connect(settings(), registry(), database()) as services:
        if not monitor.stop_reason:
            await run(services, monitor)
        else:
            await _wake(services)


async def run(services: WorkerServices, monitor: JobMonitor | None = None) -> bool:
    """Claim what is due, a file or else a job, and bring it as far as it goes; False at once when nothing is."""
    lease, heard = timedelta(seconds=services.settings.workers.lease_seconds), monitor or JobMonitor()
    async with services.database.transaction() as session:
        # a file is made in a moment, and somebody looks at the page meanwhile
        file = await conversion_rows.claim(session, lease)
        row = await dispatch.claim(session, lease) if file is None else None
    if file is not None:
        await conversion.run(services, file, heard)
    elif row is not None:
        await _make(services, row, heard)
    return file is not None or row is not None


async def _make(services: WorkerServices, row: Generation, monitor: JobMonitor) -> None:
    logs.trace_id.set(row.id)
    await services.events.publish(event(row))
    facts: dict[str, str | int] = {"job": row.id, "engine": row.engine, "attempt": row.attempts}
    with services.telemetry.span("generation", "CONSUMER", row.trace_parent, facts):
        await _Job(services, row, monitor, Lease(services, row, monitor)).run()


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
    claim: Lease

    async def run(self) -> None:
        """Render and finish; whatever happens, the row tells it."""
        if self.row.cancel_requested_at is not None:
            await self.claim.finish(Status.CANCELLED)
            return
        if self.row.attempts > self.services.settings.workers.max_attempts:
            await self.claim.finish(Status.FAILED, _FAILED)
            return
        try:
            async with self.claim.heartbeat():
                await self._make()
        except RenderCancelledError:
            await self._stopped()
        except Exception as error:
            log.exception("rendering broke", extra={"job": self.row.id, "attempt": self.row.attempts})
            await self._broken(error)

    async def _make(self) -> None:
        continue_from = await render_request.load_continuation(self.services.database, self.row)
        # before the work: whoever comes back with a result needs Postgres once
        owner = await self._owner()
        segment = focus_segment.plan(self.row)
        with scratch.folder(self.services.settings.workers.scratch_dir) as workspace:
            joined_to = await focus_segment.load_previous(self.services, self.row, workspace)
            rendering = await asyncio.to_thread(self._render_audio, workspace, continue_from, segment)
            span = ProgressRange(self.monitor, _RENDERED, _ENCODED)
            encoded = await asyncio.to_thread(
                track_files.encode, rendering, workspace, span, hls_chunks.lead_samples(joined_to)
            )
            if segment is not None:
                streamed = ProgressRange(self.monitor, _ENCODED, _ENCODED)
                encoded += await asyncio.to_thread(
                    focus_segment.write_stream, rendering, encoded, segment, joined_to, streamed
                )
            papers = track_row.build_metadata(
                ids.new(ids.Kind.TRACK), self.row, rendering, self.services.engines, owner
            )
            await asyncio.to_thread(
                track_files.tag_files, encoded, papers, c2pa.create_signer(self.services.settings.c2pa)
            )
            # of a claim that was lost, not even files are left
            await self.claim.verify()
            stored = await track_files.store(self.services.blobs, encoded, ProgressRange(self.monitor, _ENCODED, 1))
        await self._succeed(rendering, papers, stored)

    async def _owner(self) -> str:
        async with self.services.database.transaction() as session:
            return (await session.get_one(Organization, self.row.organization_id)).name

    def _render_audio(
        self, workspace: Path, continue_from: Continuation | None, segment: Segment | None
    ) -> RenderResult:
        span = ProgressRange(self.monitor, 0, _RENDERED)
        return render_request.render(self.services.engines, self.row, continue_from, segment, workspace, span)

    async def _succeed(self, rendering: RenderResult, papers: TrackMetadata, stored: list[TrackFile]) -> None:
        """Track and success in one transaction, only under the number of this claim."""
        track = track_row.build_track(self.row, rendering, self.services.engines, papers)
        for file in stored:
            file.track_id = track.id

        async def write(session: AsyncSession) -> Generation | None:
            end = (
                generations.succeed if await focus_segment.is_session_active(session, self.row) else generations.cancel
            )
            row = await end(session, self.row.id, self.row.fence, clock.now())
            if row is not None and row.status is Status.SUCCEEDED:
                await tracks.add(session, track, stored)
            return row

        await self.claim.write(write)

    async def _stopped(self) -> None:
        match self.monitor.stop_reason:
            case StopReason.CANCELLED:
                await self.claim.finish(Status.CANCELLED)
            case StopReason.REQUEUED:
                await self.claim.requeue(counts=False)
                await _wake(self.services)
            case _:
                log.warning("job lost to another worker", extra={"job": self.row.id, "fence": self.row.fence})

    async def _broken(self, error: Exception) -> None:
        """A part that was away is nobody's fault: recovery asks again soon. Anything else counts, a few times over."""
        if isinstance(error, Refusal):
            rest = timedelta(seconds=self.services.settings.workers.retry_seconds)
            await self.claim.requeue(counts=False, rest=rest)
        elif self.row.attempts >= self.services.settings.workers.max_attempts:
            await self.claim.finish(Status.FAILED, _FAILED)
        else:
            await self.claim.requeue(counts=True)
            await _wake(self.services)
