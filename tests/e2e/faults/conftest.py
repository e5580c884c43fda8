"""Fixtures of fault tests: services for all tests, servers and workers for each test.

Tests marked ``studio_engine`` render music, all others use an engine that a test can pause.
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
from tests.support import users
from tests.support.jobs import paced_engine
from tests.support.processes import process_fork_server, restartable_services
from tests.support.processes.installation import COST_CHF_PER_MINUTE, Site, flush_redis
from tests.support.processes.process_fork_server import ForkServer
from tests.support.processes.restartable_services import Services
from tests.support.processes.servers import UNLIMITED_RATE
from tests.support.users import Cast


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Repeat each test as often as the command line says."""
    if "fault_run" in metafunc.fixturenames:
        metafunc.parametrize("fault_run", range(metafunc.config.getoption("--fault-runs")))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Allow time for leases, restarts and long outages."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="package")
def shared_services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Run Postgres and Valkey that tests may kill."""
    with restartable_services.running(tmp_path_factory.mktemp("services")) as running:
        yield running


@pytest.fixture(scope="session")
def fork_server() -> ForkServer:
    """Return the process that forks servers and workers."""
    return process_fork_server.shared()


@pytest.fixture(scope="package")
def base_settings(
    shared_services: Services, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Settings:
    """Return settings with short leases and timeouts, unless the command line selects the default leases."""
    is_short = pytestconfig.getoption("--fault-leases") == "short"
    leases = {"lease_seconds": 2, "heartbeat_seconds": 0.4, "recovery_seconds": 0.5} if is_short else {}
    folder = tmp_path_factory.mktemp("site")
    (folder / "scratch").mkdir()
    return Settings(
        data_dir=folder,
        database_url=shared_services.postgres.url,
        redis_url=shared_services.valkey.url,
        signing_keys=("one secret for all the servers of this installation",),
        server=ServerSettings(shutdown_seconds=2, **UNLIMITED_RATE),
        engines=EngineSettings(
            enabled=(STUDIO_INFO.key, paced_engine.PACED_INFO.key),
            cost_chf_per_minute={
                STUDIO_INFO.key: COST_CHF_PER_MINUTE,
                paced_engine.PACED_INFO.key: COST_CHF_PER_MINUTE,
            },
        ),
        # many attempts, because a busy machine may starve a healthy worker beyond such a short lease
        workers=WorkerSettings(
            **leases,
            retry_seconds=0.5,
            tidy_seconds=2,
            max_attempts=50,
            scratch_dir=folder / "scratch",
        ),
    )


@pytest_asyncio.fixture(scope="package")
async def migrated_database(base_settings: Settings) -> AsyncIterator[Database]:
    """Connect to the database after its migrations."""
    database = Database(str(base_settings.database_url))
    await migrations.upgrade(database)
    yield database
    await database.close()


@pytest.fixture(scope="package")
def shared_site(
    migrated_database: Database, shared_services: Services, fork_server: ForkServer, base_settings: Settings
) -> Iterator[Site]:
    """Run a server that no test kills."""
    site = Site(shared_services, fork_server, base_settings, migrated_database, base_settings.data_dir)
    site.server()
    yield site
    site.close()


@pytest_asyncio.fixture
async def site(
    fault_run: int, request: pytest.FixtureRequest, shared_site: Site, tmp_path: Path
) -> AsyncIterator[Site]:
    """Return an installation with a server and without workers; stop what the test starts."""
    marked = request.node.get_closest_marker("studio_engine")
    engine = STUDIO_INFO.key if marked else request.config.getoption("--fault-engine")
    flush_redis(shared_site.settings)
    async with shared_site.database.transaction() as session:
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        for table in metadata.tables.values():
            await session.execute(table.delete())
    site = shared_site.sibling(tmp_path, engine)
    try:
        yield site
    finally:
        site.close()


@pytest_asyncio.fixture
async def cast(site: Site) -> Cast:
    """Create the users of this installation."""
    return await users.create_cast(site.database)
