from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from core.settings import Settings
from storage.postgres.database import Database
from tests.support.remote import peer as peers
from tests.support.remote.installation import RemoteInstallation, remote_installation
from tests.support.remote.peer import Peer
from tests.support.users import Cast


@pytest.fixture
def peer() -> Iterator[Peer]:
    with peers.running() as running:
        yield running


@pytest.fixture
def isolated_settings(settings: Settings, quiet_redis_url: str) -> Settings:
    """Settings with a queue without workers."""
    return settings.model_copy(update={"redis_url": quiet_redis_url})


@pytest_asyncio.fixture
async def studio(
    isolated_settings: Settings, database: Database, cast: Cast, peer: Peer
) -> AsyncIterator[RemoteInstallation]:
    """An installation with a peer that accepts idempotency keys."""
    async with remote_installation(isolated_settings, database, cast, peer) as running:
        yield running
