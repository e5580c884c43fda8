"""The GraphQL endpoint: credentials of a request or of a socket, single answers by us, streams by the base class."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

import orjson
import strawberry
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType
from strawberry.types.unset import UnsetType

from core import logs
from core.errors import Unauthenticated, Unavailable
from resolvers.context import Caller, Context, Services
from schema import errors
from schema.context import GraphQLContext
from server import graphql_answers as answers
from server import graphql_requests, sockets, transports
from server.credentials import Credentials
from server.graphql_requests import JSON, Malformed, Operation

_INIT_TIMEOUT: Final = timedelta(seconds=5)
_NOT_ACCEPTABLE: Final = Malformed(f"Answers come as {answers.GRAPHQL} or {JSON}.", HTTPStatus.NOT_ACCEPTABLE)


class GraphQLEndpoint(GraphQL[GraphQLContext, None]):
    """Strawberry's endpoint, with callers told from headers or from a socket's first message."""

    stream_transport_classes_by_protocol = transports.TRANSPORTS
    graphql_transport_ws_handler_class = sockets.Handler

    def __init__(self, schema: strawberry.Schema, origins: tuple[str, ...]) -> None:
        super().__init__(
            schema,
            graphql_ide="graphiql",
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL, *transports.TRANSPORTS],
            connection_init_wait_timeout=_INIT_TIMEOUT,
            allowed_origins=origins,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; a credential that is shown and bad ends the request before it is read."""
        if scope["type"] == "websocket":
            await super().__call__(scope, receive, send)
            return
        request = Request(scope, receive)
        response = await self._answer(request)
        if response is None:
            # read once already: the base class reads it again
            await super().__call__(scope, _replayed(await request.body(), receive), send)
        else:
            await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response | None:
        """The response; None for what the base class answers: GraphiQL, and streams over HTTP."""
        kind = answers.media_type(request.headers.get("accept"))
        if kind is None and not _wants_page(request):
            return answers.malformed(_NOT_ACCEPTABLE, JSON)
        try:
            identity = await _identify(request, {})
        except (Unauthenticated, Unavailable) as refusal:
            return _refused(refusal, kind or JSON)
        request.state.identity = identity
        if _wants_page(request):
            return None
        try:
            operation = await graphql_requests.read(request)
        except Malformed as error:
            return answers.malformed(error, kind or JSON)
        if transports.is_stream(request.headers.get("accept", "")):
            return None
        return await self._executed(request, operation, kind or JSON)

    async def _executed(self, request: Request, operation: Operation, kind: str) -> Response:
        allowed = {OperationType.QUERY} if request.method == "GET" else {OperationType.QUERY, OperationType.MUTATION}
        try:
            result = await self.schema.execute(
                operation.query,
                variable_values=dict(operation.variables) if operation.variables else None,
                context_value=await self.get_context(request, Response()),
                operation_name=operation.operation_name,
                allowed_operation_types=allowed,
                operation_extensions=dict(operation.extensions) if operation.extensions else None,
            )
        except InvalidOperationTypeError as error:
            return answers.malformed(_not_here(error.operation_type, request.method), kind)
        except CannotGetOperationTypeError as error:
            return answers.malformed(Malformed(error.as_http_error_reason()), kind)
        assert isinstance(result, ExecutionResult)  # noqa: S101  nothing is deferred
        return answers.outcome(result, kind)

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


def _refused(refusal: Unauthenticated | Unavailable, kind: str) -> Response:
    """A GraphQL answer without data: the document was not looked at."""
    code = errors.code_of(refusal)
    logs.note(code)
    error = {"message": refusal.message, "extensions": {"code": code, "traceId": logs.trace_id.get()}}
    if isinstance(refusal, Unavailable):
        headers = {"Retry-After": str(refusal.retry_after)}
        return answers.refused([error], HTTPStatus.SERVICE_UNAVAILABLE, kind, headers)
    headers = {"WWW-Authenticate": 'Bearer realm="music-studio"'}
    return answers.refused([error], HTTPStatus.UNAUTHORIZED, kind, headers)


def _not_here(kind: OperationType, method: str) -> Malformed:
    if kind is OperationType.SUBSCRIPTION:
        return Malformed("Subscriptions need a WebSocket, or `Accept: text/event-stream` before all else.")
    return Malformed(f"A mutation cannot be sent by {method}.", HTTPStatus.METHOD_NOT_ALLOWED)


def _wants_page(request: Request) -> bool:
    """A browser that comes without a document wants to see GraphiQL."""
    return request.method == "GET" and "text/html" in request.headers.get("accept", "") and not request.url.query


def _replayed(body: bytes, receive: Receive) -> Receive:
    """A channel that begins with a body that was read already."""
    rest = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def replay() -> Message:
        return next(rest, None) or await receive()

    return replay
