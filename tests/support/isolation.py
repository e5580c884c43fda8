"""Fixtures of tests that change nothing: the tests of a module share users and one resource of each kind for each."""

from collections.abc import AsyncIterator, Mapping

import httpx
import pytest_asyncio

from core.network import tls
from storage.postgres.database import Database
from tests.support import owned_resources, users
from tests.support.database_rows import delete_all_rows
from tests.support.owned_resources import OwnedIds
from tests.support.users import Cast


@pytest_asyncio.fixture(scope="module")
async def database(_database: Database) -> AsyncIterator[Database]:
    """The database, emptied after the module."""
    yield _database
    await delete_all_rows(_database)


@pytest_asyncio.fixture(scope="module")
async def cast(database: Database) -> Cast:
    """Two organizations and three users."""
    return await users.create_cast(database)


@pytest_asyncio.fixture(scope="module")
async def owned(server_url: str, database: Database, cast: Cast) -> Mapping[str, OwnedIds]:
    """The resources of each user, by the name of the user."""
    async with httpx.AsyncClient(base_url=server_url, timeout=100, verify=tls.default_context()) as client:
        return {
            name: await owned_resources.create_one_of_each(client, database, getattr(cast, name))
            for name in ("ada", "bea", "cid")
        }
