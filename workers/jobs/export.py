"""Export a user's library: claim the export, write the archive, store it as a blob."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Refusal
from resolvers.signing import keyring
from storage.queries import exports
from storage.queries.archives import Owner
from storage.tables import Export
from workers import periodic, scratch
from workers.archives import exporter
from workers.archives.exporter import ExportSource
from workers.jobs import leases
from workers.services import WorkerServices

log = logging.getLogger(__name__)

_WRITTEN: Final = 0.9
"""The share of the progress when the archive is written; storing it is the rest."""


class _LeaseLostError(Exception):
    """Another worker has claimed the export, or this one is shutting down and leaves it to another."""


async def run_due(services: WorkerServices, is_over: Callable[[], bool] = lambda: False) -> bool:
    """Run the next export. Return False if there is none. Raises Unavailable."""
    lease = timedelta(seconds=services.settings.workers.lease_seconds)
    async with services.database.transaction() as session:
        await exports.expire_archives(session)
        row = await exports.claim(session, lease)
    if row is None:
        return False
    await _ExportRun(services, row, is_over).run()
    return True


async def run_forever(services: WorkerServices, is_over: Callable[[], bool] = lambda: False) -> None:
    async def run_all_due() -> None:
        while await run_due(services, is_over):
            pass

    await periodic.run_forever("exports", run_all_due, services.settings.exports.poll_seconds, is_over)


@dataclass(slots=True)
class _ExportRun:
    services: WorkerServices
    row: Export
    is_over: Callable[[], bool]
    fraction: float = 0.0
    is_lost: bool = False

    async def run(self) -> None:
        if self.row.attempts > self.services.settings.exports.max_attempts:
            async with self.services.database.transaction() as session:
                await exports.fail(session, self.row)
            return
        try:
            async with leases.heartbeat(self.services, self._renew_lease, {"export": self.row.id}):
                await self.services.check_storage()
                with scratch.folder(self.services.settings.workers.scratch_dir) as folder:
                    await self._write_and_store(folder / "library.zip")
        except _LeaseLostError:
            log.warning("export claimed by another worker", extra={"export": self.row.id, "fence": self.row.fence})
        except Exception as error:
            log.exception("export failed", extra={"export": self.row.id, "attempt": self.row.attempts})
            await self._retry_or_fail(error)

    async def _write_and_store(self, path: Path) -> None:
        settings = self.services.settings
        signer = keyring.load_receipt_signer(settings)
        source = ExportSource(self.services.database, self.services.blobs, signer, settings.public_url)
        owner = Owner(self.row.user_id, [self.row.organization_id], self.row.track_ids)
        result = await exporter.write(source, owner, path, self._on_progress)
        blob = await self.services.blobs.put(path, ".zip")
        lifetime = timedelta(seconds=settings.exports.kept_seconds)
        counts = result.track_count, len(result.missing)
        async with self.services.database.transaction() as session:
            await exports.succeed(session, self.row, blob.key, blob.size_bytes, counts, lifetime)

    async def _retry_or_fail(self, error: Exception) -> None:
        """Requeue the export. An unavailable service or a full disk does not count as an attempt."""
        settings = self.services.settings
        async with self.services.database.transaction() as session:
            if isinstance(error, Refusal):
                delay = leases.outage_delay(settings.workers.retry_seconds, self.row.fence, self.row.attempts)
                await exports.postpone(session, self.row, delay)
            elif self.row.attempts < settings.exports.max_attempts:
                await exports.requeue(session, self.row)
            else:
                await exports.fail(session, self.row)

    async def _on_progress(self, fraction: float) -> None:
        self.fraction = fraction * _WRITTEN
        if self.is_lost or self.is_over():
            raise _LeaseLostError

    async def _renew_lease(self, session: AsyncSession, lease: timedelta) -> bool:
        self.is_lost = not await exports.renew_lease(session, self.row, int(100 * self.fraction), lease)
        return not self.is_lost
