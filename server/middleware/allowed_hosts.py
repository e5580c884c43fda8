"""Validate the Host header of requests and WebSockets (DNS rebinding)."""

import ipaddress
from collections.abc import Collection, Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from core.settings import Settings
from rest_compat import errors

_MAX_SHOWN_CHARACTERS: Final = 100


class AllowedHostsMiddleware:
    """ASGI middleware that answers 400 to unknown Host headers. ``*.example.org`` allows subdomains, ``*`` any host.

    IP addresses and localhost are always allowed: an attacker cannot make them resolve to another address.
    """

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self.app = app
        self._allows_any = "*" in names
        self._names = frozenset(name for name in names if not name.startswith("*."))
        self._suffixes = tuple(name[1:] for name in names if name.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"} or self._allows_any:
            await self.app(scope, receive, send)
            return
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if self._is_allowed(hosts):
            await self.app(scope, receive, send)
            return
        shown = ", ".join(hosts)[:_MAX_SHOWN_CHARACTERS]
        message = f"Unknown host {shown!r}. Add it to MUSIC_STUDIO_SERVER__ALLOWED_HOSTS."
        response = errors.http_error_response(HTTPException(HTTPStatus.BAD_REQUEST, message))
        if scope["type"] == "websocket":
            await WebSocket(scope, receive, send).send_denial_response(response)
        else:
            await response(scope, receive, send)

    def _is_allowed(self, hosts: Sequence[str]) -> bool:
        # HTTP/1.0 has no Host header, and browsers do not use it
        if len(hosts) != 1:
            return not hosts
        name = host_name(f"//{hosts[0]}")
        if name is None:
            return False
        return name == "localhost" or name in self._names or name.endswith(self._suffixes) or _is_ip_address(name)


def allowed_names(settings: Settings) -> tuple[str, ...]:
    """Return the hosts of the public URL, of the listening address and of the setting."""
    own = (host_name(settings.public_url), settings.server.host)
    return (*(name for name in own if name), *(name.lower() for name in settings.server.allowed_hosts))


@lru_cache(maxsize=32)  # small, because clients choose the text, of any length that a header may have
def host_name(address: str) -> str | None:
    """Return the host of a URL in lowercase without a trailing dot, or None if it is not a valid host and port."""
    try:
        parts = urlsplit(address)
        return (
            None if parts.port == 0 or parts.username or parts.path.strip("/") else (parts.hostname or "").rstrip(".")
        )
    except ValueError:
        return None


def _is_ip_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
