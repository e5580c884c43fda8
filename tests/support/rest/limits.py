"""Rate limits without earlier requests."""

from collections.abc import AsyncIterator

import pytest_asyncio
import redis.asyncio as redis

from core.settings import Settings


@pytest_asyncio.fixture
async def fresh_limits(settings: Settings) -> AsyncIterator[None]:
    """Delete all rate-limit counters before and after a test."""
    await _delete_counters(settings)
    yield
    await _delete_counters(settings)


async def _delete_counters(settings: Settings) -> None:
    async with redis.from_url(str(settings.redis_url)) as connection:
        async for key in connection.scan_iter("music-studio:limit:*"):
            await connection.delete(key)
