"""One step of a job of a remote engine: submit it, request its state, or fetch, encode and store its audio.

While the peer works, no worker holds the job: it is parked, and any worker claims its next step under a new fencing
number. What a step has caused at the peer is stored before the next one relies on it:

1. The payload and the phase "submitting" are stored, then the request is sent, then the id of the job at the peer is
   stored. If a worker dies in between, the outcome is uncertain: the request is sent again with the same idempotency
   key if the peer accepts one; otherwise the job fails and is not charged. It is never submitted twice.
2. The state is requested at growing intervals. A job that the peer does not know three times in a row is lost, and is
   submitted as a new one while attempts are left. A job that takes longer than ``job_seconds`` is cancelled and fails.
3. The file is fetched and the track is saved with the success of the job in one transaction.
"""

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from core import clock
from core.errors import Refusal
from core.jobs import WorkerStage
from engines.port import RenderCancelledError, Stage
from engines.registry import RegisteredRemoteEngine
from engines.remote.decoding import UndecodableError
from engines.remote.focus.fitting import UnfitError
from engines.remote.port import (
    RemoteError,
    RemoteFault,
    RemoteRequest,
    RemoteState,
)
from resolvers.focus import scheduling
from storage.queries import remote_jobs
from storage.tables import Organization, RemoteJob, RemotePhase
from workers import scratch
from workers.file_tags import c2pa
from workers.files import track_files
from workers.jobs import completion, remote_source, remote_track, rendering
from workers.jobs.leases import Lease
from workers.jobs.remote_claim import RemoteClaim
from workers.jobs.remote_source import UnusableSourceError
from workers.jobs.remote_track import SegmentPlace
from workers.progress import ProgressRange, StopReason

log = logging.getLogger(__name__)

Result = TypeVar("Result")

_GENERATED: Final = 0.80
_FETCHED: Final = 0.85
_ENCODED: Final = 0.95
"""Shares of the progress when the peer has finished, when its file is fetched, and when all files are encoded."""

_MAX_LOSSES: Final = 3
"""A peer that was restarted, or has several servers, may not know a job for a moment."""

_STOP_CHECK_SECONDS: Final = 0.25
_MAX_MESSAGE: Final = 500

_NOT_CHARGED: Final = "You were not charged."
_FAILED: Final = f"The music could not be made. {_NOT_CHARGED} Please try again."
_UNCERTAIN: Final = (
    f"The engine did not confirm the request, which may have been lost. {_NOT_CHARGED} Please try again."
)
_LOST: Final = f"The engine has lost the request. {_NOT_CHARGED} Please try again."
_TOO_LONG: Final = f"The engine took too long. {_NOT_CHARGED} Please try again."


async def run(lease: Lease, entry: RegisteredRemoteEngine) -> None:
    """Run the next step of a claimed job."""
    async with aclosing(entry.connect()) as engine:
        async with lease.services.database.transaction() as session:
            job = await remote_jobs.find(session, lease.row.id) or RemoteJob(generation_id=lease.row.id, payload={})
        await _Step(RemoteClaim(lease, entry, engine, job)).run()


@dataclass(frozen=True, slots=True)
class _Step:
    """What one claim of a job does."""

    claim: RemoteClaim

    async def run(self) -> None:
        services, row = self.claim.lease.services, self.claim.lease.row
        if row.cancel_requested_at is not None:
            await self.claim.cancel()
        elif row.attempts > services.settings.workers.max_attempts:
            await self.claim.give_up(_FAILED)
        else:
            try:
                async with self.claim.lease.heartbeat():
                    await self._advance()
            except Exception as error:  # noqa: BLE001  sorted by _on_error
                await self._on_error(error)

    async def _advance(self) -> None:
        """Do what is next at the peer, then park the job or save its track. Raises what ``_on_error`` handles."""
        job = self.claim.job
        if job.phase is RemotePhase.SUBMITTING and not self.claim.engine.is_idempotent:
            raise RemoteError(RemoteFault.UNCERTAIN, _UNCERTAIN)
        if job.phase in {RemotePhase.PREPARED, RemotePhase.SUBMITTING}:
            await self._submit()
        elif job.phase is RemotePhase.READY or await self._poll():
            await self._fetch()

    async def _submit(self) -> None:
        services, row = self.claim.lease.services, self.claim.lease.row
        request = await rendering.build_request(services, row)
        payload = self.claim.job.payload or dict(self.claim.engine.prepare(request))
        with scratch.folder(services.settings.workers.scratch_dir) as folder:
            source = await remote_source.prepare_file(services, row, folder)
            await self.claim.change(phase=RemotePhase.SUBMITTING, payload=payload)
            foreign_id = await self.claim.engine.submit(RemoteRequest(self.claim.job.key, request, payload, source))
        log.info(
            "generation submitted", extra={"engine": self.claim.entry.info.key, "submission": self.claim.job.submission}
        )
        self.claim.lease.monitor.stage = WorkerStage.WAITING
        is_stored = await self.claim.park(
            self.claim.entry.settings.poll_seconds,
            phase=RemotePhase.WORKING,
            foreign_id=foreign_id,
            submitted_at=clock.now(),
            failures=0,
            losses=0,
            polls=0,
        )
        if not is_stored and not self.claim.engine.is_idempotent:
            # the worker that holds the lease now fails the job
            await self.claim.cancel_at_peer(foreign_id)

    async def _poll(self) -> bool:
        """Return whether the peer has finished; park the job if not."""
        status = await self.claim.engine.poll(self.claim.foreign_id)
        if status.state is RemoteState.SUCCEEDED:
            self._report(Stage.MASTERING, _GENERATED)
            await self.claim.change(phase=RemotePhase.READY, result=dict(status.result), failures=0, losses=0)
            return True
        if self.claim.is_overdue():
            await self.claim.give_up(_TOO_LONG)
            return False
        is_queued = status.state is RemoteState.QUEUED
        fraction = min(max(status.fraction or 0.0, 0.0), 1.0)
        self._report(WorkerStage.WAITING if is_queued else Stage.RENDERING, _GENERATED * fraction)
        await self.claim.park(self.claim.poll_delay(), failures=0, losses=0, polls=self.claim.job.polls + 1)
        return False

    async def _fetch(self) -> None:
        services, monitor = self.claim.lease.services, self.claim.lease.monitor
        row, engine = self.claim.lease.row, self.claim.entry.info
        await services.check_storage()
        source = await remote_source.load_facts(services, row)
        engine = source.restrict(engine) if source else engine
        request = await rendering.build_request(services, row)
        async with services.database.transaction() as session:
            owner = await session.get_one(Organization, row.organization_id)
        with scratch.folder(services.settings.workers.scratch_dir) as workspace:
            folder = workspace / "remote"
            folder.mkdir()
            fetching = self.claim.engine.fetch(self.claim.foreign_id, self.claim.job.result, folder)
            remote = await self._interruptible(fetching)
            progress = ProgressRange(monitor, _FETCHED, _ENCODED)
            place = await self._place_in_session(workspace)
            made = await remote_track.build(row, request, engine, remote, workspace, progress, place)
            metadata = rendering.build_metadata(
                made.track, request.prompt, engine, owner.name, embeds_prompt=services.settings.embed_prompts
            )
            metadata = remote_track.add_provenance(metadata, remote, self.claim.job.payload, self.claim.entry.settings)
            metadata = source.add_to(metadata) if source else metadata
            made.track.papers = metadata.as_json()
            signer = c2pa.create_signer(services.settings.c2pa)
            await asyncio.to_thread(track_files.tag_files, made.files, metadata, signer)
            await self.claim.lease.verify()
            progress = ProgressRange(monitor, _ENCODED, 1)
            stored = await track_files.store(services.blobs, made.files, made.track.id, progress)
        await completion.succeed(self.claim.lease, made.track, stored, made.segment)
        await self.claim.wake()

    async def _place_in_session(self, workspace: Path) -> SegmentPlace | None:
        services, row = self.claim.lease.services, self.claim.lease.row
        if row.session_id is None:
            return None
        previous = await rendering.load_previous(services, row, workspace)
        return SegmentPlace(scheduling.segment_from_row(row), previous)

    async def _interruptible(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Await a download; end it if the job is cancelled or the worker stops. Raises RenderCancelledError."""
        task = asyncio.create_task(work)
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=_STOP_CHECK_SECONDS)
                self._report(Stage.MASTERING, _GENERATED)
            return task.result()
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError, RemoteError):
                await task

    async def _on_error(self, error: Exception) -> None:
        match error:
            case RenderCancelledError():
                await self._on_stopped()
            case RemoteError():
                log.warning("remote engine failed", extra={"fault": error.fault.value, "reason": error.message})
                await self._on_fault(error)
            case UnusableSourceError():
                await self.claim.fail(f"{error} {_NOT_CHARGED}")
            case UndecodableError() | UnfitError():
                log.warning("file of a remote engine rejected", extra={"reason": str(error)})
                await self._on_unusable_file(f"The engine delivered no usable audio. {error} {_NOT_CHARGED}")
            case Refusal():
                # a service is unavailable or the disk is full
                log.warning("generation postponed", extra={"reason": error.technical})
                await self.claim.retry()
            case _:
                log.error("generation failed", exc_info=error, extra={"attempt": self.claim.lease.row.attempts})
                await self.claim.retry(counts_as_attempt=True)

    async def _on_fault(self, error: RemoteError) -> None:
        is_submission = self.claim.job.phase in {RemotePhase.PREPARED, RemotePhase.SUBMITTING}
        match error.fault:
            case RemoteFault.REJECTED:
                await self.claim.fail(f"{error.message[:_MAX_MESSAGE]} {_NOT_CHARGED}")
            case RemoteFault.FAILED:
                await self.claim.resubmit(f"{error.message[:_MAX_MESSAGE]} {_NOT_CHARGED}")
            case RemoteFault.LOST if is_submission or self.claim.job.losses + 1 >= _MAX_LOSSES:
                await self.claim.resubmit(_LOST)
            case RemoteFault.LOST:
                await self.claim.park(
                    self.claim.poll_delay(), losses=self.claim.job.losses + 1, polls=self.claim.job.polls + 1
                )
            case RemoteFault.UNCERTAIN if is_submission and not self.claim.engine.is_idempotent:
                await self.claim.fail(_UNCERTAIN)
            case RemoteFault.UNAVAILABLE if is_submission:
                # nothing was accepted
                await self.claim.retry(error.retry_after_seconds, phase=RemotePhase.PREPARED)
            case RemoteFault.UNAVAILABLE | RemoteFault.UNCERTAIN:
                if self.claim.is_overdue():
                    await self.claim.give_up(_TOO_LONG)
                else:
                    await self.claim.retry(error.retry_after_seconds)

    async def _on_unusable_file(self, message: str) -> None:
        """Fetch the file again, because it may have been cut off; a new job might cost the operator once more."""
        if self.claim.job.failures + 1 < self.claim.lease.services.settings.workers.max_attempts:
            await self.claim.retry()
        else:
            await self.claim.fail(message)

    async def _on_stopped(self) -> None:
        match self.claim.lease.monitor.stop_reason:
            case StopReason.CANCELLED:
                await self.claim.cancel()
            case StopReason.REQUEUED:
                await self.claim.park(0.0)
                await self.claim.wake()
            case _:
                log.warning("job claimed by another worker", extra={"fence": self.claim.lease.row.fence})

    def _report(self, stage: str, fraction: float) -> None:
        """Record progress. Raises RenderCancelledError if the step must end."""
        self.claim.lease.monitor.report(stage, fraction)
