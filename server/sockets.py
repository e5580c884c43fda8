"""Operations over graphql-transport-ws: whatever a client says is looked at before the base class takes it up."""

from collections.abc import Mapping
from typing import Any, Final, cast

from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler
from strawberry.subscriptions.protocols.graphql_transport_ws.types import ConnectionInitMessage, Message

from schema.context import GraphQLContext

_BARE: Final = frozenset({"connection_init", "ping", "pong"})
_KNOWN: Final = _BARE | {"subscribe", "complete"}


class Handler(BaseGraphQLTransportWSHandler[GraphQLContext, None]):
    """Closes a socket with 4400 where the protocol is broken, and with a reason that fits into a close frame."""

    async def handle_message(self, message: Message) -> None:
        """One message of the client's, if it is one."""
        problem = _problem(message)
        if problem is not None:
            await self.handle_invalid_message(problem)
            return
        await super().handle_message(message)

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """A payload of null says as much as none."""
        said = cast("ConnectionInitMessage", {**message, "payload": message.get("payload") or {}})
        await super().handle_connection_init(said)


def _problem(message: object) -> str | None:
    """What is wrong with a message; None when nothing is."""
    if not isinstance(message, dict):
        return "A message must be an object"
    kind = message.get("type")
    if not isinstance(kind, str) or kind not in _KNOWN:
        return "Unknown message type"
    if kind in _BARE:
        return _unless_map(message, "payload")
    if not isinstance(message.get("id"), str) or not message["id"]:
        return "An id must be a string that is not empty"
    return _payload_problem(message.get("payload")) if kind == "subscribe" else None


def _payload_problem(payload: object) -> str | None:
    if not isinstance(payload, dict):
        return "A subscription needs a payload"
    if not isinstance(payload.get("query"), str) or not payload["query"]:
        return "A query must be a string that is not empty"
    if not isinstance(payload.get("operationName"), str | None):
        return "An operation name must be a string or null"
    return _unless_map(payload, "variables") or _unless_map(payload, "extensions")


def _unless_map(value: Mapping[str, Any], name: str) -> str | None:
    return None if isinstance(value.get(name), dict | None) else f"{name} must be an object or null"
