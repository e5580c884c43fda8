"""The HTTP server, and its WebSockets and streams."""

import re
from ipaddress import ip_network
from typing import Annotated, Final

from pydantic import AfterValidator, Field, PositiveFloat, PositiveInt

from core.network import links
from core.settings.values import CommaSeparated, Section

WILDCARD_HOSTS: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  compared, not bound
"""Addresses that stand for all of this machine, with the loopback address of their kind."""


_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/?#@,]+", re.ASCII)


def _strip_brackets(value: str) -> str:
    return value[1:-1] if value.startswith("[") and value.endswith("]") else value


def _check_origins(values: tuple[str, ...]) -> tuple[str, ...]:
    origins = tuple(value.lower().removesuffix("/") for value in values)
    for origin in origins:
        if origin not in {"*", "null"} and not _ORIGIN.fullmatch(origin):
            raise ValueError(f"{origin} is not an origin such as https://app.example.org, without a path, or *")
    return origins


def _check_proxies(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        try:
            _ = value == "*" or ip_network(value, strict=False)
        except ValueError:
            raise ValueError(f"{value} is not an IP address, a network such as 10.0.0.0/8, or *") from None
    return values


class ServerSettings(Section):
    """The HTTP server."""

    host: Annotated[str, AfterValidator(_strip_brackets)] = "127.0.0.1"
    """Address to listen on; loopback by default."""
    port: int = Field(8080, ge=0, le=65_535)
    """Port to listen on."""
    public_url: Annotated[str, AfterValidator(links.normalize_base_url)] | None = None
    """Base URL of all links in responses, such as https://music.example.org or, below a sub-path of a proxy,
    https://example.org/studio; default: the host that a request uses."""
    cors_origins: Annotated[CommaSeparated, AfterValidator(_check_origins)] = ()
    """Origins whose pages may call the API (CORS), such as https://app.example.org, separated by commas; * for all.
    Signed URLs of files and streams work for all pages."""
    cors_headers: CommaSeparated = ()
    """Further request headers that these pages may send, such as X-Client-Version, separated by commas; * for all."""
    max_body_bytes: PositiveInt = 1_048_576
    """Largest request body in bytes; a larger one is rejected with 413."""
    playback_seconds: PositiveInt = 900
    """Lifetime of a playback URL, in seconds."""
    shutdown_seconds: PositiveInt = 10
    """Seconds that running requests have to finish during a shutdown; then they are aborted."""
    socket_ping_seconds: PositiveFloat = 20
    """Interval of WebSocket pings in seconds, and the time limit for the pong; a silent connection is closed."""
    header_seconds: PositiveFloat = 10
    """Seconds in which a request head must arrive; a slower request is rejected with 408."""
    keep_alive_seconds: PositiveInt = 150
    """Seconds after which an idle HTTP connection is closed: more than proxies keep theirs (nginx 60, Traefik 90, Caddy
    120), which would use it for a request just then and answer with 502."""
    body_seconds: PositiveFloat = 30
    """Seconds in which a request body must arrive, or its next part at the least rate; a slower one is rejected with
    408."""
    min_body_bytes_per_second: PositiveInt = 4_096
    """Least rate of a request body that takes longer than that, in bytes per second."""
    max_header_bytes: PositiveInt = 65_536
    """Largest request head in bytes; a larger one is rejected with 431."""
    allowed_hosts: CommaSeparated = ()
    """Further host names that requests may use, such as studio.lan or *.example.org, separated by commas; * for all.
    The public host, localhost and IP addresses are always allowed."""
    trusted_proxies: Annotated[CommaSeparated, AfterValidator(_check_proxies)] = ()
    """IP addresses or networks of proxies whose X-Forwarded headers are trusted, separated by commas; * for all. Their
    connections are not limited."""
    max_connections_per_address: PositiveInt = 500
    """Most open HTTP connections of one IP address (IPv6: of one /64 network) in each server process; further ones are
    answered with 429. WebSockets have their own limit."""
    requests_per_minute: PositiveInt = 100
    """Requests per minute of one caller, on average; further requests are rejected with 429."""
    requests_burst: PositiveInt = 120
    """Requests that one caller may send in a burst."""
    session_days: Annotated[int, Field(ge=1, le=365)] = 30
    """Days for which a browser stays signed in."""
    single_statements: PositiveInt = 16
    """Postgres connections for single statements without a session, in each server process."""
    share_resolves_per_minute: PositiveInt = 60
    """Share links that one IP address may open per minute; further requests are rejected with 429."""
    key_refresh_seconds: PositiveInt = 60
    """Shortest interval in seconds between two updates of an API key's time of last use."""


class SocketSettings(Section):
    """WebSockets of the GraphQL API; the limits apply to one server process."""

    init_seconds: PositiveFloat = 5
    """Seconds in which a client must send connection_init after it connects."""
    idle_seconds: PositiveFloat = 600
    """Seconds after which a socket without an operation is closed."""
    check_seconds: PositiveFloat = 30
    """Interval in seconds at which the credentials of open sockets and streams are checked again."""
    max_message_bytes: PositiveInt = 262_144
    """Largest message of a client in bytes."""
    max_operations: PositiveInt = 100
    """Most concurrent operations on one socket."""
    max_per_caller: PositiveInt = 100
    """Most concurrent sockets and streams of one caller."""
    max_per_address: PositiveInt = 1_000
    """Most concurrent sockets and streams of one IP address."""
