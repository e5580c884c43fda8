"""Remove unused files: blobs without a row, files of tracks deleted long ago, folders of killed jobs."""

import asyncio
import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.settings import WorkerSettings
from storage.blobs.port import Blob, BlobStore
from storage.maintenance import orphans
from storage.postgres.database import Database
from workers import scratch

log = logging.getLogger(__name__)

_BATCH_SIZE: Final = 256


async def remove_unused(database: Database, blobs: BlobStore, settings: WorkerSettings) -> int | None:
    """Remove what has been unused for ``unused_seconds`` and return the number of blobs.

    Return None if another process is doing so. Raises Unavailable.
    """
    # every machine has scratch folders of its own
    await asyncio.to_thread(scratch.remove_abandoned, settings.scratch_dir)
    async with database.transaction() as lock_session:
        if not await orphans.try_lock(lock_session):
            return None
        async with database.transaction() as session:
            await orphans.remove_files_of_deleted_tracks(session, timedelta(seconds=settings.unused_seconds))
        removed = await _remove_orphans(lock_session, blobs, clock.now() - timedelta(seconds=settings.unused_seconds))
    if removed:
        log.info("unused files removed", extra={"blobs": removed})
    return removed


async def _remove_orphans(session: AsyncSession, blobs: BlobStore, before: datetime) -> int:
    removed, batch = 0, list[Blob]()
    async for blob in blobs.walk():
        batch.append(blob)
        if len(batch) == _BATCH_SIZE:
            removed += await _remove_batch(session, blobs, batch, before)
            batch.clear()
    return removed + await _remove_batch(session, blobs, batch, before)


async def _remove_batch(session: AsyncSession, blobs: BlobStore, batch: Collection[Blob], before: datetime) -> int:
    """Remove the old blobs of a batch that no row references.

    The query runs even if all blobs are young, to keep the session that holds the lock alive. A blob that is
    referenced after the query has been put again before, and is then too young for ``delete``.
    """
    old = [blob.key for blob in batch if blob.put_at < before]
    referenced = await orphans.referenced(session, old)
    return sum([await blobs.delete(key, unless_put_since=before) for key in old if key not in referenced])
