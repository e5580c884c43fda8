"""Makes the exports that are asked for: claimed in Postgres, written beside the renderings, put among the blobs."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from core import asyncio_cancel
from core.errors import Refusal
from resolvers.signing import keyring
from storage.queries import exports
from storage.queries.archives import Owner
from storage.tables import Export
from workers import scratch
from workers.archives import exporter
from workers.archives.exporter import ExportResult, ExportSource
from workers.services import WorkerServices

log = logging.getLogger(__name__)

_WRITTEN: Final = 0.9
"""The share of writing; the rest is putting it away."""


class _Lost(Exception):  # noqa: N818  not a fault: the export is another worker's by now, or will be
    pass


async def run_due(services: WorkerServices, is_over: Callable[[], bool] = lambda: False) -> bool:
    """Make the export whose turn it is; whether there was one. Raises Unavailable."""
    lease = timedelta(seconds=services.settings.workers.lease_seconds)
    async with services.database.transaction() as session:
        await exports.expire_archives(session)
        row = await exports.claim(session, lease)
    if row is None:
        return False
    await _ExportRun(services, row, is_over).run()
    return True


async def run_forever(services: WorkerServices, is_over: Callable[[], bool] = lambda: False) -> None:
    """Again and again; whatever is away now will be there later."""
    while not is_over() and not asyncio_cancel.is_cancelling():
        try:
            while await run_due(services, is_over):
                pass
        except Refusal as refusal:
            log.warning("exports wait", extra={"reason": refusal.technical})
        except Exception:
            log.exception("exports broke, and go on")
        await asyncio.sleep(services.settings.exports.poll_seconds)


@dataclass(slots=True)
class _ExportRun:
    """One claim of one export."""

    services: WorkerServices
    row: Export
    is_over: Callable[[], bool]
    fraction: float = 0.0
    is_lost: bool = False

    async def run(self) -> None:
        """Write and put away; whatever happens, the row tells it."""
        if self.row.attempts > self.services.settings.exports.max_attempts:
            await self._fail()
            return
        try:
            async with asyncio_cancel.run_in_background(self._beat()):
                with scratch.folder(self.services.settings.workers.scratch_dir) as folder:
                    await self._make(folder / "library.zip")
        except _Lost:
            log.warning("export lost to another worker", extra={"export": self.row.id, "fence": self.row.fence})
        except Exception as error:
            log.exception("export broke", extra={"export": self.row.id, "attempt": self.row.attempts})
            await self._broken(error)

    async def _make(self, path: Path) -> None:
        settings = self.services.settings
        source = ExportSource(
            self.services.database, self.services.blobs, keyring.receipt_signer(settings), settings.public_url
        )
        written = await exporter.write(source, Owner(self.row.user_id, [self.row.organization_id]), path, self._hear)
        blob = await self.services.blobs.put(path, ".zip")
        await self._succeed(blob.key, blob.size_bytes, written)

    async def _succeed(self, key: str, size_bytes: int, written: ExportResult) -> None:
        kept = timedelta(seconds=self.services.settings.exports.kept_seconds)
        counts = written.track_count, len(written.missing)
        async with self.services.database.transaction() as session:
            await exports.succeed(session, self.row, key, size_bytes, counts, kept)

    async def _broken(self, error: Exception) -> None:
        """A part that was away or full is nobody's fault; anything else counts, a few times over."""
        if self.row.attempts >= self.services.settings.exports.max_attempts and not isinstance(error, Refusal):
            await self._fail()
            return
        async with self.services.database.transaction() as session:
            await exports.requeue(session, self.row, counts_as_attempt=not isinstance(error, Refusal))
        if isinstance(error, Refusal):
            raise error

    async def _fail(self) -> None:
        async with self.services.database.transaction() as session:
            await exports.fail(session, self.row)

    async def _hear(self, fraction: float) -> None:
        self.fraction = fraction * _WRITTEN
        if self.is_lost or self.is_over():
            raise _Lost

    async def _beat(self) -> None:
        settings = self.services.settings.workers
        while not self.is_lost and not asyncio_cancel.is_cancelling():
            await asyncio.sleep(settings.heartbeat_seconds)
            try:
                async with self.services.database.transaction() as session:
                    lease = timedelta(seconds=settings.lease_seconds)
                    self.is_lost = not await exports.renew_lease(session, self.row, int(100 * self.fraction), lease)
            except Refusal as refusal:
                log.warning("heartbeat missed", extra={"export": self.row.id, "reason": refusal.technical})
