"""Open the services of a server process and run its background loops."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from core.errors import Unavailable
from core.network.availability import Availability
from core.settings import Settings
from engines.registry import create_registry
from resolvers.access import content_policy
from resolvers.access.context import Services
from resolvers.signing import keyring
from server.embedded.errors import StartupError
from storage.blobs import factory
from storage.blobs.port import BlobStore
from storage.blobs.signed_urls import UrlSigner
from storage.postgres.database import open_database
from storage.redis import key_registry, monitoring
from storage.redis.events import EventLog
from storage.redis.rate_limits import RateLimiter
from workers import periodic
from workers.loops import focus, recovery, webhooks
from workers.queues import RedisQueue


def build_url_signer(settings: Settings) -> UrlSigner:
    return UrlSigner(settings.public_url, *keyring.load_url_keys(settings))


@asynccontextmanager
async def open_blob_store(settings: Settings, location: str | None = None) -> AsyncIterator[BlobStore]:
    """Open the blob store of the settings, or the one at another location. Raises StartupError if that is invalid."""
    links = build_url_signer(settings)
    try:
        store = factory.create(settings, links) if location is None else factory.create_at(location, settings, links)
    except ValueError as error:
        raise StartupError(f"{error}.") from error
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def open_resources(settings: Settings, blobs: BlobStore) -> AsyncIterator[tuple[Services, EventLog]]:
    """Open all connections and run the background loops until exit. Raises ValueError for invalid settings.

    Yields the services of the resolvers, and the event log with the methods that only the server uses.
    """
    if settings.database_url is None or settings.redis_url is None:
        raise ValueError("DATABASE_URL and REDIS_URL must be set")
    engines = create_registry(settings.engines)
    policy = content_policy.load(settings.policy_file)
    database = open_database(settings, statement_pool_size=settings.server.single_statements)
    redis = Availability("Redis")
    events = EventLog(settings.redis_url, redis)
    queue = RedisQueue(settings.redis_url, settings.workers, redis)
    limiter = RateLimiter(settings.redis_url, redis)
    services = Services(
        database,
        blobs,
        queue,
        events,
        limiter,
        engines,
        policy,
        settings,
        keyring.load_url_keys(settings),
        receipt_signer=keyring.load_receipt_signer(settings),
    )
    redis_url, use = settings.redis_url, keyring.key_use(settings, signs_urls=True)
    registration = periodic.run_forever(
        "registration of keys", lambda: key_registry.register(redis_url, use), key_registry.REFRESH_SECONDS
    )
    loops = [
        asyncio.create_task(registration),
        asyncio.create_task(database.connector.monitor()),
        asyncio.create_task(monitoring.monitor(settings.redis_url, redis)),
        asyncio.create_task(recovery.run_forever(database, queue, blobs, settings)),
        asyncio.create_task(focus.run_forever(services, settings.workers.recovery_seconds)),
        asyncio.create_task(webhooks.run_forever(database, settings.webhooks)),
    ]
    try:
        yield services, events
    finally:
        for task in loops:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        with suppress(Unavailable):
            await key_registry.unregister(redis_url, use)
        queue.close()
        await blobs.close()
        await limiter.close()
        await events.close()
        await database.close()
