"""The CPU time of a server process for single requests."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final

import httpx
import psutil
import pytest_asyncio

from core.network import tls
from core.settings import Settings
from server.embedded import ports
from storage.postgres.database import Database
from tests.support.polling import wait_for
from tests.support.processes.servers import process
from tests.support.users import Cast

BURST: Final = 1_000_000_000
"""Tokens of a caller; hardly any are added during a test, so that responses show the price of each request."""
_RATES: Final = {
    "requests_per_minute": 1,
    "requests_burst": BURST,
    "share_resolves_per_minute": BURST,
}


class MeasuredServer:
    """A server process and one client of it."""

    def __init__(self, url: str, child: psutil.Process, client: httpx.AsyncClient) -> None:
        self.url, self.client = url, client
        self._child = child

    async def cost(self, call: Callable[[], Awaitable[None]], times: int) -> float:
        """Return the CPU milliseconds of the server for each call."""
        before = self.cpu_seconds()
        for _ in range(times):
            await call()
        return (self.cpu_seconds() - before) * 1000 / times

    def cpu_seconds(self) -> float:
        """Return the CPU time of all threads: exact on Linux, elsewhere in steps of 10 ms."""
        threads = Path(f"/proc/{self._child.pid}/task").glob("*/schedstat")
        nanoseconds = sum(int(file.read_text(encoding="ascii").split()[0]) for file in threads)
        spent = self._child.cpu_times()
        return nanoseconds / 1e9 or float(spent.user + spent.system)


@pytest_asyncio.fixture
async def measured_server(
    settings: Settings, database: Database, cast: Cast, tmp_path: Path
) -> AsyncIterator[MeasuredServer]:
    """Start a server process and wait until it is ready."""
    changes = {"port": ports.find_free(), **_RATES}
    chosen = settings.model_copy(update={"server": settings.server.model_copy(update=changes)})
    with process(chosen, "serve", log=tmp_path / "log") as child:
        headers = {**cast.ada.headers, "Accept": "application/graphql-response+json"}
        async with httpx.AsyncClient(
            base_url=chosen.public_url, headers=headers, timeout=60, verify=tls.default_context()
        ) as client:
            await wait_for(lambda: _is_ready(client))
            yield MeasuredServer(chosen.public_url, psutil.Process(child.pid), client)


async def _is_ready(client: httpx.AsyncClient) -> bool | None:
    try:
        return (await client.get("/readyz")).status_code == 200 or None
    except httpx.TransportError:
        return None
