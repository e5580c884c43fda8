"""A graphql-transport-ws client."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

WATCH = """
subscription($id: ID!, $after: Int) {
  generationUpdated(id: $id, after: $after) { status progress stage sequence track { playbackUrl } }
}
"""


@asynccontextmanager
async def connected_socket(
    server_url: str, payload: dict[str, str] | None = None, headers: dict[str, str] | None = None
) -> AsyncIterator[ClientConnection]:
    """Open a socket and send `connection_init`."""
    url = server_url.replace("http", "ws") + "/graphql"
    async with connect(
        url, subprotocols=[Subprotocol("graphql-transport-ws")], additional_headers=headers, open_timeout=100
    ) as connection:
        await connection.send(json.dumps({"type": "connection_init", "payload": payload or {}}))
        yield connection


async def subscribe(connection: ClientConnection, generation_id: str, after: int | None = None) -> None:
    payload = {"query": WATCH, "variables": {"id": generation_id, "after": after}}
    await connection.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))


async def collect_states(
    connection: ClientConnection, generation_id: str, after: int | None = None
) -> list[dict[str, Any]]:
    """Return every state until the stream completes."""
    await subscribe(connection, generation_id, after)
    received: list[dict[str, Any]] = []
    async with asyncio.timeout(150):
        async for text in connection:
            message = json.loads(text)
            if message["type"] == "complete":
                return received
            if message["type"] == "next":
                assert "errors" not in message["payload"], message
                received.append(message["payload"]["data"]["generationUpdated"])
    raise AssertionError("the socket closed before the stream was complete")
