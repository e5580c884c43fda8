"""Servers of their own with other settings of the door, and sockets whose client has introduced itself."""

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
from tests.support.servers import serving


@contextmanager
def run_server(settings: Settings, redis_url: str, **rooms: dict[str, object]) -> Iterator[str]:
    """A server with these changes to the rooms of its settings."""
    rooms["server"] = {**rooms.get("server", {}), "port": ports.find_free()}
    update: dict[str, object] = {name: _changed(getattr(settings, name), changes) for name, changes in rooms.items()}
    with serving(settings.model_copy(update={**update, "redis_url": redis_url})) as url:
        yield url


def _changed(room: BaseModel, changes: dict[str, object]) -> BaseModel:
    return room.model_copy(update=changes)


@asynccontextmanager
async def open_socket(url: str, key: str | None = None, **options: Any) -> AsyncIterator[ClientConnection]:  # noqa: ANN401
    """A socket whose client was acknowledged."""
    address = url.replace("http", "ws") + "/graphql"
    async with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")], **options) as connection:
        payload = {"x-api-key": key} if key else {}
        await connection.send(json.dumps({"type": "connection_init", "payload": payload}))
        assert json.loads(await connection.recv())["type"] == "connection_ack"
        yield connection


async def subscribe(connection: ClientConnection, operation_id: str, **payload: object) -> None:
    """Begin an operation."""
    await connection.send(json.dumps({"type": "subscribe", "id": operation_id, "payload": payload}))


async def receive(connection: ClientConnection, kind: str) -> dict[str, Any]:
    """The next message of this type."""
    while True:
        message: dict[str, Any] = json.loads(await connection.recv())
        if message["type"] == kind:
            return message


async def wait_closed(connection: ClientConnection) -> tuple[int | None, str | None]:
    """Wait for the end, and how it came."""
    try:
        while True:
            await connection.recv()
    except ConnectionClosed:
        return connection.close_code, connection.close_reason
