"""The address under which a client reaches this server: forwarded headers, Host header validation, base URL of links.

The base URL is that of the setting, else that of the checked Host header and, behind a trusted proxy, of its
``X-Forwarded-Host``, ``X-Forwarded-Proto`` and ``X-Forwarded-Prefix``. Endpoints read it from ``request.state``.
"""

import ipaddress
import socket
from collections.abc import Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from core.network import links
from core.settings import WILDCARD_HOSTS, Settings
from rest_compat import errors
from server.asgi_server import trusted_proxies
from server.asgi_server.trusted_proxies import TrustedProxies
from server.routes import studio_page

_PREFIX_KEY: Final = "music_studio.prefix"
_MAX_SHOWN_CHARACTERS: Final = 100
_SCHEMES: Final = {"ws": "http", "wss": "https"}
_OWN_SEGMENTS: Final = frozenset(
    {"v1", "graphql", "mcp", "docs", "media", "openapi.json", "healthz", "readyz", "metrics", ".well-known"}
)
"""First segments of this server's paths. A sub-path that begins with one of them must be removed by the proxy."""


class ForwardedHeadersMiddleware:
    """ASGI middleware that replaces client, scheme and Host with those that a trusted proxy has forwarded."""

    def __init__(self, app: ASGIApp, proxies: Sequence[str]) -> None:
        self.app = app
        self._proxies = TrustedProxies(proxies)
        trusted = [trusted_proxies.ALL] if trusted_proxies.ALL in proxies else list(proxies)
        self._proxied: ASGIApp = ProxyHeadersMiddleware(app, trusted)  # type: ignore[arg-type,assignment]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        if client is None or not self._proxies.trusts(client[0]):
            await self.app(scope, receive, send)
            return
        host, prefix = (_last(scope, name) for name in (b"x-forwarded-host", b"x-forwarded-prefix"))
        if host:
            others = [pair for pair in scope["headers"] if pair[0] != b"host"]
            scope["headers"] = [*others, (b"host", host.encode("latin-1"))]
        scope[_PREFIX_KEY] = links.normalize_prefix(prefix) or ""
        await self._proxied(scope, receive, send)


class AllowedHostsMiddleware:
    """ASGI middleware that answers 400 to unknown Host headers and sets the base URL of links.

    IP addresses and localhost are always allowed: an attacker cannot make them resolve to another address. A host that
    only the setting ``*`` allows is not checked and is in no link.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        names = _own_names(settings)
        self._allows_any = "*" in names
        self._names = frozenset(name for name in names if not name.startswith("*"))
        self._suffixes = tuple(name[1:] for name in names if name.startswith("*."))
        self._fixed_url = settings.public_url if settings.server.public_url else None
        self._default_url = settings.public_url
        # small, because clients choose the text, of any length that a header may have
        self._check = lru_cache(maxsize=32)(self._check_host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        host = self._check(hosts[0]) if len(hosts) == 1 else None
        # HTTP/1.0 has no Host header, and browsers do not use it
        is_without = not hosts and scope["http_version"] != "1.1"
        if host is None and not is_without and not (self._allows_any and len(hosts) == 1):
            await _refuse(hosts, scope, receive, send)
            return
        base = self._fixed_url or self._base_url(scope, host)
        scope.setdefault("state", {})["base_url"] = base
        _strip_prefix(scope, base)
        await self.app(scope, receive, send)

    def _base_url(self, scope: Scope, host: tuple[str, int | None] | None) -> str:
        if host is None:
            return self._default_url
        scheme: str = scope["scheme"]
        return links.base_url(_SCHEMES.get(scheme, scheme), *host, scope.get(_PREFIX_KEY, ""))

    def _check_host(self, text: str) -> tuple[str, int | None] | None:
        host = links.parse_host(text)
        if host is None:
            return None
        name = host[0]
        is_known = name == "localhost" or name in self._names or name.endswith(self._suffixes)
        return host if is_known or _is_ip_address(name) else None


def _own_names(settings: Settings) -> set[str]:
    """Return the hosts of the public URL, of the listening address and of the setting."""
    server = settings.server
    names = {name.lower() for name in (server.host, *server.allowed_hosts)}
    public = links.parse_host(settings.public_url.partition("://")[2].partition("/")[0])
    if public is not None:
        names.add(public[0])
    if server.host in WILDCARD_HOSTS:
        own = socket.gethostname().lower()
        names |= {own, own.partition(".")[0], f"{own.partition('.')[0]}.local"}
    return names


def _strip_prefix(scope: Scope, base_url: str) -> None:
    """Remove the sub-path of the base URL from the path, if the proxy has left it there."""
    prefix = links.prefix_of(base_url)
    if not prefix or prefix.split("/")[1] in _OWN_SEGMENTS:
        return
    path: str = scope["path"]
    if path != prefix and not path.startswith(f"{prefix}/"):
        return
    rest = path.removeprefix(prefix)
    # below a sub-path with the path of the studio page, this is a path of the page, from which the proxy has removed it
    if prefix == studio_page.PATH and not rest.startswith((*(f"/{own}" for own in _OWN_SEGMENTS), studio_page.PATH)):
        return
    scope["path"] = rest or "/"


async def _refuse(hosts: Sequence[str], scope: Scope, receive: Receive, send: Send) -> None:
    shown = ", ".join(hosts)[:_MAX_SHOWN_CHARACTERS]
    message = f"Unknown host {shown!r}. Add it to MUSIC_STUDIO_SERVER__ALLOWED_HOSTS."
    if len(hosts) != 1:
        message = f"The request must have one Host header, and has {len(hosts)}."
    response = errors.error_response(HTTPException(HTTPStatus.BAD_REQUEST, message))
    if scope["type"] == "websocket":
        await WebSocket(scope, receive, send).send_denial_response(response)
    else:
        await response(scope, receive, send)


def _last(scope: Scope, name: bytes) -> str:
    """Return the last value of a header, which the nearest proxy has set."""
    values = [value.decode("latin-1") for key, value in scope["headers"] if key == name]
    return values[-1].rpartition(",")[2].strip() if values else ""


def _is_ip_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
