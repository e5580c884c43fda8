"""Recovery: send lost wake-ups again and remove unused files.

Unused are blobs without a row, files of tracks deleted long ago, and folders of killed jobs.

Runs in every server and beside every worker. An advisory lock elects one process for each sweep.
"""

import asyncio
import logging
import os
import signal
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Final, NoReturn

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core import asyncio_cancel, clock
from core.settings import RetentionSettings, Settings, WorkerSettings
from engines.registry import create_registry
from resolvers.signing import keyring
from storage.blobs.port import Blob, BlobStore
from storage.maintenance import orphans, retention
from storage.postgres import connector
from storage.postgres.database import Database, open_database
from storage.queries import conversions
from storage.queries.due_jobs import DueJobs
from storage.queue import dispatch
from storage.redis import key_registry
from workers import periodic, scratch, worker_process
from workers.jobs import export
from workers.loops import engine_checks
from workers.queues import RedisQueue
from workers.services import connect

log = logging.getLogger(__name__)

_LOCK: Final = 7_305_114_812
_TRY_LOCK: Final = text(f"SELECT pg_try_advisory_xact_lock(:lock), {connector.transaction_timeout_sql(10)}")
_BATCH_SIZE: Final = 256
_MAX_WAKE_UPS: Final = 64
"""Per sweep. More wake-ups than workers have no effect, and the next sweep sends the next."""


async def sweep(database: Database, queue: RedisQueue, limits: Mapping[str, int] = dispatch.NO_LIMITS) -> int:
    """Send the wake-ups that are missing for due jobs and return their number. Raises Unavailable.

    ``limits`` are the most jobs that the peers of remote engines have, by key.
    """
    async with database.transaction() as session:
        if not await session.scalar(_TRY_LOCK, {"lock": _LOCK}):
            return 0
        due = await dispatch.count_due(session, limits) + await conversions.count_due(session)
        missing = due.total - await queue.count_waiting() if due.total else 0
        sent = min(missing, _MAX_WAKE_UPS)
        if sent > 0:
            await _log_loss(queue, due, missing)
            await queue.wake(sent)
    return max(sent, 0)


async def _log_loss(queue: RedisQueue, due: DueJobs, missing: int) -> None:
    """Log wake-ups as lost if neither a retry nor a worker that is about to claim a job explains that they are missing.

    Superfluous wake-ups do no harm, so that the explained ones are sent as well.
    """
    about_to_claim = max(await queue.count_received() - due.running, 0)
    lost = missing - due.without_wake_up - about_to_claim
    if lost > 0:
        log.warning("lost wake-ups sent again", extra={"due": due.total, "lost": lost})
    else:
        log.debug("wake-ups sent", extra={"due": due.total, "missing": missing})


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


async def remove_old_records(database: Database, settings: RetentionSettings) -> None:
    """Delete records that are older than the settings allow. Raises Unavailable."""
    counts = await retention.prune(database, settings)
    if counts:
        log.info("old records removed", extra=counts)


async def run_forever(
    database: Database,
    queue: RedisQueue,
    blobs: BlobStore,
    settings: Settings,
    is_over: Callable[[], bool] = lambda: False,
) -> None:
    """Sweep at short intervals; remove unused files and old records at long ones."""
    cleaned_at = time.monotonic()
    while not is_over() and not asyncio_cancel.is_cancelling():
        await periodic.run_step("recovery", lambda: sweep(database, queue, settings.engines.job_limits))
        if time.monotonic() - cleaned_at >= settings.workers.tidy_seconds:
            await periodic.run_step("cleanup", lambda: remove_unused(database, blobs, settings.workers))
            await periodic.run_step("retention", lambda: remove_old_records(database, settings.retention))
            cleaned_at = time.monotonic()
        await asyncio.sleep(settings.workers.recovery_seconds)


@contextmanager
def child_process(settings: Settings) -> Iterator[None]:
    """Run recovery, exports and health checks in a child process while the body runs.

    They never delay the worker's jobs there.
    """
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        _run_child(settings, parent)
    try:
        yield
    finally:
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(child, signal.SIGTERM)
            os.waitpid(child, 0)


def _run_child(settings: Settings, parent: int) -> NoReturn:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        worker_process.die_with_parent(parent)
        asyncio.run(_run_loops(settings, parent))
    finally:
        os._exit(1)


async def _run_loops(settings: Settings, parent: int) -> None:
    engines = create_registry(settings.engines)
    # no connection is open between two sweeps
    async with connect(settings, engines, open_database(settings, pooled=False)) as services:

        def is_over() -> bool:
            return os.getppid() != parent

        use = keyring.key_use(settings, signs_urls=False)

        async def register() -> None:
            await key_registry.register(str(settings.redis_url), use)

        async with asyncio.TaskGroup() as group:
            group.create_task(
                periodic.run_forever("registration of keys", register, key_registry.REFRESH_SECONDS, is_over)
            )
            group.create_task(run_forever(services.database, services.queue, services.blobs, settings, is_over))
            group.create_task(export.run_forever(services, is_over))
            group.create_task(engine_checks.run_forever(services, is_over))
