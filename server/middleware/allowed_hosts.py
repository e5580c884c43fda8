"""Validate the Host header of requests and WebSockets (DNS rebinding)."""

import ipaddress
from collections.abc import Collection, Iterable
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from core.settings import Settings
from rest_compat import errors


class AllowedHostsMiddleware:
    """ASGI middleware: a request that a browser was led to under a strange name is refused (DNS rebinding).

    Numeric addresses and localhost cannot be made to mean something else, and are always right.
    """

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self.app = app
        self._is_open = "*" in names
        self._names = frozenset(name for name in names if not name.startswith("*."))
        self._suffixes = tuple(name[1:] for name in names if name.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or socket."""
        if scope["type"] not in {"http", "websocket"} or self._is_open or self._is_ours(scope["headers"]):
            await self.app(scope, receive, send)
            return
        text = "Host is none of this server's; MUSIC_STUDIO_SERVER__ALLOWED_HOSTS adds names"
        answer = errors.http_error_response(HTTPException(HTTPStatus.BAD_REQUEST, text))
        if scope["type"] == "websocket":
            await WebSocket(scope, receive, send).send_denial_response(answer)
        else:
            await answer(scope, receive, send)

    def _is_ours(self, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
        # HTTP 1.0 knows none; no browser speaks it
        if len(hosts) != 1:
            return not hosts
        name = host_name(f"//{hosts[0]}")
        if name is None:
            return False
        return name == "localhost" or name in self._names or name.endswith(self._suffixes) or _is_numeric(name)


def hosts(settings: Settings) -> tuple[str, ...]:
    """The names that this installation answers to."""
    own = (host_name(settings.public_url), settings.server.host)
    return (*(name for name in own if name), *(name.lower() for name in settings.server.allowed_hosts))


@lru_cache(maxsize=32)  # strangers send these, of any length that a header may have
def host_name(address: str) -> str | None:
    """The name in an address, in lower case; None when there is none that could be one."""
    try:
        parts = urlsplit(address)
        return (
            None if parts.port == 0 or parts.username or parts.path.strip("/") else (parts.hostname or "").rstrip(".")
        )
    except ValueError:
        return None


def _is_numeric(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
