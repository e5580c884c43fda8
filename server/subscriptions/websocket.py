"""Operations over graphql-transport-ws: whatever a client says is looked at before the base class takes it up."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, cast

from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler, Operation
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    Message,
    SubscribeMessage,
)

from core import logs
from core.errors import RateLimited, Refusal, Unavailable
from schema.runtime.context import GraphQLContext
from schema.types import errors
from server.asgi_server import protocols
from server.graphql import operation_cost, requests, trusted_documents
from server.graphql.requests import GraphQLRequestError
from server.graphql.trusted_documents import TrustedDocuments
from server.subscriptions import dedup_key
from server.subscriptions.broadcast import BroadcastRegistry
from server.subscriptions.connection_registry import CloseReason, Connection, TooManyConnectionsError
from server.subscriptions.subscriber import Subscriber

_TYPES_WITHOUT_ID: Final = frozenset({"connection_init", "ping", "pong"})
_MESSAGE_TYPES: Final = _TYPES_WITHOUT_ID | {"subscribe", "complete"}
_TRY_AGAIN_LATER: Final = 1013


class View(Protocol):
    """What the endpoint knows that a socket needs."""

    trusted: TrustedDocuments
    broadcasts: BroadcastRegistry


class GraphQLTransportWSHandler(BaseGraphQLTransportWSHandler[GraphQLContext, None]):
    """Closes a socket with 4400 where the protocol is broken, and with a reason that fits into a close frame."""

    def __init__(self, **given: Any) -> None:  # noqa: ANN401  as the base class takes it
        super().__init__(**given)
        self._view = cast("View", self.view)
        self._socket = cast("ASGIWebSocketAdapter", self.websocket).ws
        self.push: Callable[[str], bool] | None = (self._socket.scope.get("extensions") or {}).get(
            protocols.PUSH_EXTENSION
        )
        self._subscribers: dict[str, Subscriber] = {}

    async def handle(self) -> None:
        """Until the socket is closed, by either side."""
        self._connection: Connection = self.context.request.state.connection
        self._connection.is_busy = lambda: bool(self.operations)
        self._connection.on_close = self._start_close
        await super().handle()

    async def handle_message(self, message: Message) -> None:
        """One message of the client's, if it is one."""
        problem = _message_error(message)
        if problem is not None:
            await self.handle_invalid_message(problem)
            return
        await super().handle_message(message)

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """A payload of null says as much as none."""
        said = cast("ConnectionInitMessage", {**message, "payload": message.get("payload") or {}})
        try:
            await super().handle_connection_init(said)
            # it has been told to end; one more that is kept is one for each socket
            self.connection_init_timeout_task = None
        except TooManyConnectionsError:
            await self.websocket.close(_TRY_AGAIN_LATER, "Too many sockets")
        except Unavailable:
            await self.websocket.close(_TRY_AGAIN_LATER, "Service unavailable")

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """An operation costs as much as over HTTP; one that is refused is told so, and the socket goes on."""
        if not self.connection_acknowledged or message["id"] in self.operations:
            await super().handle_subscribe(message)
            return
        self._connection.idle_since = time.monotonic()
        try:
            admitted = await self._parse_and_charge(message)
        except GraphQLRequestError as error:
            await self._send_error(message["id"], str(error), error.code)
        except Refusal as refusal:
            await self._send_error(message["id"], refusal.message, errors.error_code(refusal), refusal)
        else:
            await super().handle_subscribe(admitted)

    async def run_operation(self, operation: Operation[GraphQLContext, None]) -> None:
        """A subscription that others may share is told to this socket as to them; anything else is its own."""
        ctx = self.context.ctx
        asked = dedup_key.parse_shareable(operation.query, operation.variables, operation.operation_name, ctx.identity)
        if asked is None:
            await super().run_operation(operation)
            return
        # the question is kept once, by who tells the answer; and this task is over
        operation.query, operation.variables, operation.task = "", None, None
        seat = self._subscribers[operation.id] = Subscriber(operation.id, self)
        self._view.broadcasts.join(asked, ctx, seat)

    async def cleanup_operation(self, operation_id: str) -> None:
        """The client, or the end of the socket, ends an operation."""
        seat = self._subscribers.pop(operation_id, None)
        if seat is None:
            await super().cleanup_operation(operation_id)
            return
        self.operations.pop(operation_id, None)
        if seat.publisher is not None:
            seat.publisher.unsubscribe(seat)

    async def send_text(self, text: str) -> None:
        """A message that is encoded already."""
        await self._socket.send_text(text)

    def forget_operation(self, operation_id: str) -> None:
        """An operation of many is over."""
        self._subscribers.pop(operation_id, None)
        self.operations.pop(operation_id, None)

    async def _parse_and_charge(self, message: SubscribeMessage) -> SubscribeMessage:
        """The message with its document's own text. Raises Malformed, RateLimited."""
        most = self.max_subscriptions_per_connection
        if most is not None and len(self.operations) >= most:
            raise GraphQLRequestError(f"A socket may have {most} operations at once.", code="TOO_MANY_OPERATIONS")
        operation = requests.parse_operation(message["payload"], self._view.trusted)
        admitted = await operation_cost.charge(self.context.ctx, [operation])
        if admitted.rate_limit.wait_seconds:
            raise RateLimited(admitted.rate_limit.wait_seconds)
        if admitted.error is not None:
            raise admitted.error
        return cast("SubscribeMessage", {**message, "payload": {**message["payload"], "query": operation.query}})

    async def _send_error(self, operation_id: str, message: str, code: str, refusal: Refusal | None = None) -> None:
        logs.report_error_code(code)
        extensions: dict[str, object] = {"code": code, "traceId": logs.trace_id.get()}
        if isinstance(refusal, RateLimited):
            extensions["retryAfterSeconds"] = refusal.retry_after
        payload = [{"message": message, "extensions": extensions}]
        await self.send_message(cast("Message", {"id": operation_id, "type": "error", "payload": payload}))

    def _start_close(self, ending: CloseReason) -> None:
        self._close_task = asyncio.create_task(self._close(ending))
        self._close_task.add_done_callback(self._task_done)

    async def _close(self, ending: CloseReason) -> None:
        """Nothing more is told, whatever the client does about the close frame."""
        for operation_id in list(self.operations):
            await self.cleanup_operation(operation_id)
        await self.websocket.close(ending.code, ending.reason)


def _message_error(message: object) -> str | None:
    """What is wrong with a message; None when nothing is."""
    if not isinstance(message, dict):
        return "A message must be an object"
    kind = message.get("type")
    if not isinstance(kind, str) or kind not in _MESSAGE_TYPES:
        return "Unknown message type"
    if kind in _TYPES_WITHOUT_ID:
        return _object_error(message, "payload")
    if not isinstance(message.get("id"), str) or not message["id"]:
        return "An id must be a string that is not empty"
    return _payload_error(message.get("payload")) if kind == "subscribe" else None


def _payload_error(payload: object) -> str | None:
    if not isinstance(payload, dict):
        return "A subscription needs a payload"
    if not isinstance(payload.get("query", ""), str | None):
        return "A query must be a string"
    if not payload.get("query") and not trusted_documents.has_document_id(payload):
        return "A query must be a string that is not empty"
    if not isinstance(payload.get("operationName"), str | None):
        return "An operation name must be a string or null"
    return _object_error(payload, "variables") or _object_error(payload, "extensions")


def _object_error(value: Mapping[str, Any], name: str) -> str | None:
    return None if isinstance(value.get(name), dict | None) else f"{name} must be an object or null"
