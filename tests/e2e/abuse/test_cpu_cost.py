"""CPU time that each abusive request costs a server, compared with a plain query in the same run.

``./studio test tests/e2e/abuse/test_cpu_cost.py -s`` prints the table.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Final

import httpx
import psutil
import pytest_asyncio
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from core.settings import Settings
from server.embedded import ports
from storage.postgres.database import Database
from tests.support.graphql.expensive_documents import DOCUMENTS, Document
from tests.support.graphql.websocket_violations import CONVERSATIONS, Conversation
from tests.support.polling import wait_for
from tests.support.processes.servers import process
from tests.support.rest.malformed_bodies import BODIES, Body
from tests.support.users import Cast

PLAIN: Final = Document("{ viewer { id } }", None)
MAX_RATIO: Final = 30
"""Limit on the cost of an item, in plain queries; the most expensive was measured at 7."""

REPETITIONS: Final = 3
"""Each item is repeated because the CPU clock of a process has a resolution of 10 ms."""


class Server:
    """A server process and one client of it."""

    def __init__(self, url: str, child: psutil.Process, client: httpx.AsyncClient) -> None:
        self.url, self.client = url, client
        self._child = child

    async def cost(self, call: Callable[[], Awaitable[None]], times: int = REPETITIONS) -> float:
        """Return the CPU milliseconds of the server for each call."""
        before = self._seconds()
        for _ in range(times):
            await call()
        return (self._seconds() - before) * 1000 / times

    def _seconds(self) -> float:
        spent = self._child.cpu_times()
        return float(spent.user + spent.system)

    async def execute(self, document: Document) -> None:
        answer = await self.client.post("/graphql", json={"query": document.text, "variables": document.variables})
        assert answer.status_code < 500

    async def send(self, body: Body) -> None:
        headers = dict(body.headers)
        if body.content_type is not None:
            headers["Content-Type"] = body.content_type
        answer = await self.client.post("/graphql", content=body.content, headers=headers)
        assert answer.status_code == body.status

    async def converse(self, conversation: Conversation) -> None:
        address = self.url.replace("http", "ws") + "/graphql"
        async with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket, asyncio.timeout(60):
            try:
                for frame in conversation.frames:
                    await socket.send(frame)
                while True:
                    await socket.recv()
            except ConnectionClosed:
                assert socket.close_code == conversation.code


@pytest_asyncio.fixture
async def server(settings: Settings, database: Database, cast: Cast, tmp_path: Path) -> AsyncIterator[Server]:
    """Start a server process and wait until it is ready."""
    chosen = settings.model_copy(update={"server": settings.server.model_copy(update={"port": ports.find_free()})})
    with process(chosen, "serve", log=tmp_path / "log") as child:
        headers = {**cast.ada.headers, "Accept": "application/graphql-response+json"}
        async with httpx.AsyncClient(base_url=chosen.public_url, headers=headers, timeout=60) as client:
            await wait_for(lambda: _is_ready(client))
            yield Server(chosen.public_url, psutil.Process(child.pid), client)


async def _is_ready(client: httpx.AsyncClient) -> bool | None:
    try:
        return (await client.get("/readyz")).status_code == 200 or None
    except httpx.TransportError:
        return None


async def test_no_abusive_request_costs_more_than_30_plain_queries(server: Server) -> None:
    await server.cost(partial(server.execute, PLAIN), 20)
    plain = await server.cost(partial(server.execute, PLAIN), 100)
    calls: dict[str, Callable[[], Awaitable[None]]] = {}
    calls |= {f"document: {name}": partial(server.execute, document) for name, document in DOCUMENTS.items()}
    calls |= {f"body: {name}": partial(server.send, body) for name, body in BODIES.items()}
    calls |= {f"socket: {name}": partial(server.converse, conversation) for name, conversation in CONVERSATIONS.items()}
    costs = {name: await server.cost(call) for name, call in calls.items()}
    sys.stdout.write(f"a plain query: {plain:.1f} ms\n")
    for name, cost in sorted(costs.items(), key=lambda item: -item[1])[:25]:
        sys.stdout.write(f"{cost:7.1f} ms {cost / plain:6.1f}  {name}\n")
    assert plain > 0
    assert {name: cost for name, cost in costs.items() if cost > MAX_RATIO * plain} == {}
    assert len(DOCUMENTS) >= 17
    assert len(BODIES) >= 19
    assert len(CONVERSATIONS) >= 25
