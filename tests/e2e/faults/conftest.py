"""An installation of its own for each fault: its services live as long as the tests, its servers and workers do not.

In the first run of each fault the studio plays, in all others an engine that a test can hold.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text

from core.settings import EngineSettings, ServerSettings, Settings, WorkerSettings
from engines.studio.info import STUDIO_INFO
from storage import migrations
from storage.postgres.database import Database
from storage.tables import metadata
from tests.support import paced_engine, process_fork_server, restartable_services, users
from tests.support.installation import COST_CHF_PER_MINUTE, Site, flush_redis
from tests.support.process_fork_server import ForkServer
from tests.support.restartable_services import Services
from tests.support.servers import UNLIMITED_RATE
from tests.support.users import Cast


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each fault so often as the command line says."""
    if "fault_run" in metafunc.fixturenames:
        metafunc.parametrize("fault_run", range(metafunc.config.getoption("--fault-runs")))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leases, restarts and long absences take their time."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def plugs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services of their own, whose plugs may be pulled."""
    with restartable_services.running(tmp_path_factory.mktemp("services")) as running:
        yield running


@pytest.fixture(scope="session")
def born() -> Iterator[ForkServer]:
    """Where servers and workers come from."""
    with process_fork_server.running() as running:
        yield running


@pytest.fixture(scope="session")
def ground(plugs: Services, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Settings:
    """Settings of all the installations: short leases, quick to give up, unless those we ship are asked for."""
    is_short = pytestconfig.getoption("--fault-leases") == "short"
    leases = {"lease_seconds": 2, "heartbeat_seconds": 0.3, "recovery_seconds": 0.3} if is_short else {}
    folder = tmp_path_factory.mktemp("site")
    (folder / "scratch").mkdir()
    return Settings(
        data_dir=folder,
        database_url=plugs.postgres.url,
        redis_url=plugs.valkey.url,
        signing_key="one secret for all the servers of this installation",
        server=ServerSettings(shutdown_seconds=2, **UNLIMITED_RATE),
        engines=EngineSettings(
            enabled=(STUDIO_INFO.key, paced_engine.PACED_INFO.key),
            cost_chf_per_minute={
                STUDIO_INFO.key: COST_CHF_PER_MINUTE,
                paced_engine.PACED_INFO.key: COST_CHF_PER_MINUTE,
            },
        ),
        # attempts are many because a busy machine may starve a healthy worker past so short a lease
        workers=WorkerSettings(
            **leases,
            retry_seconds=0.5,
            tidy_seconds=0.5,
            max_attempts=50,
            scratch_dir=folder / "scratch",
        ),
    )


@pytest_asyncio.fixture(scope="session")
async def emptied(ground: Settings) -> AsyncIterator[Database]:
    """The database, with its schema."""
    database = Database(str(ground.database_url))
    await migrations.upgrade(database)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def standing(emptied: Database, plugs: Services, born: ForkServer, ground: Settings) -> Iterator[Site]:
    """A server that nobody hurts."""
    site = Site(plugs, born, ground, emptied, ground.data_dir)
    site.server()
    yield site
    site.close()


@pytest_asyncio.fixture
async def site(fault_run: int, standing: Site, tmp_path: Path) -> AsyncIterator[Site]:
    """An installation with a server, without workers; what the test starts ends with it."""
    flush_redis(standing.settings)
    async with standing.database.transaction() as session:
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        for table in metadata.tables.values():
            await session.execute(table.delete())
    site = standing.sibling(tmp_path, paced_engine.PACED_INFO.key if fault_run else STUDIO_INFO.key)
    try:
        yield site
    finally:
        site.close()


@pytest_asyncio.fixture
async def cast(site: Site) -> Cast:
    """The people of this installation."""
    return await users.create_cast(site.database)
