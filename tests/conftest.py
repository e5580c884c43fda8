"""Fixtures of every test: Postgres and Valkey of the run, an empty database, users, a server, a worker."""

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio
import redis
from rq import Worker

from core.settings import ServerSettings, Settings, TokenSettings, WebhookSettings, WorkerSettings
from server.embedded import ports
from storage.postgres.database import Database
from tests.support import users
from tests.support.database_rows import delete_all_rows
from tests.support.polling import wait_until
from tests.support.processes.process_fork_server import Child
from tests.support.processes.servers import TOKEN_SECRET, UNLIMITED_RATE, process, serving
from tests.support.processes.services import LazyServices, RemoteServices, SharedServices, cloned
from tests.support.users import Cast

# tests use plain HTTP; loading the system's certificates would cost each of them 40 ms
_NO_TLS: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

_SERVICES: Final = pytest.StashKey[LazyServices | RemoteServices]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the long runs; see docs/operations/reliability.md."""
    parser.addoption("--fault-runs", type=int, default=1, help="number of runs of each test in tests/e2e/faults")
    parser.addoption("--fault-leases", choices=("short", "shipped"), default="short", help="leases in tests/e2e/faults")
    parser.addoption("--fault-engine", choices=("paced", "studio"), default="paced", help="engine in tests/e2e/faults")
    parser.addoption("--away-seconds", type=float, default=0.0, help="length of the Redis outage in tests/e2e/faults")
    parser.addoption("--focus-minutes", type=int, default=2, help="length of the focus session that is measured")
    parser.addoption("--life-examples", type=int, default=60, help="number of job histories that hypothesis tries")
    parser.addoption("--cost-examples", type=int, default=500, help="number of expensive requests that are searched")


def pytest_configure(config: pytest.Config) -> None:
    """Share one Postgres and one Valkey between the processes of a run; they start when a test needs them."""
    workerinput = getattr(config, "workerinput", None)
    if workerinput is not None:
        config.stash[_SERVICES] = RemoteServices(workerinput["services"])
        return
    services = LazyServices()
    config.add_cleanup(services.close)
    config.stash[_SERVICES] = services
    if config.pluginmanager.hasplugin("xdist"):
        config.pluginmanager.register(SharedServices(services))


@pytest.fixture(scope="session")
def service_urls(pytestconfig: pytest.Config) -> tuple[str, str]:
    """Return the URLs of this run's Postgres and Valkey."""
    return pytestconfig.stash[_SERVICES].urls()


@pytest_asyncio.fixture(scope="session")
async def _database_urls(service_urls: tuple[str, str], worker_id: str) -> AsyncIterator[dict[bool, str]]:
    """Two databases for this process, cloned from the template: without and with a worker."""
    names = {False: f"studio_{worker_id}", True: f"studio_{worker_id}_live"}
    async with AsyncExitStack() as stack:
        yield {
            is_live: await stack.enter_async_context(cloned(service_urls[0], name)) for is_live, name in names.items()
        }


@pytest.fixture(scope="module")
def is_live(request: pytest.FixtureRequest) -> bool:
    """Return whether this module has `pytestmark = pytest.mark.usefixtures("worker")`.

    All other modules share an installation without a worker.
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
    """Settings of this module's installation, with short timeouts."""
    port, data_dir = _addresses[is_live]
    return Settings(
        data_dir=data_dir,
        database_url=database_url,
        redis_url=redis_url,
        server=ServerSettings(
            port=port, cors_origins=("https://app.example.org",), shutdown_seconds=2, **UNLIMITED_RATE
        ),
        tokens=TokenSettings(secret=TOKEN_SECRET),
        workers=WorkerSettings(recovery_seconds=0.5, heartbeat_seconds=0.5),
        webhooks=WebhookSettings(allowed_hosts=("127.0.0.1:*",), poll_seconds=0.5),
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
    await delete_all_rows(_database)


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    """Two organizations and three users."""
    return await users.create_cast(database)


@pytest.fixture(scope="session")
def _running() -> Iterator[tuple[ExitStack, dict[str, Any]]]:
    """Servers and workers of this process by URL, which run until the last test."""
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
    """An HTTP client of the server without credentials."""
    async with httpx.AsyncClient(base_url=server_url, timeout=100, verify=_NO_TLS) as client:
        yield client


@pytest.fixture(scope="module")
def worker(
    settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
    _running: tuple[ExitStack, dict[str, Any]],
    is_live: bool,  # noqa: FBT001  see above
) -> Child:
    """A worker process of this module's installation, for modules that are marked with it as a whole."""
    assert is_live, 'the module requires pytestmark = pytest.mark.usefixtures("worker")'
    stack, started = _running
    if "worker" not in started:
        started["worker"] = stack.enter_context(_run_worker(settings, tmp_path_factory.mktemp("worker") / "log"))
    child: Child = started["worker"]
    return child


@contextmanager
def _run_worker(settings: Settings, log: Path) -> Iterator[Child]:
    with process(settings, "worker", log=log) as child, redis.Redis.from_url(str(settings.redis_url)) as connection:
        wait_until(lambda: Worker.count(connection=connection) > 0 or child.poll() is not None)
        assert child.poll() is None, log.read_text()
        yield child
