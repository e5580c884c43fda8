"""What nobody needs any more: files of no track, files of tracks that were deleted long ago, folders of killed jobs."""

import asyncio
import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from core import clock
from core.settings import WorkerSettings
from storage import leftovers
from storage.blobs.port import BlobStore
from storage.databases import Database
from workers import scratch

log = logging.getLogger(__name__)

_BATCH: Final = 256


async def tidy(database: Database, blobs: BlobStore, settings: WorkerSettings) -> int:
    """Remove what is unused for long enough; how many blobs. Safe to run twice at once. Raises Unavailable."""
    await asyncio.to_thread(scratch.clear, settings.scratch_dir)
    grace = timedelta(seconds=settings.unused_seconds)
    before = clock.now() - grace
    async with database.transaction() as session:
        await leftovers.forget_deleted(session, grace)
    removed, keys = 0, list[str]()
    async for blob in blobs.walk():
        if blob.put_at < before:
            keys.append(blob.key)
        if len(keys) == _BATCH:
            removed += await _remove_unnamed(database, blobs, keys, before)
            keys.clear()
    removed += await _remove_unnamed(database, blobs, keys, before)
    if removed:
        log.info("unused files removed", extra={"blobs": removed})
    return removed


async def _remove_unnamed(database: Database, blobs: BlobStore, keys: Collection[str], before: datetime) -> int:
    """One that is put and named after the question is safe: it is young then."""
    async with database.transaction() as session:
        named = await leftovers.named(session, keys)
    return sum([await blobs.delete(key, unless_put_since=before) for key in keys if key not in named])
