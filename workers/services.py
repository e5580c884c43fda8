"""The services of a worker process, opened from settings for each job: a forked child must not inherit connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from core.settings import Settings
from engines.registry import EngineRegistry
from storage.blobs import factory
from storage.blobs.port import BlobStore
from storage.blobs.signed_urls import UrlSigner
from storage.postgres.database import Database, open_database
from storage.redis.events import EventLog
from workers import scratch
from workers.queues import RedisQueue
from workers.telemetry import Telemetry

_JOB_CONNECTIONS: Final = 3
"""For the job, its heartbeat, and the events that it publishes meanwhile."""


@dataclass(frozen=True, slots=True)
class WorkerServices:
    settings: Settings
    database: Database
    blobs: BlobStore
    events: EventLog
    queue: RedisQueue
    engines: EngineRegistry
    telemetry: Telemetry

    async def check_storage(self) -> None:
        """Raise Unavailable if files could not be stored, before work that would be lost."""
        workers = self.settings.workers
        scratch.check_space(workers.scratch_dir, workers.min_free_bytes)
        await self.blobs.check_space()


def open_job_database(settings: Settings) -> Database:
    """Open the database as a job uses it."""
    return open_database(settings, pool_size=_JOB_CONNECTIONS, pre_ping=True, max_transaction_seconds=10)


@asynccontextmanager
async def connect(
    settings: Settings, engines: EngineRegistry, database: Database | None = None
) -> AsyncIterator[WorkerServices]:
    """Open all services, by default those of a job, and close them at the end, including a given ``database``."""
    if settings.database_url is None or settings.redis_url is None:
        raise ValueError("a worker needs DATABASE_URL and REDIS_URL")
    database = database or open_job_database(settings)
    events = EventLog(settings.redis_url)
    queue = RedisQueue(settings.redis_url, settings.workers)
    telemetry = Telemetry(settings.telemetry, "worker")
    # without a signing key: only servers sign URLs
    blobs = factory.create(settings, UrlSigner(settings.public_url, b""))
    try:
        yield WorkerServices(settings, database, blobs, events, queue, engines, telemetry)
    finally:
        await asyncio.to_thread(telemetry.close)
        await blobs.close()
        queue.close()
        await events.close()
        await database.close()
