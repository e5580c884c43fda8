"""The GraphQL endpoint: credentials of a request or of a socket, GraphiQL for a browser."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import orjson
import strawberry
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http import GraphQLHTTPResponse
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.unset import UnsetType

from core import logs
from core.errors import Unauthenticated, Unavailable
from resolvers.context import Caller, Context, Services
from schema import errors
from schema.context import GraphQLContext
from server.credentials import Credentials

_INIT_TIMEOUT: Final = timedelta(seconds=5)


class GraphQLEndpoint(GraphQL[GraphQLContext, None]):
    """Strawberry's endpoint, with callers told from headers or from a socket's first message."""

    def __init__(self, schema: strawberry.Schema, origins: tuple[str, ...]) -> None:
        super().__init__(
            schema,
            graphql_ide="graphiql",
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
            connection_init_wait_timeout=_INIT_TIMEOUT,
            allowed_origins=origins,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; a credential that is shown and bad ends the request before it is read."""
        if scope["type"] == "http":
            try:
                scope["state"]["identity"] = await _identify(HTTPConnection(scope), {})
            except (Unauthenticated, Unavailable) as refusal:
                await _refused(refusal)(scope, receive, send)
                return
        await super().__call__(scope, receive, send)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> GraphQLContext:  # noqa: ARG002
        """The context of one request, or of a socket before its client said who it is."""
        identity: Caller | None = getattr(request.state, "identity", None)
        services: Services = request.state.services
        address = request.client.host if request.client else "unknown"
        return GraphQLContext(Context(services, identity, address), str(logs.trace_id.get()), request)

    async def on_ws_connect(self, context: GraphQLContext) -> UnsetType | dict[str, object] | None:
        """Credentials from ``connection_init``, or else from the handshake. Bad ones close the socket with 4403."""
        try:
            identity = await _identify(context.request, context.connection_params)
        except Unauthenticated as refusal:
            raise ConnectionRejectionError({"code": errors.code_of(refusal)}) from None
        context.ctx = replace(context.ctx, identity=identity)
        return UnsetType()

    def encode_json(self, data: object) -> str:
        """By orjson, as text: sockets of this protocol carry text."""
        return orjson.dumps(data).decode()

    def decode_json(self, data: str | bytes) -> Any:  # noqa: ANN401  as the base class
        """By orjson; Strawberry waits for the standard library's error."""
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise json.JSONDecodeError(error.msg, error.doc or "", error.pos) from None


async def _identify(connection: HTTPConnection, said: Mapping[str, object]) -> Caller | None:
    credentials: Credentials = connection.state.credentials
    shown = {name.lower(): value for name, value in said.items() if isinstance(value, str)}
    if not shown.keys() & {"authorization", "x-api-key"}:
        shown = dict(connection.headers)
    return await credentials.identify(shown)


def _refused(refusal: Unauthenticated | Unavailable) -> Response:
    """A GraphQL answer without data: the document was not looked at."""
    error = {
        "message": refusal.message,
        "extensions": {"code": errors.code_of(refusal), "traceId": logs.trace_id.get()},
    }
    body: GraphQLHTTPResponse = {"data": None, "errors": [error]}
    if isinstance(refusal, Unavailable):
        headers = {"Retry-After": str(refusal.retry_after)}
        return Response(orjson.dumps(body), 503, headers, "application/json")
    headers = {"WWW-Authenticate": 'Bearer realm="music-studio"'}
    return Response(orjson.dumps(body), 401, headers, "application/json")
