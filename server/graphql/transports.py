"""Subscriptions over plain HTTP: server-sent events (graphql-sse, distinct connections) and Apollo's multipart answers.

A client gets a stream only when it names the stream first in Accept: many name it last, for a query, just in case.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from strawberry.http.streaming import (
    HTTPStreamTransport,
    MultipartSubscriptionTransport,
    SSETransport,
)
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, MULTIPART_SUBSCRIPTION_PROTOCOL


class ServerSentEventsTransport(SSETransport):
    """Frames end with LF: clients that split on it would carry a CR into the JSON or wait for ever."""

    def accepts(self, accept: str) -> bool:
        """Whether events are what the client wants most."""
        return _first_media_type(accept)[0] == "text/event-stream"

    def encode_event(self, event: str, data: str | None = None) -> str:
        """One event; JSON by orjson holds no line break."""
        return f"event: {event}\ndata: {data or ''}\n\n"

    def encode_comment(self, comment: str) -> str:
        """A line that clients skip."""
        return f": {comment}\n\n"


class MultipartTransport(MultipartSubscriptionTransport):
    """As the base class, for whatever a client writes into Accept."""

    def accepts(self, accept: str) -> bool:
        """Whether parts of this protocol are what the client wants most."""
        return self.accepts_content_type(*_first_media_type(accept))


TRANSPORTS: Final[Mapping[str, type[HTTPStreamTransport]]] = {
    MULTIPART_SUBSCRIPTION_PROTOCOL: MultipartTransport,
    GRAPHQL_SSE_PROTOCOL: ServerSentEventsTransport,
}


@lru_cache(maxsize=128)
def prefers_stream(accept: str) -> bool:
    """Whether a client wants one of these most."""
    return any(transport().accepts(accept) for transport in TRANSPORTS.values())


def _first_media_type(accept: str) -> tuple[str, dict[str, str]]:
    """The first media type that a client names, with its parameters."""
    media_type, *parameters = accept.partition(",")[0].split(";")
    pairs = (parameter.partition("=") for parameter in parameters)
    named = {name.strip().lower(): value.strip().strip("\"'") for name, _, value in pairs}
    return media_type.strip().lower(), named
