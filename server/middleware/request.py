"""The one ASGI middleware around every request: its id and log line, its address, CORS, errors and body.

A middleware for each of these would cost a coroutine, and a function call for every message.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from core.errors import Refusal
from rest_compat import errors
from server.asgi_server.http_protocol import REJECTION_EXTENSION
from server.middleware.access_log import AccessLog, RawHeaders, RequestRecord
from server.middleware.addresses import AllowedHosts
from server.middleware.body_limit import BodyLimit
from server.middleware.cors import Cors
from server.middleware.security import SecurityHeaders

log = logging.getLogger(__name__)

ErrorHandler = Callable[[Request, Exception], Awaitable[Response]]
_HANDLED: Final = (Refusal, HTTPException)


@dataclass(frozen=True, slots=True)
class RequestRules:
    """What happens to every request and its response."""

    access_log: AccessLog
    hosts: AllowedHosts
    cors: Cors
    security: SecurityHeaders
    body_limit: BodyLimit
    handle_error: ErrorHandler
    """Renders refusals and HTTP errors of the application."""


class RequestMiddleware:
    """Runs the application for requests that pass the rules, and renders errors.

    An unexpected exception is logged; the response has its trace id only.
    """

    def __init__(self, app: ASGIApp, rules: RequestRules) -> None:
        self._app, self._rules = app, rules
        self._websockets = ExceptionMiddleware(app, dict.fromkeys(_HANDLED, rules.handle_error))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request or a WebSocket; pass the lifespan on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        with self._rules.access_log.record(scope, send) as record:
            record.add_headers = self._rules.security.add
            # the first one of each name
            headers = dict(reversed(scope["headers"]))
            refusal = self._rules.hosts.check(scope, headers)
            if scope["type"] == "websocket":
                await self._handle_websocket(scope, receive, record, refusal)
            elif refusal is not None:
                await refusal(scope, receive, record.send)
            else:
                await self._handle(scope, headers, receive, record)

    async def _handle_websocket(
        self, scope: Scope, receive: Receive, record: RequestRecord, refusal: Response | None
    ) -> None:
        if refusal is None:
            await self._websockets(scope, receive, record.send)
        else:
            await WebSocket(scope, receive, record.send).send_denial_response(refusal)

    async def _handle(
        self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive, record: RequestRecord
    ) -> None:
        response = self._rules.cors.preflight(scope, headers)
        if response is None:
            record.add_headers = partial(self._add_headers, scope["path"], headers.get(b"origin"))
            response = await self._run(scope, headers, receive, record)
        if response is not None:
            await response(scope, receive, record.send)

    def _add_headers(self, path: str, origin: bytes | None, headers: RawHeaders) -> None:
        self._rules.cors.add_headers(path, origin, headers)
        self._rules.security.add(headers)

    async def _run(
        self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive, record: RequestRecord
    ) -> Response | None:
        """Run the application; return a response unless it has sent one. Raises what happens after its start."""
        try:
            rejection = (scope.get("extensions") or {}).get(REJECTION_EXTENSION)
            if rejection is not None:
                return errors.error_response(rejection)
            try:
                await self._app(scope, self._rules.body_limit.wrap(scope, headers, receive), record.send)
            except _HANDLED as error:
                if record.is_started:
                    raise
                return await self._rules.handle_error(Request(scope, receive), error)
        except ClientDisconnect:
            log.debug("client disconnected", extra={"path": scope["path"]})
        except Exception:
            # once the response has started, only uvicorn can end it
            if record.is_started:
                raise
            log.exception("request failed", extra={"path": scope["path"]})
            return errors.error_response(None)
        return None
