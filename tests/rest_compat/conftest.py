"""A REST caller for every test of this door, and what several of its tests begin with."""

import httpx
import pytest_asyncio

from storage.postgres.database import Database
from tests.support import factories
from tests.support.rest_client import Contract
from tests.support.rest_limits import fresh_limits
from tests.support.users import Cast

__all__ = ["fresh_limits", "rest", "track_id"]


@pytest_asyncio.fixture
async def rest(client: httpx.AsyncClient) -> Contract:
    """A caller whose every answer is checked against the served contract."""
    return Contract(client, (await client.get("/openapi.json")).json())


@pytest_asyncio.fixture
async def track_id(database: Database, cast: Cast) -> str:
    """A track of Ada's."""
    return await factories.put_track(database, cast.ada)
