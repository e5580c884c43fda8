"""What every test may ask for: throw-away Postgres and Valkey, a database of its own, people, a server, a worker."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
import pytest
import pytest_asyncio
import redis
import uvicorn
from rq import Worker
from sqlalchemy import text

from core.settings import PROJECT, ServerSettings, Settings, TokenSettings, WorkerSettings
from server import listening, supervision
from server.app import create_app
from server.embedded import ports
from server.embedded.stack import throwaway
from storage import migrations
from storage.databases import Database
from storage.tables import metadata
from tests import people
from tests.people import Cast
from tests.waiting import until

_TEMPLATE: Final = "studio_template"
MANY: Final = {"requests_per_minute": 1_000_000, "requests_burst": 1_000_000}
TOKEN_SECRET: Final = "a secret of tests, longer than 32 characters"

_SERVICES: Final = pytest.StashKey[tuple[str, str]]()


class SharedServices:
    """With xdist: the process that deals tests out tells its workers where the services are."""

    def pytest_configure_node(self, node: Any) -> None:  # noqa: ANN401  xdist ships no types
        node.workerinput["services"] = node.config.stash[_SERVICES]


def pytest_configure(config: pytest.Config) -> None:
    """Start Postgres and Valkey once a run, with a migrated template database."""
    workerinput = getattr(config, "workerinput", None)
    if workerinput is not None:
        config.stash[_SERVICES] = workerinput["services"]
        return
    if config.option.collectonly or config.option.help:
        return
    services = ExitStack()
    stack = services.enter_context(throwaway())
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
async def database_url(service_urls: tuple[str, str], worker_id: str) -> AsyncIterator[str]:
    """A database for this process, cloned from the template."""
    name = f"studio_{worker_id}"
    admin = await asyncpg.connect(service_urls[0])
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
    yield _renamed(service_urls[0], name)
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest.fixture(scope="session")
def redis_url(service_urls: tuple[str, str], worker_id: str) -> str:
    """A numbered Valkey database for this process."""
    number = int(worker_id.removeprefix("gw")) + 1 if worker_id.startswith("gw") else 0
    return service_urls[1].rpartition("/")[0] + f"/{number}"


@pytest.fixture(scope="session")
def quiet_redis_url(redis_url: str) -> str:
    """Another Valkey database of this process, where no worker listens."""
    address, _, number = redis_url.rpartition("/")
    return f"{address}/{int(number) + 128}"


@pytest.fixture(scope="session")
def settings(database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of this process's installation; everything is quick to give up."""
    return Settings(
        data_dir=tmp_path_factory.mktemp("data"),
        database_url=database_url,
        redis_url=redis_url,
        server=ServerSettings(port=ports.free(), cors_origins=("https://app.example.org",), shutdown_seconds=2, **MANY),
        tokens=TokenSettings(secret=TOKEN_SECRET),
        workers=WorkerSettings(recovery_seconds=0.5, heartbeat_seconds=0.5),
    )


@pytest_asyncio.fixture(scope="session")
async def _database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest_asyncio.fixture
async def database(_database: Database) -> AsyncIterator[Database]:
    """The database, emptied afterwards."""
    yield _database
    async with _database.transaction() as session:
        # generations and tracks refer to each other
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        for table in metadata.tables.values():
            await session.execute(table.delete())


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    """Two organizations and three users."""
    return await people.gather(database)


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """The whole application on a port, in a thread of its own."""
    server = uvicorn.Server(listening.config(create_app(settings), settings))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started or not thread.is_alive())
    try:
        yield settings.public_url
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def server_url(settings: Settings) -> Iterator[str]:
    """A server of this process's installation."""
    with serving(settings) as url:
        yield url


@pytest_asyncio.fixture
async def client(server_url: str, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client of the server; shows no credential by itself."""
    async with httpx.AsyncClient(base_url=server_url, timeout=30) as client:
        yield client


@contextmanager
def process(settings: Settings, *arguments: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process of our command line with these settings; told to stop at the end."""
    environment = {**os.environ, **supervision.variables(settings), "PYTHONPATH": str(PROJECT)}
    with log.open("ab") as file:
        child = subprocess.Popen(  # noqa: S603  our own command
            [sys.executable, "-m", "server.cli", *arguments], env=environment, stdout=file, stderr=file
        )
        try:
            yield child
        finally:
            child.terminate()
            child.wait(30)


@pytest.fixture(scope="session")
def worker(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process of this process's installation, ready for jobs."""
    log = tmp_path_factory.mktemp("worker") / "log"
    with process(settings, "worker", log=log) as child:
        connection = redis.Redis.from_url(str(settings.redis_url))
        until(lambda: Worker.count(connection=connection) > 0 or child.poll() is not None, seconds=60)
        assert child.poll() is None, log.read_text()
        yield child
        connection.close()
