"""The address under which a client reaches this server: forwarded headers, Host header validation, base URL of links.

The base URL is that of the setting, else that of the checked Host header and, behind a trusted proxy, of its
``X-Forwarded-Host``, ``X-Forwarded-Proto`` and ``X-Forwarded-Prefix``. Endpoints read it from ``request.state``.
"""

import ipaddress
import socket
from collections.abc import Mapping, Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
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


class AllowedHosts:
    """Refuses unknown Host headers and sets the base URL of links.

    IP addresses and localhost are always allowed: an attacker cannot make them resolve to another address. A host that
    only the setting ``*`` allows is not checked and is in no link.
    """

    def __init__(self, settings: Settings) -> None:
        names = _own_names(settings)
        self._allows_any = "*" in names
        self._names = frozenset(name for name in names if not name.startswith("*"))
        self._suffixes = tuple(name[1:] for name in names if name.startswith("*."))
        self._fixed_url = settings.public_url if settings.server.public_url else None
        self._default_url = settings.public_url
        # small, because clients choose the text, of any length that a header may have
        self._find = lru_cache(maxsize=32)(self._find_base)

    def check(self, scope: Scope, headers: Mapping[bytes, bytes]) -> Response | None:
        """Set ``base_url`` in the state of a request and remove its sub-path from the path, or return a refusal."""
        text = headers.get(b"host")
        if text is None or len(headers) != len(scope["headers"]):
            hosts = [value for name, value in scope["headers"] if name == b"host"]
            # HTTP/1.0 has no Host header, and browsers do not use it
            if len(hosts) > 1 or (text is None and scope["http_version"] == "1.1"):
                return _refusal(hosts)
        base = self._find(text, scope["scheme"], scope.get(_PREFIX_KEY, ""))
        if base is None:
            return _refusal([text or b""])
        scope.setdefault("state", {})["base_url"] = base.url
        if base.prefix:
            _strip_prefix(scope, base.prefix)
        return None

    def _find_base(self, text: bytes | None, scheme: str, prefix: str) -> "_Base | None":
        host = None if text is None else self._check_host(text.decode("latin-1"))
        if host is None and text is not None and not self._allows_any:
            return None
        if self._fixed_url is not None:
            return _Base(self._fixed_url)
        if host is None:
            return _Base(self._default_url)
        return _Base(links.base_url(_SCHEMES.get(scheme, scheme), *host, prefix))

    def _check_host(self, text: str) -> tuple[str, int | None] | None:
        host = links.parse_host(text)
        if host is None:
            return None
        name = host[0]
        is_known = name == "localhost" or name in self._names or name.endswith(self._suffixes)
        return host if is_known or _is_ip_address(name) else None


class _Base:
    """A base URL with its sub-path."""

    def __init__(self, url: str) -> None:
        self.url, self.prefix = url, links.prefix_of(url)


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


def _strip_prefix(scope: Scope, prefix: str) -> None:
    """Remove the sub-path of the base URL from the path, if the proxy has left it there."""
    if prefix.split("/")[1] in _OWN_SEGMENTS:
        return
    path: str = scope["path"]
    if path != prefix and not path.startswith(f"{prefix}/"):
        return
    rest = path.removeprefix(prefix)
    # below a sub-path with the path of the studio page, this is a path of the page, from which the proxy has removed it
    if prefix == studio_page.PATH and not rest.startswith((*(f"/{own}" for own in _OWN_SEGMENTS), studio_page.PATH)):
        return
    scope["path"] = rest or "/"


def _refusal(hosts: Sequence[bytes]) -> Response:
    shown = ", ".join(host.decode("latin-1") for host in hosts)[:_MAX_SHOWN_CHARACTERS]
    message = f"Unknown host {shown!r}. Add it to MUSIC_STUDIO_SERVER__ALLOWED_HOSTS."
    if len(hosts) != 1:
        message = f"The request must have one Host header, and has {len(hosts)}."
    return errors.error_response(HTTPException(HTTPStatus.BAD_REQUEST, message))


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
