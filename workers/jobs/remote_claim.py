"""A claimed job of a remote engine: park it, end it, change its row, and cancel it at the peer."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from core import clock
from core.errors import Unavailable
from core.jobs import Status
from engines.registry import RegisteredRemoteEngine
from engines.remote.port import RemoteEngine, RemoteError
from storage.queries import remote_jobs
from storage.tables import RemoteJob, RemotePhase
from workers.jobs import leases
from workers.jobs.leases import Change, Lease

log = logging.getLogger(__name__)

_MAX_RETRY_AFTER_SECONDS: Final = 3600.0
_MAX_DOUBLINGS: Final = 16


@dataclass(frozen=True, slots=True)
class RemoteClaim:
    """A claim of a job, and an adapter that is connected to the peer. ``job`` changes together with its row."""

    lease: Lease
    entry: RegisteredRemoteEngine
    engine: RemoteEngine
    job: RemoteJob

    async def cancel(self) -> None:
        """Cancel the job at the peer and here."""
        await self.cancel_at_peer(self.job.foreign_id)
        await self.lease.finish(Status.CANCELLED)
        await self.wake()

    async def give_up(self, message: str) -> None:
        """Cancel the job at the peer, and end it here as failed."""
        await self.cancel_at_peer(self.job.foreign_id)
        await self.fail(message)

    async def fail(self, message: str) -> None:
        """End the job as failed, with a message for the user."""
        await self.lease.finish(Status.FAILED, message)
        await self.wake()

    async def resubmit(self, message: str) -> None:
        """Have the job submitted as a new one, or fail if no attempt is left."""
        settings = self.lease.services.settings.workers
        if self.job.submission >= settings.max_attempts:
            await self.fail(message)
            return
        cleared: dict[str, Any] = {"foreign_id": None, "submitted_at": None, "result": {}, "failures": 0, "losses": 0}
        submission = self.job.submission + 1
        await self.park(settings.retry_seconds, phase=RemotePhase.PREPARED, submission=submission, **cleared)

    async def cancel_at_peer(self, foreign_id: str | None) -> None:
        """Cancel the job at the peer if possible. The job ends here in any case."""
        if foreign_id is None:
            return
        try:
            is_stopped = await self.engine.cancel(foreign_id)
            log.info("generation cancelled at its engine", extra={"is_stopped": is_stopped})
        except RemoteError as error:
            log.warning("generation not cancelled at its engine", extra={"reason": error.message})

    async def retry(
        self, retry_after_seconds: float | None = None, *, counts_as_attempt: bool = False, **values: object
    ) -> None:
        """Repeat the step later, doubling the delay with each failure, and not before the peer permits it."""
        retry_seconds = self.lease.services.settings.workers.retry_seconds
        backoff = leases.outage_delay(retry_seconds, self.job.failures, 0).total_seconds()
        delay = max(backoff, min(retry_after_seconds or 0.0, _MAX_RETRY_AFTER_SECONDS))
        values["failures"] = self.job.failures + 1
        await self.park(delay, counts_as_attempt=counts_as_attempt, **values)

    async def park(self, delay_seconds: float, *, counts_as_attempt: bool = False, **values: object) -> bool:
        """Release the job until its next step and change its row; return False if the lease is lost."""
        delay = timedelta(seconds=delay_seconds)
        return await self.lease.park(delay, counts_as_attempt=counts_as_attempt, also=self._saving(values))

    async def change(self, **values: object) -> None:
        """Change the row while the lease is held. Raises RenderCancelledError if it is lost."""
        await self.lease.change(self._saving(values))
        for name, value in values.items():
            setattr(self.job, name, value)

    def _saving(self, values: Mapping[str, object]) -> Change:
        return lambda session: remote_jobs.save(session, self.job, values)

    def poll_delay(self) -> float:
        """Return the seconds until the next request for the state, doubled with each one."""
        settings = self.entry.settings
        return min(settings.poll_seconds * 2.0 ** min(self.job.polls, _MAX_DOUBLINGS), settings.max_poll_seconds)

    def is_overdue(self) -> bool:
        """Return whether the peer has had the job for longer than it may."""
        submitted_at = self.job.submitted_at
        limit = timedelta(seconds=self.entry.settings.job_seconds)
        return submitted_at is not None and clock.now() - submitted_at > limit

    @property
    def foreign_id(self) -> str:
        """The id of the job at the peer, in the phases that have one."""
        assert self.job.foreign_id is not None  # noqa: S101  a constraint of the table
        return self.job.foreign_id

    async def wake(self) -> None:
        """Wake a worker for a job that waited for this one to end."""
        with suppress(Unavailable):
            await self.lease.services.queue.wake()
