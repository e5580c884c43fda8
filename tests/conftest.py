"""Fixtures of every test: Postgres and Valkey of the run, an empty database, users, a server, a worker."""

import gc
import signal
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final, NoReturn

import httpx
import pytest
import pytest_asyncio

from core.network import tls
from core.settings import EngineSettings, ServerSettings, Settings, TokenSettings, WebhookSettings, WorkerSettings
from server.embedded import ports
from storage.postgres.database import Database
from tests.support import users
from tests.support.database_rows import delete_all_rows
from tests.support.jobs import paced_engine
from tests.support.processes import process_fork_server, shared_processes
from tests.support.processes.process_fork_server import Child
from tests.support.processes.servers import TOKEN_SECRET, UNLIMITED_RATE, run_server, run_worker, serving
from tests.support.processes.services import LazyServices, RemoteServices, SharedServices, cloned
from tests.support.processes.shared_processes import INSTALLATIONS, SharedProcesses
from tests.support.users import Cast

_NEEDS: Final = pytest.StashKey[Mapping[Path, str]]()
"""The installation whose processes the tests of a module use."""

_SERVICES: Final = pytest.StashKey[LazyServices | RemoteServices]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the long runs; see docs/operations/reliability.md."""
    parser.addoption("--fault-runs", type=int, default=1, help="number of runs of each test in tests/e2e/faults")
    parser.addoption("--fault-leases", choices=("short", "shipped"), default="short", help="leases in tests/e2e/faults")
    parser.addoption("--fault-engine", choices=("paced", "studio"), default="paced", help="engine in tests/e2e/faults")
    parser.addoption("--away-seconds", type=float, default=0.0, help="length of the Redis outage in tests/e2e/faults")
    parser.addoption("--focus-minutes", type=int, default=2, help="length of the focus session that is measured")
    parser.addoption("--life-examples", type=int, default=60, help="number of job histories that hypothesis tries")
    parser.addoption("--cost-examples", type=int, default=200, help="number of expensive requests that are searched")


def pytest_configure(config: pytest.Config) -> None:
    """Share one Postgres and one Valkey between the processes of a run; they start when a test needs them."""
    # modules and tests stay: to search them for garbage takes a fifth of the time of the collection
    gc.disable()
    # asyncio's runner would install a handler for each fixture and test: the enums of `signal` then format all results
    signal.signal(signal.SIGINT, _interrupt)
    workerinput = getattr(config, "workerinput", None)
    if workerinput is not None:
        remote = RemoteServices(workerinput["services"])
        config.stash[_SERVICES] = remote
        process_fork_server.use(remote.fork_server)
        return
    services = LazyServices()
    config.add_cleanup(services.close)
    config.stash[_SERVICES] = services
    if config.pluginmanager.hasplugin("xdist"):
        preloaded = process_fork_server.PreloadedProcess()
        config.add_cleanup(preloaded.close)
        config.pluginmanager.register(SharedServices(services, preloaded))


def _interrupt(*_: object) -> NoReturn:
    """Do as Python's own handler does."""
    raise KeyboardInterrupt


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run modules that use the same processes one after another, and the many short tests without any last."""
    needs: defaultdict[Path, str] = defaultdict(str)
    for item in items:
        needs[item.path] = needs[item.path] or shared_processes.needs(item)
    config.stash[_NEEDS] = needs
    e2e = Path(__file__).parent / "e2e"
    order = ("live", "paced", "quiet", "unserved", "")
    items.sort(key=lambda item: (not item.path.is_relative_to(e2e), order.index(needs[item.path])))


def pytest_collection_finish() -> None:
    """Exempt the modules and tests from garbage collection, which would visit all of them many times.

    A composition makes thousands of objects, none of which is garbage: with Python's threshold, a twentieth of the time
    of the engines' tests is spent on young collections.
    """
    gc.freeze()
    gc.set_threshold(20_000, *gc.get_threshold()[1:])
    gc.enable()


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
    "paced_worker", "unserved" for those with "no_server", and "quiet", without a worker, for all others.
    """
    return shared_processes.installation_of(request.node)


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
    return _redis_url(service_urls, worker_id, INSTALLATIONS.index(installation))


@pytest.fixture(scope="session")
def quiet_redis_url(service_urls: tuple[str, str], worker_id: str) -> str:
    """Another Valkey database of this process, where no server and no worker listens."""
    return _redis_url(service_urls, worker_id, INSTALLATIONS.index("unserved"))


@pytest.fixture(scope="session")
def _addresses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, Path]]:
    return {name: (ports.find_free(), tmp_path_factory.mktemp("data")) for name in INSTALLATIONS}


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
        # the loops of idle processes cost much of a run; jobs get lost only beside workers
        workers=WorkerSettings(recovery_seconds=3 if installation == "quiet" else 1, heartbeat_seconds=0.5),
        webhooks=WebhookSettings(allowed_hosts=("127.0.0.1:*",), poll_seconds=1),
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
def _shared() -> Iterator[SharedProcesses]:
    """Servers and workers of this process."""
    processes = SharedProcesses()
    yield processes
    processes.close()


@pytest.fixture(scope="module", autouse=True)
def _processes(request: pytest.FixtureRequest, _shared: SharedProcesses) -> SharedProcesses:
    """Servers and workers of this module's installation; others are stopped."""
    _shared.switch(request.config.stash[_NEEDS][request.path])
    return _shared


@pytest.fixture(scope="module")
def server_url(
    settings: Settings,
    _processes: SharedProcesses,
    tmp_path_factory: pytest.TempPathFactory,
    installation: str,
) -> str:
    """A server of this module's installation."""
    assert installation != "unserved", "the module excludes servers"
    # the paced engine is registered in processes of its own
    log = tmp_path_factory.mktemp("server") / "log"
    server = run_server(settings, log, "paced") if installation == "paced" else serving(settings)
    _processes.start("server", server)
    return settings.public_url


@pytest_asyncio.fixture
async def client(server_url: str, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client of the server without credentials."""
    async with httpx.AsyncClient(base_url=server_url, timeout=100, verify=tls.default_context()) as client:
        yield client


@pytest.fixture(scope="module")
def no_server(installation: str) -> None:
    """Exclude servers, whose loops claim locks and change rows, for modules that are marked with it as a whole."""
    assert installation == "unserved", 'the module requires pytestmark = pytest.mark.usefixtures("no_server")'


@pytest.fixture(scope="module")
def worker(
    settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
    _processes: SharedProcesses,
    installation: str,
) -> Child:
    """A worker process of this module's installation, for modules that are marked with it as a whole."""
    assert installation == "live", 'the module requires pytestmark = pytest.mark.usefixtures("worker")'
    child: Child = _processes.start("worker", run_worker(settings, tmp_path_factory.mktemp("worker") / "log"))
    return child


@pytest.fixture(scope="module")
def paced_worker(
    settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
    _processes: SharedProcesses,
    installation: str,
) -> Child:
    """A worker whose engine renders tones at once, for modules that are marked with it as a whole."""
    assert installation == "paced", 'the module requires pytestmark = pytest.mark.usefixtures("paced_worker")'
    child: Child = _processes.start("worker", run_worker(settings, tmp_path_factory.mktemp("worker") / "log", "paced"))
    return child
