"""The GraphQL endpoint: credentials of a request or of a socket, single answers by us, streams by the base class."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final, cast

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
from strawberry.types.execution import SubscriptionExecutionResult
from strawberry.types.graphql import OperationType
from strawberry.types.unset import UnsetType

from core import logs
from core.errors import RateLimited, Unauthenticated, Unavailable
from core.settings import Settings
from resolvers.access import rate_limits
from resolvers.access.context import Caller, Context, Services
from rest_compat.responses import add_headers
from schema.runtime.context import GraphQLContext
from schema.types import errors
from server.authentication import Authenticator
from server.graphql import csrf, graphiql, operation_cost, requests, transports
from server.graphql import responses as answers
from server.graphql.requests import JSON, GraphQLRequestError, Operation
from server.graphql.trusted_documents import TrustedDocuments
from server.subscriptions import stream_auth, websocket
from server.subscriptions.broadcast import BroadcastRegistry
from server.subscriptions.connection_registry import Connection, ConnectionRegistry, TooManyConnectionsError

_QUERY_ONLY: Final = frozenset({OperationType.QUERY})
_ALL_OPERATIONS: Final = _QUERY_ONLY | {OperationType.MUTATION}
_NOT_ACCEPTABLE_ERROR: Final = GraphQLRequestError(
    f"Answers come as {answers.GRAPHQL_RESPONSE_JSON} or {JSON}.", HTTPStatus.NOT_ACCEPTABLE
)
_ORIGIN_NOT_ALLOWED: Final = GraphQLRequestError(
    "Pages of this origin may not ask here; MUSIC_STUDIO_SERVER__CORS_ORIGINS allows them.",
    HTTPStatus.FORBIDDEN,
    "ORIGIN_NOT_ALLOWED",
)


class GraphQLEndpoint(GraphQL[GraphQLContext, None]):
    """Strawberry's endpoint, with callers told from headers or from a socket's first message."""

    stream_transport_classes_by_protocol = transports.TRANSPORTS
    graphql_transport_ws_handler_class = websocket.GraphQLTransportWSHandler

    def __init__(self, schema: strawberry.Schema, settings: Settings, trusted: TrustedDocuments) -> None:
        self.origins = frozenset({*settings.server.cors_origins, csrf.origin_of(settings.public_url)})
        super().__init__(
            schema,
            graphql_ide="graphiql",
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL, *transports.TRANSPORTS],
            connection_init_wait_timeout=timedelta(seconds=settings.sockets.init_seconds),
            max_subscriptions_per_connection=settings.sockets.max_operations,
            allowed_origins=tuple(self.origins),
        )
        self.trusted = trusted
        self.max_batch = settings.graphql.max_batch
        self.connections = ConnectionRegistry(settings.sockets)
        self.broadcasts = BroadcastRegistry(schema)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; a credential that is shown and bad ends the request before it is read."""
        if scope["type"] == "websocket":
            await self._handle_websocket(WebSocket(scope, receive, send))
            return
        request = Request(scope, receive)
        response = await self._respond(request)
        if response is not None:
            await response(scope, receive, send)
        elif _wants_graphiql(request):
            await super().__call__(scope, receive, send)
        else:
            await self._handle_stream(request, receive, send)

    async def _handle_websocket(self, socket: WebSocket) -> None:
        try:
            with self.connections.open(_address(socket)) as connection:
                socket.state.connection = connection
                await super().__call__(socket.scope, socket.receive, socket.send)
        except TooManyConnectionsError:
            await socket.send_denial_response(Response(status_code=HTTPStatus.TOO_MANY_REQUESTS))

    async def _handle_stream(self, request: Request, receive: Receive, send: Send) -> None:
        """A subscription over HTTP, by the base class; what was read of it once is read again."""
        scope, body = requests.rebuild_scope(request, request.state.operation)
        try:
            with self.connections.open(_address(request)) as connection:
                self.connections.assign_caller(connection, request.state.identity, request.headers)
                request.state.connection = connection
                await super().__call__(scope, _replay_body(body, receive), send)
        except TooManyConnectionsError:
            await answers.refusal_response(RateLimited(_CONNECTION_RETRY_SECONDS), JSON)(scope, receive, send)

    async def _respond(self, request: Request) -> Response | None:
        """The response; None for what the base class answers: GraphiQL, and streams over HTTP."""
        kind = answers.negotiate_media_type(request.headers.get("accept"))
        if kind is None and not _wants_graphiql(request):
            return answers.request_error_response(_NOT_ACCEPTABLE_ERROR, JSON)
        try:
            identity = await _identify(request, {})
        except (Unauthenticated, Unavailable) as refusal:
            return answers.refusal_response(refusal, kind or JSON)
        request.state.identity = identity
        return None if _wants_graphiql(request) else await self._respond_to_operations(request, kind or JSON)

    async def _respond_to_operations(self, request: Request, kind: str) -> Response | None:
        """The response to one operation or a batch; None for a stream. Refusals tell what is left, too."""
        is_stream = transports.prefers_stream(request.headers.get("accept", ""))
        try:
            if request.method == "GET" and csrf.is_cross_origin(request.headers, self.origins):
                raise _ORIGIN_NOT_ALLOWED
            asked = await requests.parse_request(request, self.trusted, 0 if is_stream else self.max_batch)
        except GraphQLRequestError as error:
            return answers.request_error_response(error, kind)
        ctx = _context(request)
        admitted = await operation_cost.charge(ctx, asked.operations)
        left = rate_limits.headers(ctx, admitted.rate_limit)
        request.state.left = left
        if admitted.rate_limit.wait_seconds:
            response = answers.refusal_response(RateLimited(admitted.rate_limit.wait_seconds), kind)
        elif admitted.error is not None:
            response = answers.request_error_response(admitted.error, kind)
        elif is_stream:
            request.state.operation = asked.operations[0]
            return None
        else:
            found = [
                await self._execute(request, _graphql_context(ctx, request), each, kind) for each in asked.operations
            ]
            response = answers.batch_response(found) if asked.is_batch else found[0]
        add_headers(response, left)
        return response

    async def _execute(self, request: Request, context: GraphQLContext, operation: Operation, kind: str) -> Response:
        try:
            result = await self.schema.execute(
                operation.query,
                variable_values=dict(operation.variables) if operation.variables else None,
                context_value=context,
                operation_name=operation.operation_name,
                allowed_operation_types=_QUERY_ONLY if request.method == "GET" else _ALL_OPERATIONS,
                operation_extensions=dict(operation.extensions) if operation.extensions else None,
            )
        except InvalidOperationTypeError as error:
            return answers.request_error_response(_operation_not_allowed(error.operation_type, request.method), kind)
        except CannotGetOperationTypeError as error:
            return answers.request_error_response(GraphQLRequestError(error.as_http_error_reason()), kind)
        assert isinstance(result, ExecutionResult)  # noqa: S101  nothing is deferred
        return answers.result_response(result, kind)

    async def execute_operation(self, request: Request, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401  the base class's
        """A stream ends when whoever asked for it may no more."""
        result = await super().execute_operation(request, *arguments, **named)
        return stream_auth.until_closed(cast("SubscriptionExecutionResult", result), request.state.connection)

    async def render_graphql_ide(self, request: Request) -> Response:
        """GraphiQL, from one CDN whose files the page knows by their hashes."""
        response = await super().render_graphql_ide(request)
        response.headers["Content-Security-Policy"] = graphiql.content_security_policy(self.graphql_ide_html)
        return response

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        """What a stream's headers tell besides."""
        response = await super().get_sub_response(request)
        response.headers.update(getattr(request.state, "left", {}))
        return response

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> GraphQLContext:  # noqa: ARG002
        """The context of one request, or of a socket before its client said who it is."""
        return _graphql_context(_context(request), request)

    async def on_ws_connect(self, context: GraphQLContext) -> UnsetType | dict[str, object] | None:
        """Credentials from ``connection_init``, or else from the handshake. Bad ones close the socket with 4403.

        Raises TooMany, Unavailable.
        """
        connection: Connection = context.request.state.connection
        try:
            identity = await _identify(context.request, context.connection_params)
        except Unauthenticated as refusal:
            raise ConnectionRejectionError({"code": errors.error_code(refusal)}) from None
        self.connections.assign_caller(connection, identity, _credentials(context.request, context.connection_params))
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


_CONNECTION_RETRY_SECONDS: Final = 30


async def _identify(connection: HTTPConnection, said: Mapping[str, object]) -> Caller | None:
    authenticator: Authenticator = connection.state.authenticator
    return await authenticator.authenticate(_credentials(connection, said))


def _credentials(connection: HTTPConnection, said: Mapping[str, object]) -> Mapping[str, str]:
    """The credentials of a socket's first message, or else of the request."""
    if not said:
        return connection.headers
    shown = {name.lower(): value for name, value in said.items() if isinstance(value, str)}
    return shown if shown.keys() & {"authorization", "x-api-key"} else connection.headers


def _context(connection: HTTPConnection) -> Context:
    services: Services = connection.state.services
    return Context(services, getattr(connection.state, "identity", None), _address(connection))


def _graphql_context(ctx: Context, connection: HTTPConnection) -> GraphQLContext:
    return GraphQLContext(ctx, str(logs.trace_id.get()), connection)


def _address(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else "unknown"


def _operation_not_allowed(kind: OperationType, method: str) -> GraphQLRequestError:
    if kind is OperationType.SUBSCRIPTION:
        return GraphQLRequestError("Subscriptions need a WebSocket, or `Accept: text/event-stream` before all else.")
    return GraphQLRequestError(f"A mutation cannot be sent by {method}.", HTTPStatus.METHOD_NOT_ALLOWED)


def _wants_graphiql(request: Request) -> bool:
    """A browser that comes without a document wants to see GraphiQL."""
    return request.method == "GET" and "text/html" in request.headers.get("accept", "") and not request.url.query


def _replay_body(body: bytes, receive: Receive) -> Receive:
    """A channel that begins with a body that was read already."""
    rest = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def replay() -> Message:
        return next(rest, None) or await receive()

    return replay
