"""Fixtures of every test: Postgres and Valkey of the run, an empty database, users, a server, a worker."""

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio

from core.settings import EngineSettings, ServerSettings, Settings, TokenSettings, WebhookSettings, WorkerSettings
from server.embedded import ports
from storage.postgres.database import Database
from tests.support import users
from tests.support.database_rows import delete_all_rows
from tests.support.jobs import paced_engine
from tests.support.processes.process_fork_server import Child
from tests.support.processes.servers import TOKEN_SECRET, UNLIMITED_RATE, run_server, run_worker, serving
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
async def _databases() -> AsyncIterator[tuple[AsyncExitStack, dict[str, str]]]:
    """URLs of the databases of this process by installation."""
    async with AsyncExitStack() as stack:
        yield stack, {}


@pytest.fixture(scope="module")
def installation(request: pytest.FixtureRequest) -> str:
    """Return the installation of this module.

    It is "live" for modules with `pytestmark = pytest.mark.usefixtures("worker")`, "paced" for those with
    "paced_worker", and "quiet", without a worker, for all others.
    """
    marked = {fixture for mark in request.node.iter_markers("usefixtures") for fixture in mark.args}
    if "worker" in marked:
        return "live"
    return "paced" if "paced_worker" in marked else "quiet"


@pytest_asyncio.fixture(scope="module")
async def database_url(
    service_urls: tuple[str, str],
    _databases: tuple[AsyncExitStack, dict[str, str]],
    worker_id: str,
    installation: str,
) -> str:
    """The database of this module's installation, cloned from the template."""
    stack, urls = _databases
    if installation not in urls:
        name = f"studio_{worker_id}_{installation}"
        urls[installation] = await stack.enter_async_context(cloned(service_urls[0], name))
    return urls[installation]


def _redis_url(service_urls: tuple[str, str], worker_id: str, block: int) -> str:
    number = int(worker_id.removeprefix("gw")) + 1 if worker_id.startswith("gw") else 0
    return service_urls[1].rpartition("/")[0] + f"/{number + 64 * block}"


@pytest.fixture(scope="module")
def redis_url(service_urls: tuple[str, str], worker_id: str, installation: str) -> str:
    """A numbered Valkey database of this module's installation."""
    return _redis_url(service_urls, worker_id, ("quiet", "live", "unused", "paced").index(installation))


@pytest.fixture(scope="session")
def quiet_redis_url(service_urls: tuple[str, str], worker_id: str) -> str:
    """Another Valkey database of this process, where no server and no worker listens."""
    return _redis_url(service_urls, worker_id, 2)


@pytest.fixture(scope="session")
def _addresses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, Path]]:
    return {name: (ports.find_free(), tmp_path_factory.mktemp("data")) for name in ("quiet", "live", "paced")}


@pytest.fixture(scope="module")
def settings(
    database_url: str,
    redis_url: str,
    _addresses: dict[str, tuple[int, Path]],
    installation: str,
) -> Settings:
    """Settings of this module's installation, with short timeouts."""
    port, data_dir = _addresses[installation]
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
        engines=paced_engine.SETTINGS if installation == "paced" else EngineSettings(),
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
def server_url(
    settings: Settings,
    _running: tuple[ExitStack, dict[str, Any]],
    tmp_path_factory: pytest.TempPathFactory,
    installation: str,
) -> str:
    """A server of this module's installation."""
    stack, started = _running
    if settings.public_url not in started:
        # the paced engine is registered in processes of its own
        log = tmp_path_factory.mktemp("server") / "log"
        running = run_server(settings, log, "paced") if installation == "paced" else serving(settings)
        started[settings.public_url] = stack.enter_context(running)
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
    installation: str,
) -> Child:
    """A worker process of this module's installation, for modules that are marked with it as a whole."""
    assert installation == "live", 'the module requires pytestmark = pytest.mark.usefixtures("worker")'
    return _find_worker(settings, _running, tmp_path_factory.mktemp("worker") / "log")


@pytest.fixture(scope="module")
def paced_worker(
    settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
    _running: tuple[ExitStack, dict[str, Any]],
    installation: str,
) -> Child:
    """A worker whose engine renders tones at once, for modules that are marked with it as a whole."""
    assert installation == "paced", 'the module requires pytestmark = pytest.mark.usefixtures("paced_worker")'
    return _find_worker(settings, _running, tmp_path_factory.mktemp("worker") / "log", "paced")


def _find_worker(settings: Settings, running: tuple[ExitStack, dict[str, Any]], log: Path, *words: str) -> Child:
    stack, started = running
    name = f"worker of {settings.public_url}"
    if name not in started:
        started[name] = stack.enter_context(run_worker(settings, log, *words))
    child: Child = started[name]
    return child
