"""What every test may ask for: throw-away Postgres and Valkey, a database of its own, people, a server, a worker."""

import asyncio
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
import pytest
import pytest_asyncio
import redis
import uvicorn
from rq import Worker

from core.settings import PROJECT, ServerSettings, Settings, TokenSettings, WebhookSettings, WorkerSettings
from server import supervision
from server.app import create_app
from server.asgi_server import config
from server.embedded import ports
from server.embedded.stack import temporary_stack
from storage import migrations
from storage.postgres.database import Database
from storage.tables import metadata
from tests.support import users
from tests.support.polling import until
from tests.support.users import Cast

_TEMPLATE: Final = "studio_template"
MANY: Final = {"requests_per_minute": 1_000_000, "requests_burst": 1_000_000}
TOKEN_SECRET: Final = "a secret of tests, longer than 32 characters"

# tests speak plain HTTP: reading the system's certificates for each of them would cost 40 ms
_NO_TLS: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

# all in one message; generations and tracks refer to each other
_EMPTYING: Final = ";".join(
    [
        "SET LOCAL session_replication_role = replica",
        *(str(table.delete()) for table in metadata.tables.values()),
    ]
)

_SERVICES: Final = pytest.StashKey[tuple[str, str]]()


class SharedServices:
    """With xdist: the process that deals tests out tells its workers where the services are."""

    def pytest_configure_node(self, node: Any) -> None:  # noqa: ANN401  xdist ships no types
        node.workerinput["services"] = node.config.stash[_SERVICES]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the long runs; see docs/operations/reliability.md."""
    parser.addoption("--fault-runs", type=int, default=5, help="how often each fault of tests/e2e/faults is made")
    parser.addoption("--fault-leases", choices=("short", "shipped"), default="short", help="leases in tests/e2e/faults")
    parser.addoption("--away-seconds", type=float, default=0.0, help="how long Redis stays away in tests/e2e/faults")
    parser.addoption("--life-examples", type=int, default=100, help="how many lives of jobs hypothesis plays through")


def pytest_configure(config: pytest.Config) -> None:
    """Start Postgres and Valkey once a run, with a migrated template database."""
    workerinput = getattr(config, "workerinput", None)
    if workerinput is not None:
        config.stash[_SERVICES] = workerinput["services"]
        return
    if config.option.collectonly or config.option.help:
        return
    services = ExitStack()
    stack = services.enter_context(temporary_stack())
    config.add_cleanup(services.close)
    config.stash[_SERVICES] = (stack.database_url, stack.redis_url)
    asyncio.run(_make_template(stack.database_url))
    if config.pluginmanager.hasplugin("xdist"):
        config.pluginmanager.register(SharedServices())


async def _make_template(address: str) -> None:
    admin = await asyncpg.connect(address)
    await admin.execute(f"CREATE DATABASE {_TEMPLATE}")
    await admin.close()
    database = Database(_renamed(address, _TEMPLATE), pooled=False)
    await migrations.upgrade(database)
    await database.close()


def _renamed(address: str, name: str) -> str:
    return address.rpartition("/")[0] + "/" + name


@pytest.fixture(scope="session")
def service_urls(pytestconfig: pytest.Config) -> tuple[str, str]:
    """The addresses of this run's Postgres and Valkey."""
    return pytestconfig.stash[_SERVICES]


@pytest_asyncio.fixture(scope="session")
async def _database_urls(service_urls: tuple[str, str], worker_id: str) -> AsyncIterator[dict[bool, str]]:
    """Two databases for this process, cloned from the template: where no worker is, and where one is."""
    names = {False: f"studio_{worker_id}", True: f"studio_{worker_id}_live"}
    async with AsyncExitStack() as stack:
        yield {
            is_live: await stack.enter_async_context(cloned(service_urls[0], name)) for is_live, name in names.items()
        }


@asynccontextmanager
async def cloned(address: str, name: str) -> AsyncIterator[str]:
    """The address of a database of this name, cloned from the template; it is gone afterwards."""
    admin = await asyncpg.connect(address)
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
    yield _renamed(address, name)
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest.fixture(scope="module")
def is_live(request: pytest.FixtureRequest) -> bool:
    """Whether this module's installation has a worker: so says its `pytestmark = pytest.mark.usefixtures("worker")`.

    All other modules share an installation whose jobs nobody takes.
    """
    return any("worker" in mark.args for mark in request.node.iter_markers("usefixtures"))


@pytest.fixture(scope="module")
def database_url(_database_urls: dict[bool, str], is_live: bool) -> str:  # noqa: FBT001  pytest hands fixtures in
    """The database of this module's installation."""
    return _database_urls[is_live]


def _redis_url(service_urls: tuple[str, str], worker_id: str, block: int) -> str:
    number = int(worker_id.removeprefix("gw")) + 1 if worker_id.startswith("gw") else 0
    return service_urls[1].rpartition("/")[0] + f"/{number + 64 * block}"


@pytest.fixture(scope="module")
def redis_url(service_urls: tuple[str, str], worker_id: str, is_live: bool) -> str:  # noqa: FBT001  see above
    """A numbered Valkey database of this module's installation."""
    return _redis_url(service_urls, worker_id, 1 if is_live else 0)


@pytest.fixture(scope="session")
def quiet_redis_url(service_urls: tuple[str, str], worker_id: str) -> str:
    """Another Valkey database of this process, where no server and no worker listens."""
    return _redis_url(service_urls, worker_id, 2)


@pytest.fixture(scope="session")
def _addresses(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, tuple[int, Path]]:
    return {is_live: (ports.find_free(), tmp_path_factory.mktemp("data")) for is_live in (False, True)}


@pytest.fixture(scope="module")
def settings(
    database_url: str,
    redis_url: str,
    _addresses: dict[bool, tuple[int, Path]],
    is_live: bool,  # noqa: FBT001  see above
) -> Settings:
    """Settings of this module's installation; everything is quick to give up."""
    port, data_dir = _addresses[is_live]
    return Settings(
        data_dir=data_dir,
        database_url=database_url,
        redis_url=redis_url,
        server=ServerSettings(port=port, cors_origins=("https://app.example.org",), shutdown_seconds=2, **MANY),
        tokens=TokenSettings(secret=TOKEN_SECRET),
        workers=WorkerSettings(recovery_seconds=0.5, heartbeat_seconds=0.5),
        webhooks=WebhookSettings(allowed_hosts=("127.0.0.1",), poll_seconds=0.1),
    )


@pytest_asyncio.fixture(scope="module")
async def _database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest_asyncio.fixture
async def database(_database: Database) -> AsyncIterator[Database]:
    """The database, emptied afterwards."""
    yield _database
    while not await _emptied(_database):
        """A server's loops go on meanwhile, and lock rows in an order of their own."""


async def _emptied(database: Database) -> bool:
    """Whether all rows are gone; not if Postgres has ended it for a deadlock."""
    try:
        async with database.transaction() as session:
            connection = await (await session.connection()).get_raw_connection()
            assert connection.driver_connection is not None
            await connection.driver_connection.execute(_EMPTYING)
    except asyncpg.DeadlockDetectedError:
        return False
    return True


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    """Two organizations and three users."""
    return await users.gather(database)


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """The whole application on a port, in a thread of its own."""
    server = uvicorn.Server(config.uvicorn_config(create_app(settings), settings))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started or not thread.is_alive())
    try:
        yield settings.public_url
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def _running() -> Iterator[tuple[ExitStack, dict[str, Any]]]:
    """What has been started for this process's installations, by address; it runs until the last test."""
    with ExitStack() as stack:
        yield stack, {}


@pytest.fixture(scope="module")
def server_url(settings: Settings, _running: tuple[ExitStack, dict[str, Any]]) -> str:
    """A server of this module's installation."""
    stack, started = _running
    if settings.public_url not in started:
        started[settings.public_url] = stack.enter_context(serving(settings))
    return settings.public_url


@pytest_asyncio.fixture
async def client(server_url: str, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client of the server; shows no credential by itself."""
    async with httpx.AsyncClient(base_url=server_url, timeout=100, verify=_NO_TLS) as client:
        yield client


@contextmanager
def process(settings: Settings, *arguments: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process of our command line with these settings; told to stop at the end."""
    environment = {**os.environ, **supervision.environment_variables(settings), "PYTHONPATH": str(PROJECT)}
    with log.open("ab") as file:
        child = subprocess.Popen(  # noqa: S603  our own command
            [sys.executable, "-m", "server.cli", *arguments], env=environment, stdout=file, stderr=file
        )
        try:
            yield child
        finally:
            child.terminate()
            child.wait(100)


@pytest.fixture(scope="module")
def worker(
    settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
    _running: tuple[ExitStack, dict[str, Any]],
    is_live: bool,  # noqa: FBT001  see above
) -> subprocess.Popen[bytes]:
    """A worker process of this module's installation, for modules that are marked with it as a whole."""
    assert is_live, 'a module with a worker says so: pytestmark = pytest.mark.usefixtures("worker")'
    stack, started = _running
    if "worker" not in started:
        started["worker"] = stack.enter_context(_working(settings, tmp_path_factory.mktemp("worker") / "log"))
    child: subprocess.Popen[bytes] = started["worker"]
    return child


@contextmanager
def _working(settings: Settings, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with process(settings, "worker", log=log) as child, redis.Redis.from_url(str(settings.redis_url)) as connection:
        until(lambda: Worker.count(connection=connection) > 0 or child.poll() is not None)
        assert child.poll() is None, log.read_text()
        yield child
