"""Subscriptions over HTTP: server-sent events (graphql-sse, distinct connections mode) and multipart (Apollo).

A client gets a stream only if the stream's type is the first in Accept: many clients list it last for every query.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from strawberry.http.streaming import HTTPStreamTransport, MultipartSubscriptionTransport, SSETransport
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, MULTIPART_SUBSCRIPTION_PROTOCOL


class ServerSentEventsTransport(SSETransport):
    """Ends lines with LF. With the CR LF of the base class, a client that splits at LF finds a CR in the JSON."""

    def accepts(self, accept: str) -> bool:
        return _first_media_type(accept)[0] == "text/event-stream"

    def encode_event(self, event: str, data: str | None = None) -> str:
        """Encode an event. ``data`` has no line break, because orjson escapes them."""
        return f"event: {event}\ndata: {data or ''}\n\n"

    def encode_comment(self, comment: str) -> str:
        return f": {comment}\n\n"


class MultipartTransport(MultipartSubscriptionTransport):
    def accepts(self, accept: str) -> bool:
        return self.accepts_content_type(*_first_media_type(accept))


TRANSPORTS: Final[Mapping[str, type[HTTPStreamTransport]]] = {
    MULTIPART_SUBSCRIPTION_PROTOCOL: MultipartTransport,
    GRAPHQL_SSE_PROTOCOL: ServerSentEventsTransport,
}


@lru_cache(maxsize=128)
def prefers_stream(accept: str) -> bool:
    return any(transport().accepts(accept) for transport in TRANSPORTS.values())


def _first_media_type(accept: str) -> tuple[str, dict[str, str]]:
    """Return the first media type of an ``Accept`` header, with its parameters."""
    media_type, *parameters = accept.partition(",")[0].split(";")
    pairs = (parameter.partition("=") for parameter in parameters)
    named = {name.strip().lower(): value.strip().strip("\"'") for name, _, value in pairs}
    return media_type.strip().lower(), named
