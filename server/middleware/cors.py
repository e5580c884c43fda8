"""Cross-origin resource sharing (CORS) by one rule for the API, files and streams.

Pages of any origin may read what a URL alone authorizes (signed URLs of files and streams) and what is public; the rest
is for the configured origins. The allowed and readable headers are the same everywhere.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Final

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import Scope

from core.errors import Forbidden
from rest_compat import errors
from server.middleware.access_log import RawHeaders

log = logging.getLogger(__name__)

ANY_ORIGIN_PATHS: Final = re.compile(
    r"/media/.*|/v1/music/shared/[^/]+/(?:audio|cover)|/v1/music/[^/]+/focus/sessions/[^/]+/stream\.m3u8"
    r"|/openapi\.json|/\.well-known/music-studio-keys\.json"
)

_METHODS: Final = ("GET", "HEAD", "POST", "PATCH", "DELETE")
_REQUEST_HEADERS: Final = (
    *("Authorization", "Content-Type", "Idempotency-Key", "X-API-Key"),
    *("Range", "If-Range", "If-None-Match", "Cache-Control", "Last-Event-ID", "traceparent", "tracestate"),
    *("MCP-Protocol-Version", "Mcp-Method", "Mcp-Name"),
)
_RESPONSE_HEADERS: Final = (
    *("Accept-Ranges", "Content-Disposition", "Content-Length", "Content-Range", "ETag"),
    *("Idempotency-Replayed", "Retry-After", "X-Request-Id"),
    *("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"),
)
_PREFLIGHT_HEADERS: Final = frozenset({b"origin", b"access-control-request-method"})
_MAX_AGE_SECONDS: Final = 7_200  # the most that Chromium caches
_MAX_SHOWN_CHARACTERS: Final = 200


class Cors:
    """Answers preflights and adds CORS headers, also to error responses."""

    def __init__(self, origins: Sequence[str], headers: Sequence[str]) -> None:
        self._public, self._api = _Rule(["*"], headers), _Rule(origins, headers)

    def preflight(self, scope: Scope, headers: Mapping[bytes, bytes]) -> Response | None:
        """Return the response to a preflight, None for another request."""
        if scope["method"] != "OPTIONS" or not headers.keys() >= _PREFLIGHT_HEADERS:
            return None
        return self._rule(scope["path"]).preflight_response(Headers(scope=scope))

    def add_headers(self, path: str, origin: bytes | None, headers: RawHeaders) -> None:
        """Add headers to those of the response to a request from a page of this origin, None for other requests."""
        self._rule(path).add_headers(origin, headers)

    def _rule(self, path: str) -> "_Rule":
        return self._api if ANY_ORIGIN_PATHS.fullmatch(path) is None else self._public


class _Rule(CORSMiddleware):
    """The origins, methods and headers of the base class, without its application."""

    def __init__(self, origins: Sequence[str], headers: Sequence[str]) -> None:
        super().__init__(
            _no_app,
            allow_origins=origins,
            allow_methods=_METHODS,
            allow_headers=[*_REQUEST_HEADERS, *headers],
            expose_headers=_RESPONSE_HEADERS,
            # a page that may call the API may do so on a local network, too
            allow_private_network=True,
            max_age=_MAX_AGE_SECONDS,
        )
        self._simple = [(name.lower().encode(), value.encode()) for name, value in self.simple_headers.items()]

    def add_headers(self, origin: bytes | None, headers: RawHeaders) -> None:
        """Add or replace headers; if any origin is allowed, also without an Origin: caches serve responses to pages."""
        if origin is None and not self.allow_all_origins:
            _add_vary(headers)
            return
        added = self._simple
        if origin is not None and not self.allow_all_origins and self.is_allowed_origin(origin.decode("latin-1")):
            added = [*added, (b"access-control-allow-origin", origin)]
        names = [name for name, _ in added]
        headers[:] = [*(pair for pair in headers if pair[0] not in names), *added]
        _add_vary(headers)

    def preflight_response(self, request_headers: Headers) -> Response:
        """Allow or refuse a request that a page is about to send. The log and the response state how to allow it."""
        response = super().preflight_response(request_headers)
        if response.status_code == 200:  # noqa: PLR2004  OK
            return response
        reason = self._find_reason(request_headers)
        log.warning("CORS preflight refused: %s", reason)
        refusal = errors.error_response(Forbidden(reason))
        for name, value in response.headers.items():
            if name.startswith("access-control-") or name == "vary":
                refusal.headers[name] = value
        return refusal

    def _find_reason(self, request: Headers) -> str:
        origin, method = request["origin"], request["access-control-request-method"]
        if not self.is_allowed_origin(origin):
            shown = origin[:_MAX_SHOWN_CHARACTERS]
            return f"Pages of {shown!r} may not call the API. Add the origin to MUSIC_STUDIO_SERVER__CORS_ORIGINS."
        if method not in self.allow_methods:
            return f"Pages may not send {method[:_MAX_SHOWN_CHARACTERS]!r}, only {', '.join(self.allow_methods)}."
        wanted = (name.strip().lower() for name in request.get("access-control-request-headers", "").split(","))
        others = ", ".join(name for name in wanted if name not in self.allow_headers)[:_MAX_SHOWN_CHARACTERS]
        return f"Pages may not send the headers {others!r}. Add them to MUSIC_STUDIO_SERVER__CORS_HEADERS."


def _add_vary(headers: RawHeaders) -> None:
    varies = [value for name, value in headers if name == b"vary"]
    if not varies:
        headers.append((b"vary", b"Origin"))
        return
    headers[:] = [pair for pair in headers if pair[0] != b"vary"]
    headers.append((b"vary", b", ".join([*varies, b"Origin"])))


async def _no_app(*_: object) -> None:
    raise NotImplementedError
