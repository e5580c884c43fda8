"""Updates of a generation after a reconnect, a trimmed event log, and an outage of Redis or Postgres."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest_asyncio
import redis
from sqlalchemy import text

from core.settings import Settings
from engines.registry import EngineRegistry
from resolvers.access import content_policy
from resolvers.access.context import Caller, Context, Services
from resolvers.generations import generations
from server.embedded import ports
from storage.blobs.local import LocalBlobs
from storage.blobs.signed_urls import UrlSigner
from storage.postgres.database import Database
from storage.redis.events import EventLog
from storage.redis.rate_limits import RateLimiter
from storage.tables import Generation, Role
from tests.support.jobs.generation_changes import change_generation, publish_change
from tests.support.jobs.queued_jobs import put_queued
from tests.support.users import Cast
from workers.queues import RedisQueue


@pytest_asyncio.fixture
async def ctx(settings: Settings, database: Database, cast: Cast, quiet_redis_url: str) -> AsyncIterator[Context]:
    """The context of Ada with an event log of its own."""
    feed = EventLog(quiet_redis_url)
    limiter, queue = RateLimiter(quiet_redis_url), RedisQueue(quiet_redis_url, settings.workers)
    blobs = LocalBlobs(settings.storage_dir, UrlSigner("http://x", b"k"))
    services = Services(database, blobs, queue, feed, limiter, EngineRegistry(), content_policy.load(), settings)
    yield Context(services, Caller(cast.ada.user_id, {cast.ada.organization_id: Role.MEMBER}))
    queue.close()
    await limiter.close()
    await feed.close()


async def numbers(states: AsyncIterator[Generation]) -> list[int]:
    return [state.sequence async for state in states]


async def test_a_reconnected_client_receives_missed_states_once_and_in_order(
    ctx: Context, database: Database, cast: Cast
) -> None:
    job_id = await put_queued(database, cast.ada, "x")
    for sequence in range(1, 8):
        await change_generation(ctx, job_id, sequence)
    watching = asyncio.create_task(numbers(generations.watch(ctx, job_id, after=3)))
    await change_generation(ctx, job_id, 8, ends=True)
    seen = await watching
    assert seen == sorted(set(seen))
    assert seen[:4] == [4, 5, 6, 7]
    assert seen[-1] == 8


async def test_an_up_to_date_client_receives_only_new_states(ctx: Context, database: Database, cast: Cast) -> None:
    job_id = await put_queued(database, cast.ada, "x")
    await change_generation(ctx, job_id, 5)
    states = generations.watch(ctx, job_id, after=5)
    next_state = asyncio.create_task(anext(states))
    await change_generation(ctx, job_id, 6, ends=True)
    assert (await next_state).sequence == 6
    assert await numbers(states) == []


async def test_a_client_behind_the_log_continues_where_the_log_begins(
    ctx: Context, database: Database, cast: Cast
) -> None:
    job_id = await put_queued(database, cast.ada, "x")
    for sequence in range(1, 1000):
        await publish_change(ctx, job_id, sequence)
    await change_generation(ctx, job_id, 1000, ends=True)
    seen = await numbers(generations.watch(ctx, job_id, after=0))
    assert seen == list(range(seen[0], 1001))
    assert 512 <= len(seen) < 700


async def test_a_subscription_survives_the_loss_of_all_redis_data(
    ctx: Context, database: Database, cast: Cast, quiet_redis_url: str
) -> None:
    job_id = await put_queued(database, cast.ada, "x")
    await change_generation(ctx, job_id, 1)
    states = generations.watch(ctx, job_id)
    assert (await anext(states)).sequence == 1
    with redis.Redis.from_url(quiet_redis_url) as connection:
        connection.flushdb()
    await change_generation(ctx, job_id, 2)
    assert (await anext(states)).sequence == 2
    await change_generation(ctx, job_id, 3, ends=True)
    assert await numbers(states) == [3]
    # a later client finds a log that begins after the loss
    assert await numbers(generations.watch(ctx, job_id, after=1)) == [2, 3]


async def test_an_end_without_an_event_is_read_from_the_row(ctx: Context, database: Database, cast: Cast) -> None:
    job_id = await put_queued(database, cast.ada, "x")
    states = generations.watch(ctx, job_id)
    assert (await anext(states)).sequence == 0
    async with database.transaction() as session:
        statement = "UPDATE generations SET status = 'cancelled', finished_at = now(), sequence = 1 WHERE id = :id"
        await session.execute(text(statement), {"id": job_id})
    assert await numbers(states) == [1]


async def test_the_known_state_is_used_while_the_database_is_unreachable(
    ctx: Context, database: Database, cast: Cast
) -> None:
    job_id = await put_queued(database, cast.ada, "x")
    row = await generations.get(ctx, job_id)
    unreachable = Database(f"postgresql://unknown@127.0.0.1:{ports.find_free()}/none", pooled=False)
    disconnected = replace(ctx, services=replace(ctx.services, database=unreachable))
    assert await generations._reload(disconnected, row) is row
    await change_generation(ctx, job_id, 1)
    assert (await generations._reload(ctx, row)).sequence == 1
