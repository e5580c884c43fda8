"""Cross-origin resource sharing (CORS) by one rule for the API, files and streams.

Pages of any origin may read what a URL alone authorizes (signed URLs of files and streams) and what is public; the rest
is for the configured origins. The allowed and readable headers are the same everywhere.
"""

import logging
import re
from collections.abc import Sequence
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import Forbidden
from rest_compat import errors

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
_MAX_AGE_SECONDS: Final = 7_200  # the most that Chromium caches
_MAX_SHOWN_CHARACTERS: Final = 200


class CorsMiddleware:
    """ASGI middleware that answers preflights and adds CORS headers, also to error responses."""

    def __init__(self, app: ASGIApp, origins: Sequence[str], headers: Sequence[str]) -> None:
        self._public = _Rule(app, ["*"], headers)
        self._api = _Rule(app, origins, headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_public = scope["type"] == "http" and ANY_ORIGIN_PATHS.fullmatch(scope["path"]) is not None
        await (self._public if is_public else self._api)(scope, receive, send)


class _Rule(CORSMiddleware):
    def __init__(self, app: ASGIApp, origins: Sequence[str], headers: Sequence[str]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=_METHODS,
            allow_headers=[*_REQUEST_HEADERS, *headers],
            expose_headers=_RESPONSE_HEADERS,
            # a page that may call the API may do so on a local network, too
            allow_private_network=True,
            max_age=_MAX_AGE_SECONDS,
        )

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

    async def send(self, message: Message, send: Send, request_headers: Headers) -> None:
        """Add the headers; if any origin is allowed, also without an Origin: a cache serves the response to pages."""
        if message["type"] == "http.response.start" and self.allow_all_origins:
            MutableHeaders(scope=message).update(self.simple_headers)
        await super().send(message, send, request_headers)

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
