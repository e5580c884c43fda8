"""Changes of a generation: the row first, then the event."""

from collections.abc import AsyncIterator

import pytest_asyncio
from sqlalchemy import text

from core.settings import Settings
from engines.registry import EngineRegistry
from resolvers.access import content_policy
from resolvers.access.context import Caller, Context, Services
from storage.blobs.local import LocalBlobs
from storage.blobs.signed_urls import UrlSigner
from storage.postgres.database import Database
from storage.redis.events import Event, EventLog
from storage.redis.rate_limits import RateLimiter
from storage.tables import Role
from tests.support.users import Cast
from workers.queues import RedisQueue


@pytest_asyncio.fixture
async def ctx(settings: Settings, database: Database, cast: Cast, quiet_redis_url: str) -> AsyncIterator[Context]:
    """Ada, with a feed of her own."""
    feed = EventLog(quiet_redis_url)
    limiter, queue = RateLimiter(quiet_redis_url), RedisQueue(quiet_redis_url, settings.workers)
    blobs = LocalBlobs(settings.storage_dir, UrlSigner("http://x", b"k"))
    services = Services(database, blobs, queue, feed, limiter, EngineRegistry(), content_policy.load(), settings)
    yield Context(services, Caller(cast.ada.user_id, {cast.ada.organization_id: Role.MEMBER}))
    queue.close()
    await limiter.close()
    await feed.close()


async def change_job(ctx: Context, job_id: str, sequence: int, *, ends: bool = False) -> None:
    """The job's next change: the row first, then the feed."""
    status = "cancelled" if ends else "running"
    statement = text("""
        UPDATE generations SET sequence = :sequence, status = :status,
            lease_expires_at = CASE WHEN :status = 'running' THEN now() + interval '1 hour' END,
            finished_at = CASE WHEN :status = 'cancelled' THEN now() END
        WHERE id = :id
    """)
    async with ctx.services.database.transaction() as session:
        await session.execute(statement, {"id": job_id, "sequence": sequence, "status": status})
    await tell(ctx, job_id, sequence, status)


async def tell(ctx: Context, job_id: str, sequence: int, status: str = "running") -> None:
    await ctx.services.feed.publish(Event(job_id, sequence, {"status": status, "progress": 1, "stage": "rendering"}))
