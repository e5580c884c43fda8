"""Send GraphQL operations: queries and mutations by HTTP, subscriptions by the protocol graphql-transport-ws.

The protocol: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

import json
import re
from collections.abc import AsyncIterator
from typing import Any, Final

import httpx
from pydantic import BaseModel
from pydantic_core import to_jsonable_python
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from music_studio_client._async.concurrency import sleep
from music_studio_client.errors import (
    AuthenticationError,
    ConnectionFailedError,
    StudioError,
    TemporaryError,
    error_for,
    from_graphql,
)
from music_studio_client.graphql.base_model import UNSET

_PROTOCOL: Final = Subprotocol("graphql-transport-ws")
_OPERATION_ID: Final = "1"
_FORBIDDEN: Final = 4403
_TOO_MANY_REQUESTS: Final = 429
_ERROR_NUMBER: Final = re.compile(r"^\[Errno -?\d+\] ")
_NO_TLS: Final = re.compile("WRONG_VERSION_NUMBER|RECORD_LAYER_FAILURE")
"""Errors of OpenSSL, of different versions, when the other side sends plain HTTP."""
_MAX_WAIT_SECONDS: Final = 60.0
"""A longer wait for the rate limit is left to the caller."""


class Transport:
    """An HTTP connection pool, and one WebSocket for each subscription."""

    def __init__(
        self,
        url: str,
        api_key: str | None,
        timeout_seconds: float,
        retries: int,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self.headers = {"X-API-Key": api_key} if api_key else {}
        self.timeout_seconds = timeout_seconds
        self.retries = retries
        self.http = http or httpx.AsyncClient(timeout=timeout_seconds, follow_redirects=True)

    async def aclose(self) -> None:
        await self.http.aclose()

    async def execute(self, query: str, operation_name: str, variables: dict[str, Any], **_: object) -> httpx.Response:
        """Send a query or mutation. Repeats it if the server did not execute it because of its rate limit."""
        body = {"query": query, "operationName": operation_name, "variables": _jsonable(variables)}
        attempt = 0
        while True:
            try:
                response = await self.http.post(f"{self.url}/graphql", json=body, headers=self.headers)
            except httpx.HTTPError as error:
                raise _no_answer(self.url, error) from error
            wait_seconds = _retry_after(response)
            if (
                response.status_code != _TOO_MANY_REQUESTS
                or attempt >= self.retries
                or wait_seconds > _MAX_WAIT_SECONDS
            ):
                return response
            attempt += 1
            await sleep(wait_seconds)

    def get_data(self, response: httpx.Response) -> dict[str, Any]:
        """Return the data of a response, or raise its first error."""
        try:
            body = response.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise StudioError(f"{self.url} is not a Music Studio server: status {response.status_code} without JSON.")
        if body.get("errors"):
            raise from_graphql(body["errors"], _retry_after(response))
        if "data" not in body:
            error = body.get("error") or {}
            failure = error_for(str(error.get("message", body)), str(error.get("code", response.status_code)))
            if isinstance(failure, TemporaryError):
                failure.retry_after_seconds = _retry_after(response)
            raise failure
        data: dict[str, Any] = body["data"]
        return data

    async def execute_ws(
        self, query: str, operation_name: str, variables: dict[str, Any], **_: object
    ) -> AsyncIterator[dict[str, Any]]:
        """Yield the data of each event of a subscription until the server completes it."""
        payload = {"query": query, "operationName": operation_name, "variables": _jsonable(variables)}
        address = self.url.replace("http", "ws", 1) + "/graphql"
        try:
            async with connect(address, subprotocols=[_PROTOCOL], open_timeout=self.timeout_seconds) as socket:
                await socket.send(json.dumps({"type": "connection_init", "payload": self.headers}))
                async for text in socket:
                    message = json.loads(text)
                    if message["type"] == "connection_ack":
                        await socket.send(json.dumps({"type": "subscribe", "id": _OPERATION_ID, "payload": payload}))
                    elif message["type"] == "next":
                        if message["payload"].get("errors"):
                            raise from_graphql(message["payload"]["errors"])
                        yield message["payload"]["data"]
                    elif not await _continues(socket, message):
                        return
        except ConnectionClosed as error:
            if error.rcvd is not None and error.rcvd.code == _FORBIDDEN:
                raise AuthenticationError(error.rcvd.reason, "INVALID_API_KEY") from error
            raise ConnectionFailedError(f"The connection to {self.url} was lost.") from error
        except (OSError, InvalidHandshake) as error:
            raise _no_answer(self.url, error) from error
        raise ConnectionFailedError(f"The connection to {self.url} was closed.")


async def _continues(socket: ClientConnection, message: dict[str, Any]) -> bool:
    """Answer a ping; return False when the subscription is complete."""
    if message["type"] == "error":
        raise from_graphql(message["payload"])
    if message["type"] == "ping":
        await socket.send(json.dumps({"type": "pong"}))
    return bool(message["type"] != "complete")


def _jsonable(variables: dict[str, Any]) -> dict[str, Any]:
    """Return variables as JSON values. Those that were not set are left out."""
    values = {
        name: value.model_dump(by_alias=True, exclude_unset=True) if isinstance(value, BaseModel) else value
        for name, value in variables.items()
        if value is not UNSET
    }
    jsonable: dict[str, Any] = to_jsonable_python(values)
    return jsonable


def _no_answer(url: str, error: Exception) -> ConnectionFailedError:
    reason = _ERROR_NUMBER.sub("", str(error)) or type(error).__name__
    if _NO_TLS.search(reason):
        return ConnectionFailedError(f"The server {url} does not use TLS: its URL begins with http://.")
    return ConnectionFailedError(f"The server {url} does not answer: {reason}.")


def _retry_after(response: httpx.Response) -> float:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else 1.0
