"""The Python client without a network: its operations run in the process that received the MCP request."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, Final, cast

import httpx
from music_studio_client import AsyncMusicStudio, StudioError, TemporaryError
from music_studio_client._async.operations import Operations
from music_studio_client.errors import error_for, from_graphql
from pydantic_core import to_jsonable_python
from starlette.requests import Request
from starlette.types import Receive, Scope, Send
from strawberry.types import ExecutionResult

from core.errors import Refusal
from core.network import links
from schema.types import errors
from server.graphql.requests import Operation
from server.graphql_endpoint import OWN_REQUEST, GraphQLEndpoint

_CREDENTIAL_HEADERS: Final = ("authorization", "x-api-key", "cookie")


def open_client(graphql: GraphQLEndpoint, request: Request) -> AsyncMusicStudio:
    """Return a client with the credentials of an MCP request, for the organization in its query or the first one."""
    return AsyncMusicStudio(
        request.state.base_url,
        organization_id=request.query_params.get("organization"),
        operations=_InProcessOperations(graphql, request),
    )


class _InProcessOperations(Operations):
    """Sends queries and mutations to the routes of this server, and streams subscriptions from its endpoint."""

    def __init__(self, graphql: GraphQLEndpoint, request: Request) -> None:
        transport = _RouterTransport(request)
        http = httpx.AsyncClient(transport=transport, trust_env=False)
        super().__init__(request.state.base_url, None, 0, 0, http)
        self.headers = {name: request.headers[name] for name in _CREDENTIAL_HEADERS if name in request.headers}
        self._graphql, self._request = graphql, request

    async def execute_ws(
        self, query: str, operation_name: str, variables: dict[str, Any], **_: object
    ) -> AsyncIterator[dict[str, Any]]:
        """Yield the data of each event of a subscription."""
        operation = Operation(query, to_jsonable_python(variables), operation_name, None)
        results = cast("AsyncGenerator[ExecutionResult]", self._graphql.stream(self._request, operation))
        try:
            async with aclosing(results):
                async for result in results:
                    if result.errors:
                        raise from_graphql([error.formatted for error in result.errors])
                    yield cast("dict[str, Any]", result.data)
        except Refusal as refusal:
            raise _to_client_error(refusal) from None


def _to_client_error(refusal: Refusal) -> StudioError:
    error = error_for(refusal.message, errors.error_code(refusal))
    if isinstance(error, TemporaryError):
        error.retry_after_seconds = float(getattr(refusal, "retry_after", 1))
    return error


class _RouterTransport(httpx.AsyncBaseTransport):
    """Dispatches requests for this server to its routes, without the middleware that the MCP request has passed.

    Requests for another origin, such as the files in a bucket, use the network.
    """

    def __init__(self, request: Request) -> None:
        self._request = request
        self._base_url = httpx.URL(request.state.base_url)
        self._prefix = links.prefix_of(request.state.base_url).encode()
        self._routes = httpx.ASGITransport(self._dispatch)
        self._network: httpx.AsyncHTTPTransport | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if (request.url.scheme, request.url.netloc) == (self._base_url.scheme, self._base_url.netloc):
            request.url = request.url.copy_with(raw_path=request.url.raw_path.removeprefix(self._prefix))
            return await self._routes.handle_async_request(request)
        if self._network is None:
            self._network = httpx.AsyncHTTPTransport()
        return await self._network.handle_async_request(request)

    async def aclose(self) -> None:
        if self._network is not None:
            await self._network.aclose()

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        outer = self._request.scope
        own = {name: scope[name] for name in ("method", "path", "raw_path", "query_string", "headers")}
        # not the path parameters of the MCP request, nor what its handling added to the state
        inner = {**outer, **own, "path_params": {}, "state": {**outer["state"]}, OWN_REQUEST: True}
        await outer["app"].router(inner, receive, send)
