"""The generation pipeline: claim, render, encode, store, and save the track in one transaction."""

import asyncio
import logging
import signal
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from core import logs
from core.errors import Refusal, Unavailable
from core.jobs import Status
from engines.port import RenderCancelledError
from resolvers.generations.generation_events import generation_event
from storage.queries import conversions as conversion_rows
from storage.queue import dispatch
from storage.tables import Conversion, Generation, Organization
from workers import scratch
from workers.file_tags import c2pa
from workers.files import hls_chunks, track_files
from workers.jobs import completion, conversion, job_process, leases, remote_step, rendering
from workers.jobs.leases import Lease
from workers.progress import JobMonitor, ProgressRange, StopReason
from workers.services import WorkerServices

log = logging.getLogger(__name__)

REQUEUE_SIGNAL: Final = signal.SIGUSR1
"""Makes a job child requeue its job at the next checkpoint."""

_CONNECTION_SECONDS: Final = 10.0
"""Time in which a connection must be checked or opened; each host has five seconds to accept one."""

_RENDERED: Final = 0.80
_ENCODED: Final = 0.95
"""Shares of the total time after rendering and after encoding, measured on tracks of 60 s."""

_ERROR_MESSAGE: Final = "The music could not be made. You were not charged. Please try again."


def render(*_: str) -> None:
    """Run the next job, if any. This is the entry point of RQ messages; arguments of older versions are ignored."""
    job_process.current().run(_render)


async def _render(services: WorkerServices) -> None:
    monitor, loop = JobMonitor(), asyncio.get_running_loop()

    def requeue(*_: object) -> None:
        with suppress(RuntimeError):  # the loop has ended, and the job with it
            loop.call_soon_threadsafe(monitor.stop, StopReason.REQUEUED)

    loop.add_signal_handler(signal.SIGTERM, monitor.stop, StopReason.REQUEUED)
    # not a handler of the loop, which removes it at its end: the signal would kill a child whose job is finished
    signal.signal(REQUEUE_SIGNAL, requeue)
    # it was blocked before the fork, so that no signal is lost
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {REQUEUE_SIGNAL})
    if not monitor.stop_reason:
        await run(services, monitor)
    else:
        await _wake(services)


async def run(services: WorkerServices, monitor: JobMonitor | None = None) -> bool:
    """Claim and run the next conversion or else generation. Return False if none is due."""
    monitor = monitor or JobMonitor()
    try:
        file, row = await _claim(services)
    except Unavailable:
        # the connection was lost while the child waited, or Postgres rolled back the claim of a process that was paused
        file, row = await _claim(services)
    if file is not None:
        await conversion.run(services, file, monitor)
    elif row is not None:
        await _run_generation(services, row, monitor)
    return file is not None or row is not None


async def _claim(services: WorkerServices) -> tuple[Conversion | None, Generation | None]:
    """Claim the next conversion or else generation. Raises Unavailable."""
    lease = timedelta(seconds=services.settings.workers.lease_seconds)
    async with services.database.transaction() as session:
        async with asyncio.timeout(_CONNECTION_SECONDS):
            # checks an idle connection, which a firewall may have dropped silently
            await session.connection()
        # conversions are short, and the user is waiting for the file
        file = await conversion_rows.claim(session, lease)
        if file is not None:
            return file, None
        return None, await dispatch.claim(session, lease, services.settings.engines.job_limits)


async def _run_generation(services: WorkerServices, row: Generation, monitor: JobMonitor) -> None:
    logs.trace_id.set(row.id)
    logs.job_ids.set({row.id: None})
    log.info("generation started", extra={"engine": row.engine, "attempt": row.attempts, "fence": row.fence})
    await services.events.publish(generation_event(row))
    attributes: dict[str, str | int] = {"job": row.id, "engine": row.engine, "attempt": row.attempts}
    lease, remote = Lease(services, row, monitor), services.engines.remote(row.engine)
    with services.telemetry.span("generation", "CONSUMER", row.trace_parent, attributes):
        if remote is not None:
            await remote_step.run(lease, remote)
        else:
            await _Job(services, row, monitor, lease).run()


async def _wake(services: WorkerServices) -> None:
    """Wake a worker. If the queue is unavailable, recovery does so later."""
    with suppress(Unavailable):
        await services.queue.wake()


@dataclass(frozen=True, slots=True)
class _Job:
    """One attempt at a generation."""

    services: WorkerServices
    row: Generation
    monitor: JobMonitor
    lease: Lease

    async def run(self) -> None:
        if self.row.cancel_requested_at is not None:
            await self.lease.finish(Status.CANCELLED)
            return
        if self.row.attempts > self.services.settings.workers.max_attempts:
            await self.lease.finish(Status.FAILED, _ERROR_MESSAGE)
            return
        try:
            async with self.lease.heartbeat():
                await self._render_and_store()
        except RenderCancelledError:
            await self._on_stopped()
        except Refusal as refusal:
            # a service is unavailable or the disk is full: does not count as an attempt
            log.warning("generation postponed", extra={"reason": refusal.technical})
            retry_seconds = self.services.settings.workers.retry_seconds
            delay = leases.outage_delay(retry_seconds, self.row.fence, self.row.attempts)
            await self.lease.requeue(counts_as_attempt=False, delay=delay)
        except Exception:
            log.exception("generation failed", extra={"attempt": self.row.attempts})
            await self._retry_or_fail()

    async def _render_and_store(self) -> None:
        await self.services.check_storage()
        # read before rendering, so that saving the result needs a single transaction
        async with self.services.database.transaction() as session:
            owner = await session.get_one(Organization, self.row.organization_id)
        with scratch.folder(self.services.settings.workers.scratch_dir) as workspace:
            progress = ProgressRange(self.monitor, 0, _RENDERED)
            made = await rendering.render(self.services, self.row, workspace, progress)
            progress = ProgressRange(self.monitor, _RENDERED, _ENCODED)
            lead_samples = hls_chunks.lead_samples(made.previous)
            files = await asyncio.to_thread(track_files.encode, made.result, workspace, progress, lead_samples)
            if made.segment is not None:
                master, progress = files[0].path, ProgressRange(self.monitor, _ENCODED, _ENCODED)
                files += await asyncio.to_thread(
                    hls_chunks.write_chunks, made.result.master, master, made.segment, made.previous, progress
                )
            engine = self.services.engines.load(self.row.engine).info
            track = rendering.build_track(self.row, made.result, engine)
            embeds_prompt = self.services.settings.embed_prompts
            metadata = rendering.build_metadata(track, self.row.prompt, engine, owner.name, embeds_prompt=embeds_prompt)
            track.papers = metadata.as_json()
            signer = c2pa.create_signer(self.services.settings.c2pa)
            await asyncio.to_thread(track_files.tag_files, files, metadata, signer)
            # a job whose lease is lost must not store files
            await self.lease.verify()
            progress = ProgressRange(self.monitor, _ENCODED, 1)
            stored = await track_files.store(self.services.blobs, files, track.id, progress)
        await completion.succeed(self.lease, track, stored)

    async def _on_stopped(self) -> None:
        match self.monitor.stop_reason:
            case StopReason.CANCELLED:
                await self.lease.finish(Status.CANCELLED)
            case StopReason.REQUEUED:
                await self.lease.requeue(counts_as_attempt=False)
                await _wake(self.services)
            case _:
                log.warning("job claimed by another worker", extra={"fence": self.row.fence})

    async def _retry_or_fail(self) -> None:
        if self.row.attempts >= self.services.settings.workers.max_attempts:
            await self.lease.finish(Status.FAILED, _ERROR_MESSAGE)
        else:
            await self.lease.requeue(counts_as_attempt=True)
            await _wake(self.services)
