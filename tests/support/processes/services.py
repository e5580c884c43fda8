"""Postgres and Valkey of one test run, started when the first test needs them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager, suppress
from multiprocessing.connection import Client, Connection, Listener
from threading import Lock, Thread
from typing import Any, Final

import asyncpg

from server.embedded.stack import temporary_stack
from storage import migrations
from storage.postgres.database import Database
from tests.support.processes.process_fork_server import PreloadedProcess

TEMPLATE: Final = "studio_template"


class LazyServices:
    """Services of this process, with a migrated template database."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._lock = Lock()
        self._urls: tuple[str, str] | None = None

    def urls(self) -> tuple[str, str]:
        """Return the URLs of Postgres and Valkey; the first call starts them."""
        with self._lock:
            if self._urls is None:
                services = self._stack.enter_context(temporary_stack())
                asyncio.run(_create_template(services.database_url))
                self._urls = services.database_url, services.redis_url
            return self._urls

    def close(self) -> None:
        """Stop the services if they run."""
        self._stack.close()


class SharedServices:
    """The xdist controller's side: worker processes get the addresses of one set of services from it."""

    def __init__(self, services: LazyServices, preloaded: PreloadedProcess) -> None:
        self._addresses: dict[str, Callable[[], object]] = {"urls": services.urls, "fork server": preloaded.address}
        self._listener = Listener()
        Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            # a worker does not wait for what another one has requested
            Thread(target=self._answer, args=(self._listener.accept(),), daemon=True).start()

    def _answer(self, connection: Connection) -> None:
        with connection, suppress(OSError, EOFError):  # the worker has died
            try:
                answer = self._addresses[connection.recv()]()
            except Exception as error:  # noqa: BLE001  the worker raises it in the test that needs the services
                answer = error
            connection.send(answer)

    def pytest_configure_node(self, node: Any) -> None:  # noqa: ANN401  xdist ships no types
        """Pass the listener's address to a worker process."""
        node.workerinput["services"] = self._listener.address


class RemoteServices:
    """A worker process's side of `SharedServices`."""

    def __init__(self, address: str) -> None:
        self._address = address

    def urls(self) -> tuple[str, str]:
        """Return the URLs of Postgres and Valkey, which the controller starts at the first request."""
        urls: tuple[str, str] = self._request("urls")
        return urls

    def fork_server(self) -> str:
        """Return the address of the process that forks commands, which the controller starts at the first request."""
        return str(self._request("fork server"))

    def _request(self, name: str) -> Any:  # noqa: ANN401  an address or several
        with Client(self._address) as connection:
            connection.send(name)
            answer = connection.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer


async def _create_template(address: str) -> None:
    admin = await asyncpg.connect(address)
    await admin.execute(f"CREATE DATABASE {TEMPLATE}")
    await admin.close()
    database = Database(_with_name(address, TEMPLATE), pooled=False)
    await migrations.upgrade(database)
    await database.close()


def _with_name(address: str, name: str) -> str:
    return address.rpartition("/")[0] + "/" + name


@asynccontextmanager
async def cloned(address: str, name: str, template: str = TEMPLATE) -> AsyncIterator[str]:
    """Yield the URL of a database of this name, cloned from a template and dropped afterwards."""
    admin = await asyncpg.connect(address)
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _with_name(address, name)
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()
