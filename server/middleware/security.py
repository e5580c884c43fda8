"""Security response headers, and Host header validation against DNS rebinding."""

import ipaddress
from collections.abc import Collection, Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from core.settings import Settings
from rest_compat import errors

_MAX_SHOWN_CHARACTERS: Final = 100
_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
)
_CONTENT_SECURITY_POLICY: Final = b"content-security-policy"
_JSON_POLICY: Final = (_CONTENT_SECURITY_POLICY, b"default-src 'none'; frame-ancestors 'none'")
_PAGE_POLICY: Final = (_CONTENT_SECURITY_POLICY, b"base-uri 'none'; object-src 'none'; frame-ancestors 'none'")
_YEAR_SECONDS: Final = 31_536_000


class SecurityHeadersMiddleware:
    """ASGI middleware against MIME sniffing, framing and referrer leaks. Existing headers are not replaced."""

    def __init__(self, app: ASGIApp, is_https: bool) -> None:  # noqa: FBT001  Starlette passes it by name
        self.app = app
        secure = (b"strict-transport-security", f"max-age={_YEAR_SECONDS}".encode())
        self._headers = (*_HEADERS, secure) if is_https else _HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                self._add_headers(message["headers"])
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def _add_headers(self, headers: list[tuple[bytes, bytes]]) -> None:
        present = dict(headers)
        policy = _JSON_POLICY if b"json" in present.get(b"content-type", b"json") else _PAGE_POLICY
        headers.extend(pair for pair in (*self._headers, policy) if pair[0] not in present)


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
        hosts = [value.decode("latin-1") for name, value in scope.get("headers", ()) if name == b"host"]
        if self._is_allowed(hosts, scope.get("http_version", "")):
            await self.app(scope, receive, send)
            return
        shown = ", ".join(hosts)[:_MAX_SHOWN_CHARACTERS]
        message = f"Unknown host {shown!r}. Add it to MUSIC_STUDIO_SERVER__ALLOWED_HOSTS."
        if len(hosts) != 1:
            message = f"The request must have one Host header, and has {len(hosts)}."
        response = errors.error_response(HTTPException(HTTPStatus.BAD_REQUEST, message))
        if scope["type"] == "websocket":
            await WebSocket(scope, receive, send).send_denial_response(response)
        else:
            await response(scope, receive, send)

    def _is_allowed(self, hosts: Sequence[str], http_version: str) -> bool:
        # HTTP/1.0 has no Host header, and browsers do not use it; neither has the lifespan scope
        if len(hosts) != 1:
            return not hosts and http_version != "1.1"
        if self._allows_any:
            return True
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
