"""A REST caller for every test of this door, and what several of its tests begin with."""

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio
import redis.asyncio as redis

from core.settings import Settings
from storage.postgres.database import Database
from tests.support import factories
from tests.support.rest_client import Contract
from tests.support.users import Cast


@pytest_asyncio.fixture
async def rest(client: httpx.AsyncClient) -> Contract:
    """A caller whose every answer is checked against the served contract."""
    return Contract(client, (await client.get("/openapi.json")).json())


@pytest_asyncio.fixture
async def track_id(database: Database, cast: Cast) -> str:
    """A track of Ada's."""
    return await factories.put_track(database, cast.ada)


@pytest_asyncio.fixture
async def fresh_limits(settings: Settings) -> AsyncIterator[None]:
    """Nobody has opened a link yet, neither in this test nor in the next module's."""
    await _forget(settings)
    yield
    await _forget(settings)


async def _forget(settings: Settings) -> None:
    async with redis.from_url(str(settings.redis_url)) as connection:
        async for key in connection.scan_iter("music-studio:limit:*"):
            await connection.delete(key)
