"""WebSocket handler for graphql-transport-ws: validates messages, charges operations and shares subscriptions."""

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
from schema.limits.field_costs import FieldCosts
from schema.runtime.context import GraphQLContext
from schema.types import errors
from server.asgi_server import websocket_protocol
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
    """The attributes of the endpoint that the handler uses."""

    trusted: TrustedDocuments
    broadcasts: BroadcastRegistry
    field_costs: FieldCosts


class GraphQLTransportWSHandler(BaseGraphQLTransportWSHandler[GraphQLContext, None]):
    """Handles one WebSocket. Closes it with 4400 and a short reason if the client violates the protocol."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401  as the base class
        super().__init__(**kwargs)
        self._view = cast("View", self.view)
        self._socket = cast("ASGIWebSocketAdapter", self.websocket).ws
        self.push: Callable[[str], bool] | None = (self._socket.scope.get("extensions") or {}).get(
            websocket_protocol.PUSH_EXTENSION
        )
        self._subscribers: dict[str, Subscriber] = {}

    async def handle(self) -> None:
        """Handle messages until the client or the server closes the WebSocket."""
        self._connection: Connection = self.context.request.state.connection
        self._connection.is_busy = lambda: bool(self.operations)
        self._connection.on_close = self._start_close
        await super().handle()

    async def handle_message(self, message: Message) -> None:
        """Validate the message before the base class reads it."""
        error = _message_error(message)
        if error is not None:
            await self.handle_invalid_message(error)
            return
        await super().handle_message(message)

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """Accept a payload of null; close with 1013 if there are too many connections."""
        normalized = cast("ConnectionInitMessage", {**message, "payload": message.get("payload") or {}})
        try:
            await super().handle_connection_init(normalized)
            # cancelled by the base class; the reference would keep a task in memory for each WebSocket
            self.connection_init_timeout_task = None
        except TooManyConnectionsError:
            await self.websocket.close(_TRY_AGAIN_LATER, "Too many sockets")
        except Unavailable:
            await self.websocket.close(_TRY_AGAIN_LATER, "Service unavailable")

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Charge the operation as over HTTP. A rejected operation gets an error message; the WebSocket stays open."""
        if not self.connection_acknowledged or message["id"] in self.operations:
            await super().handle_subscribe(message)
            return
        self._connection.idle_since = time.monotonic()
        try:
            accepted = await self._parse_and_charge(message)
        except GraphQLRequestError as error:
            await self._send_error(message["id"], str(error), error.code)
        except Refusal as refusal:
            await self._send_error(message["id"], refusal.message, errors.error_code(refusal), refusal)
        else:
            await super().handle_subscribe(accepted)

    async def run_operation(self, operation: Operation[GraphQLContext, None]) -> None:
        """Join the broadcast of a shareable subscription; execute any other operation."""
        ctx = self.context.ctx
        resume = dedup_key.parse_shareable(
            operation.query, operation.variables, operation.operation_name, ctx.identity, ctx.base_url
        )
        if resume is None:
            await super().run_operation(operation)
            return
        # the broadcast has the query; this task ends now
        operation.query, operation.variables, operation.task = "", None, None
        subscriber = self._subscribers[operation.id] = Subscriber(operation.id, self)
        self._view.broadcasts.join(resume, ctx, subscriber)

    async def cleanup_operation(self, operation_id: str) -> None:
        """End an operation that the client completes, or that is active when the WebSocket closes."""
        subscriber = self._subscribers.pop(operation_id, None)
        if subscriber is None:
            await super().cleanup_operation(operation_id)
            return
        self.operations.pop(operation_id, None)
        if subscriber.publisher is not None:
            subscriber.publisher.unsubscribe(subscriber)

    async def send_text(self, text: str) -> None:
        """Send an encoded message."""
        await self._socket.send_text(text)

    def forget_operation(self, operation_id: str) -> None:
        """Release the id of a shared subscription that has completed."""
        self._subscribers.pop(operation_id, None)
        self.operations.pop(operation_id, None)

    async def _parse_and_charge(self, message: SubscribeMessage) -> SubscribeMessage:
        """Return the message with the text of its document. Raises GraphQLRequestError, RateLimited."""
        max_operations = self.max_subscriptions_per_connection
        if max_operations is not None and len(self.operations) >= max_operations:
            message_text = f"A WebSocket can have at most {max_operations} operations at a time."
            raise GraphQLRequestError(message_text, code="TOO_MANY_OPERATIONS")
        operation = requests.parse_operation(message["payload"], self._view.trusted)
        rate_limit = await operation_cost.charge(self.context.ctx, [operation], self._view.field_costs)
        if rate_limit.wait_seconds:
            raise RateLimited(rate_limit.wait_seconds)
        if error := operation_cost.find_too_large(self.context.ctx, [operation]):
            raise error
        return cast("SubscribeMessage", {**message, "payload": {**message["payload"], "query": operation.query}})

    async def _send_error(self, operation_id: str, message: str, code: str, refusal: Refusal | None = None) -> None:
        logs.report_error_code(code)
        extensions: dict[str, object] = {"code": code, "traceId": logs.trace_id.get()}
        if isinstance(refusal, RateLimited):
            extensions["retryAfterSeconds"] = refusal.retry_after
        payload = [{"message": message, "extensions": extensions}]
        await self.send_message(cast("Message", {"id": operation_id, "type": "error", "payload": payload}))

    def _start_close(self, reason: CloseReason) -> None:
        self._close_task = asyncio.create_task(self._close(reason))
        # the client may close the WebSocket first: retrieve the exception, so that asyncio does not log it
        self._close_task.add_done_callback(lambda task: task.cancelled() or task.exception())

    async def _close(self, reason: CloseReason) -> None:
        """End all operations first: a client may delay its reply to the close frame."""
        for operation_id in list(self.operations):
            await self.cleanup_operation(operation_id)
        await self.websocket.close(reason.code, reason.reason)


def _message_error(message: object) -> str | None:
    """Return the reason why a message is invalid, or None."""
    if not isinstance(message, dict):
        return "A message must be an object"
    message_type = message.get("type")
    if not isinstance(message_type, str) or message_type not in _MESSAGE_TYPES:
        return "Unknown message type"
    if message_type in _TYPES_WITHOUT_ID:
        return _object_error(message, "payload")
    if not isinstance(message.get("id"), str) or not message["id"]:
        return "id must be a non-empty string"
    return _payload_error(message.get("payload")) if message_type == "subscribe" else None


def _payload_error(payload: object) -> str | None:
    if not isinstance(payload, dict):
        return "payload must be an object"
    if not isinstance(payload.get("query", ""), str | None):
        return "query must be a string"
    if not payload.get("query") and not trusted_documents.has_document_id(payload):
        return "query must be a non-empty string"
    if not isinstance(payload.get("operationName"), str | None):
        return "operationName must be a string or null"
    return _object_error(payload, "variables") or _object_error(payload, "extensions")


def _object_error(value: Mapping[str, Any], name: str) -> str | None:
    return None if isinstance(value.get(name), dict | None) else f"{name} must be an object or null"
