"""What nobody needs any more: files of no track, files of tracks that were deleted long ago, folders of killed jobs."""

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

_BATCH: Final = 256


async def remove_unused(database: Database, blobs: BlobStore, settings: WorkerSettings) -> int | None:
    """Remove what is unused for long enough; how many blobs, None if somebody else is at it. Raises Unavailable."""
    # folders are each machine's own
    await asyncio.to_thread(scratch.remove_abandoned, settings.scratch_dir)
    async with database.transaction() as leading:
        if not await orphans.try_lock(leading):
            return None
        async with database.transaction() as session:
            await orphans.remove_files_of_deleted_tracks(session, timedelta(seconds=settings.unused_seconds))
        removed = await _sweep(leading, blobs, clock.now() - timedelta(seconds=settings.unused_seconds))
    if removed:
        log.info("unused files removed", extra={"blobs": removed})
    return removed


async def _sweep(session: AsyncSession, blobs: BlobStore, before: datetime) -> int:
    removed, found = 0, list[Blob]()
    async for blob in blobs.walk():
        found.append(blob)
        if len(found) == _BATCH:
            removed += await _remove_unnamed(session, blobs, found, before)
            found.clear()
    return removed + await _remove_unnamed(session, blobs, found, before)


async def _remove_unnamed(session: AsyncSession, blobs: BlobStore, found: Collection[Blob], before: datetime) -> int:
    """Asks even if all are young, so that whoever leads is known to live.

    One that is put and named after the question is safe: it is young then.
    """
    old = [blob.key for blob in found if blob.put_at < before]
    named = await orphans.referenced(session, old)
    return sum([await blobs.delete(key, unless_put_since=before) for key in old if key not in named])
