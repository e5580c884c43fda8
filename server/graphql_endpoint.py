"""The GraphQL endpoint: HTTP responses of its own; HTTP streams and WebSockets through Strawberry's view."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
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
from rest_compat.requests import TooManyValuesError, load_json
from rest_compat.responses import add_headers
from schema.limits import field_costs
from schema.runtime.context import GraphQLContext
from schema.types import errors
from server import request_origin
from server.authentication import Authenticator, client_ip, first_headers
from server.graphql import operation_cost, requests, responses, transports
from server.graphql.graphiql import page as graphiql
from server.graphql.requests import JSON, GraphQLRequestError, Operation
from server.graphql.trusted_documents import TrustedDocuments
from server.subscriptions import connection_registry, websocket
from server.subscriptions.broadcast import BroadcastRegistry
from server.subscriptions.connection_registry import Connection, ConnectionRegistry, TooManyConnectionsError

OWN_REQUEST: Final = "music_studio.own_request"
"""Key in the scope of a request that this process makes: its document needs no entry in the manifest."""

_ANY_DOCUMENT: Final = TrustedDocuments()
_QUERY_ONLY: Final = frozenset({OperationType.QUERY})
_ALL_OPERATIONS: Final = _QUERY_ONLY | {OperationType.MUTATION}
_CONNECTION_RETRY_SECONDS: Final = 30
_NOT_ACCEPTABLE_ERROR: Final = GraphQLRequestError(
    f"The response types are {responses.GRAPHQL_RESPONSE_JSON} and {JSON}.", HTTPStatus.NOT_ACCEPTABLE
)
_ORIGIN_NOT_ALLOWED: Final = GraphQLRequestError(
    "Requests of this origin are not allowed. Add it to MUSIC_STUDIO_SERVER__CORS_ORIGINS.",
    HTTPStatus.FORBIDDEN,
    "ORIGIN_NOT_ALLOWED",
)


class GraphQLEndpoint(GraphQL[GraphQLContext, None]):
    """ASGI application for ``/graphql``: queries, mutations, batches, subscriptions and GraphiQL."""

    stream_transport_classes_by_protocol = transports.TRANSPORTS
    graphql_transport_ws_handler_class = websocket.GraphQLTransportWSHandler

    def __init__(self, schema: strawberry.Schema, settings: Settings, trusted: TrustedDocuments) -> None:
        self.origins = frozenset({*settings.server.cors_origins, request_origin.origin_of(settings.public_url)})
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL, *transports.TRANSPORTS],
            connection_init_wait_timeout=timedelta(seconds=settings.sockets.init_seconds),
            max_subscriptions_per_connection=settings.sockets.max_operations,
            allowed_origins=tuple(self.origins),
        )
        self.trusted = trusted
        self.max_batch = settings.graphql.max_batch
        self.connections = ConnectionRegistry(settings.sockets)
        self.field_costs = field_costs.from_schema(schema)
        self.broadcasts = BroadcastRegistry(schema)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._handle_websocket(WebSocket(scope, receive, send))
            return
        request = Request(scope, receive)
        response = await self._respond(request)
        if response is not None:
            await response(scope, receive, send)
        else:
            await self._handle_stream(request, receive, send)

    async def _handle_websocket(self, socket: WebSocket) -> None:
        try:
            with self.connections.open(client_ip(socket)) as connection:
                socket.state.connection = connection
                await super().__call__(socket.scope, socket.receive, socket.send)
        except TooManyConnectionsError:
            await socket.send_denial_response(responses.refusal_response(RateLimited(_CONNECTION_RETRY_SECONDS), JSON))

    async def _handle_stream(self, request: Request, receive: Receive, send: Send) -> None:
        """Stream a subscription over HTTP. Strawberry's view parses the rebuilt request again."""
        scope, body = requests.rebuild_scope(request, request.state.operation)
        try:
            with self.connections.open(client_ip(request)) as connection:
                self.connections.assign_caller(connection, request.state.identity, request.headers)
                request.state.connection = connection
                await super().__call__(scope, _replay_body(body, receive), send)
        except TooManyConnectionsError:
            await responses.refusal_response(RateLimited(_CONNECTION_RETRY_SECONDS), JSON)(scope, receive, send)

    async def _respond(self, request: Request) -> Response | None:
        """Return the response, or None if Strawberry's view responds: to streams over HTTP.

        Invalid credentials are rejected before the body is read.
        """
        if _wants_graphiql(request):
            return await graphiql.respond()
        headers = first_headers(request)
        media_type = responses.negotiate_media_type(headers.get("accept"))
        if media_type is None:
            return responses.request_error_response(_NOT_ACCEPTABLE_ERROR, JSON)
        try:
            identity = await request.state.authenticator.authenticate(headers)
        except (Unauthenticated, Unavailable) as refusal:
            return responses.refusal_response(refusal, media_type)
        request.state.identity = identity
        return await self._respond_to_operations(request, media_type, headers)

    async def _respond_to_operations(
        self, request: Request, media_type: str, request_headers: Mapping[str, str]
    ) -> Response | None:
        """Return the response to one operation or a batch, with rate limit headers, or None for a stream."""
        is_stream = transports.prefers_stream(request_headers.get("accept", ""))
        try:
            if request.method == "GET" and request_origin.is_cross_origin(request_headers, self.origins):
                raise _ORIGIN_NOT_ALLOWED
            trusted = _ANY_DOCUMENT if OWN_REQUEST in request.scope else self.trusted
            parsed = await requests.parse_request(request, request_headers, trusted, 0 if is_stream else self.max_batch)
        except GraphQLRequestError as error:
            return responses.request_error_response(error, media_type)
        ctx = _context(request)
        rate_limit = await operation_cost.charge(ctx, parsed.operations, self.field_costs)
        headers = rate_limits.headers(ctx, rate_limit)
        request.state.rate_limit_headers = headers
        if rate_limit.wait_seconds:
            response = responses.refusal_response(RateLimited(rate_limit.wait_seconds), media_type)
        elif too_large := operation_cost.find_too_large(ctx, parsed.operations):
            response = responses.request_error_response(too_large, media_type)
        elif is_stream:
            request.state.operation = parsed.operations[0]
            return None
        else:
            results = [
                await self._execute(request, _graphql_context(ctx, request, accepts_json=True), operation, media_type)
                for operation in parsed.operations
            ]
            response = responses.batch_response(results) if parsed.is_batch else results[0]
        add_headers(response, headers)
        return response

    async def _execute(
        self, request: Request, context: GraphQLContext, operation: Operation, media_type: str
    ) -> Response:
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
            not_allowed = _operation_not_allowed(error.operation_type, request.method)
            return responses.request_error_response(not_allowed, media_type)
        except CannotGetOperationTypeError as error:
            return responses.request_error_response(GraphQLRequestError(error.as_http_error_reason()), media_type)
        assert isinstance(result, ExecutionResult)  # noqa: S101  the schema has no incremental delivery
        return responses.result_response(result, media_type)

    async def stream(self, request: HTTPConnection, operation: Operation) -> AsyncIterator[ExecutionResult]:
        """Execute a subscription for the caller of a request to this process, under the limits of streams.

        Raises Unauthenticated, RateLimited, Unavailable.
        """
        request.state.identity = await _identify(request, {})
        ctx = _context(request)
        rate_limit = await operation_cost.charge(ctx, [operation], self.field_costs)
        if rate_limit.wait_seconds:
            raise RateLimited(rate_limit.wait_seconds)
        try:
            with self.connections.open(client_ip(request)) as connection:
                self.connections.assign_caller(connection, ctx.caller, request.headers)
                results = await self.schema.stream(
                    operation.query,
                    variable_values=dict(operation.variables or {}),
                    context_value=_graphql_context(ctx, request),
                    operation_name=operation.operation_name,
                )
                async with aclosing(connection_registry.until_closed(results, connection)) as events:
                    async for result in events:
                        yield result
        except TooManyConnectionsError:
            raise RateLimited(_CONNECTION_RETRY_SECONDS) from None

    async def execute_operation(self, request: Request, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  as the base class
        """Execute a streamed subscription, which ends when the connection is closed."""
        result = await super().execute_operation(request, *args, **kwargs)
        return connection_registry.until_closed(cast("SubscriptionExecutionResult", result), request.state.connection)

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        """Add the rate limit headers to the headers of a stream."""
        response = await super().get_sub_response(request)
        response.headers.update(getattr(request.state, "rate_limit_headers", {}))
        return response

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> GraphQLContext:  # noqa: ARG002
        return _graphql_context(_context(request), request)

    async def on_ws_connect(self, context: GraphQLContext) -> UnsetType | dict[str, object] | None:
        """Authenticate a WebSocket by ``connection_init``, else by its handshake. Closes with 4403 if that fails.

        Raises TooManyConnectionsError, Unavailable.
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
        """Encode with orjson, as text: graphql-transport-ws uses text messages."""
        return orjson.dumps(data).decode()

    def decode_json(self, data: str | bytes) -> Any:  # noqa: ANN401  as the base class
        """Decode with orjson. Strawberry catches the error class of the standard library."""
        try:
            return load_json(data.encode() if isinstance(data, str) else data)
        except orjson.JSONDecodeError as error:
            raise json.JSONDecodeError(error.msg, error.doc or "", error.pos) from None
        except TooManyValuesError as error:
            raise json.JSONDecodeError(str(error), "", 0) from None


async def _identify(connection: HTTPConnection, init_payload: Mapping[str, object]) -> Caller | None:
    authenticator: Authenticator = connection.state.authenticator
    return await authenticator.authenticate(_credentials(connection, init_payload))


def _credentials(connection: HTTPConnection, init_payload: Mapping[str, object]) -> Mapping[str, str]:
    """Return the credentials in a ``connection_init`` payload, else the headers of the request."""
    if not init_payload:
        return connection.headers
    credentials = {name.lower(): value for name, value in init_payload.items() if isinstance(value, str)}
    return credentials if credentials.keys() & {"authorization", "x-api-key"} else connection.headers


def _context(connection: HTTPConnection) -> Context:
    services: Services = connection.state.services
    return Context(
        services, getattr(connection.state, "identity", None), client_ip(connection), connection.state.base_url
    )


def _graphql_context(ctx: Context, connection: HTTPConnection, *, accepts_json: bool = False) -> GraphQLContext:
    return GraphQLContext(ctx, str(logs.trace_id.get()), connection, accepts_json=accepts_json)


def _operation_not_allowed(operation_type: OperationType, method: str) -> GraphQLRequestError:
    if operation_type is OperationType.SUBSCRIPTION:
        return GraphQLRequestError(
            "A subscription requires a WebSocket, or `text/event-stream` as the first type in `Accept`."
        )
    return GraphQLRequestError(f"A mutation cannot be sent by {method}.", HTTPStatus.METHOD_NOT_ALLOWED)


def _wants_graphiql(request: Request) -> bool:
    return request.method == "GET" and "text/html" in request.headers.get("accept", "") and not request.url.query


def _replay_body(body: bytes, receive: Receive) -> Receive:
    """Return a receive channel that starts with a body that was already read."""
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def replay() -> Message:
        return next(messages, None) or await receive()

    return replay
