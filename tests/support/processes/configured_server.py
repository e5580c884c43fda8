"""Servers with changed settings, and graphql-transport-ws sockets to them."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from pydantic import BaseModel
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from core.settings import Settings
from server.embedded import ports
from tests.support.processes.servers import serving


@contextmanager
def run_server(settings: Settings, redis_url: str, **sections: dict[str, object]) -> Iterator[str]:
    """Run a server with these changes to sections of its settings; yield its URL."""
    sections["server"] = {**sections.get("server", {}), "port": ports.find_free()}
    update: dict[str, object] = {name: _changed(getattr(settings, name), changes) for name, changes in sections.items()}
    with serving(settings.model_copy(update={**update, "redis_url": redis_url})) as url:
        yield url


def _changed(section: BaseModel, changes: dict[str, object]) -> BaseModel:
    return section.model_copy(update=changes)


@asynccontextmanager
async def open_socket(url: str, key: str | None = None, **options: Any) -> AsyncIterator[ClientConnection]:  # noqa: ANN401
    """Open a socket and wait for `connection_ack`."""
    address = url.replace("http", "ws") + "/graphql"
    async with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")], **options) as connection:
        payload = {"x-api-key": key} if key else {}
        await connection.send(json.dumps({"type": "connection_init", "payload": payload}))
        assert json.loads(await connection.recv())["type"] == "connection_ack"
        yield connection


async def subscribe(connection: ClientConnection, operation_id: str, **payload: object) -> None:
    """Send `subscribe`."""
    await connection.send(json.dumps({"type": "subscribe", "id": operation_id, "payload": payload}))


async def receive(connection: ClientConnection, kind: str) -> dict[str, Any]:
    """Return the next message of this type; skip others."""
    while True:
        message: dict[str, Any] = json.loads(await connection.recv())
        if message["type"] == kind:
            return message


async def wait_closed(connection: ClientConnection) -> tuple[int | None, str | None]:
    """Wait until the socket closes; return its close code and reason."""
    try:
        while True:
            await connection.recv()
    except ConnectionClosed:
        return connection.close_code, connection.close_reason
