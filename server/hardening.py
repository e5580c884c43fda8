"""What every answer carries besides, and whom a request may be addressed to."""

import ipaddress
from collections.abc import Collection
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from core.settings import Settings
from rest_compat import problems

_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}
_DATA: Final = "default-src 'none'; frame-ancestors 'none'"
_OTHER: Final = "base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
_YEAR_SECONDS: Final = 31_536_000


class SafeHeaders:
    """ASGI middleware: headers that keep browsers from guessing, framing and telling; pages bring their own."""

    def __init__(self, app: ASGIApp, is_https: bool) -> None:  # noqa: FBT001  Starlette names it
        self.app = app
        self._extra = {"Strict-Transport-Security": f"max-age={_YEAR_SECONDS}"} if is_https else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""

        async def dressed(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                self._dress(MutableHeaders(scope=message))
            await send(message)

        await self.app(scope, receive, dressed)

    def _dress(self, headers: MutableHeaders) -> None:
        for name, value in {**_ALWAYS, **self._extra}.items():
            headers.setdefault(name, value)
        is_data = "json" in headers.get("content-type", "json")
        headers.setdefault("Content-Security-Policy", _DATA if is_data else _OTHER)


class KnownHosts:
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
        if scope["type"] not in {"http", "websocket"} or self._is_open or self._is_ours(Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        text = "Host is none of this server's; MUSIC_STUDIO_SERVER__ALLOWED_HOSTS adds names"
        answer = problems.protocol(HTTPException(HTTPStatus.BAD_REQUEST, text))
        if scope["type"] == "websocket":
            await WebSocket(scope, receive, send).send_denial_response(answer)
        else:
            await answer(scope, receive, send)

    def _is_ours(self, headers: Headers) -> bool:
        hosts = headers.getlist("host")
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
