"""Settings to services: the parts that a server process shares, opened once."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from core.settings import Settings
from engines.registry import EngineRegistry
from resolvers.access import content_policy
from resolvers.access.context import Services
from resolvers.signing import keyring
from storage.blobs.port import BlobStore
from storage.blobs.signed_urls import UrlSigner
from storage.postgres.database import Database
from storage.redis.events import EventLog
from storage.redis.rate_limits import RateLimiter
from workers.loops import focus, recovery, webhooks
from workers.queues import RedisQueue


@dataclass(frozen=True, slots=True)
class Opened:
    """What the composition root holds on to besides the resolvers' services."""

    services: Services
    events: EventLog


def signing_key(settings: Settings) -> bytes:
    """The secret of signed links: from the settings, or made once in the data folder, readable by its owner only."""
    if settings.signing_key is not None:
        return settings.signing_key.encode()
    return keyring.written_once(settings.data_dir / "secrets" / "signing.key", secrets.token_hex(32).encode())


def links(settings: Settings) -> UrlSigner:
    """The links that this installation's servers answer."""
    return UrlSigner(settings.public_url, signing_key(settings))


@asynccontextmanager
async def opened(settings: Settings, blobs: BlobStore) -> AsyncIterator[Opened]:
    """Open everything, keep recovery going, close everything. Raises ValueError for settings that cannot work."""
    if settings.database_url is None or settings.redis_url is None:
        raise ValueError("a server needs DATABASE_URL and REDIS_URL")
    engines = EngineRegistry(settings.engines.enabled, settings.engines.default)
    rules = content_policy.load(settings.policy_file)
    database = Database(settings.database_url, statement_pool_size=settings.server.single_statements)
    events = EventLog(settings.redis_url)
    queue = RedisQueue(settings.redis_url, settings.workers)
    limiter = RateLimiter(settings.redis_url)
    finder = asyncio.create_task(recovery.run_forever(recovery.Parts(settings, database, queue, blobs)))
    parts = Services(
        database,
        blobs,
        queue,
        events,
        limiter,
        engines,
        rules,
        settings,
        signing_key(settings),
        receipts=keyring.receipt_signer(settings),
    )
    listener = asyncio.create_task(focus.run_forever(parts, settings.workers.recovery_seconds))
    sender = asyncio.create_task(webhooks.run_forever(database, settings.webhooks))
    try:
        yield Opened(parts, events)
    finally:
        for task in (finder, listener, sender):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        queue.close()
        await blobs.close()
        await limiter.close()
        await events.close()
        await database.close()
