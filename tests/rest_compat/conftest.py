"""Fixtures of the REST tests: a client that validates responses against the document, and a track."""

import httpx
import pytest_asyncio

from storage.postgres.database import Database
from tests.support import factories
from tests.support.rest.client import Contract, Entry, document
from tests.support.rest.limits import fresh_limits
from tests.support.users import Cast

__all__ = ["document", "fresh_limits", "rest", "track_id"]


@pytest_asyncio.fixture
async def rest(client: httpx.AsyncClient, document: Entry) -> Contract:
    """A client that validates every response against the served OpenAPI document."""
    return Contract(client, document)


@pytest_asyncio.fixture
async def track_id(database: Database, cast: Cast) -> str:
    """ID of a track that Ada created."""
    return await factories.put_track(database, cast.ada)
