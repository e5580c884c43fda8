"""Limit the size and the duration of request bodies."""

import asyncio
import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rest_compat import errors

_MAX_LENGTH_DIGITS: Final = 15
_BODY_HEADERS: Final = frozenset({b"content-length", b"transfer-encoding"})
"""An HTTP/1.1 request with neither header has no body."""


class BodyLimitMiddleware:
    """ASGI middleware that rejects a body that exceeds the limit (413) or takes too long (408).

    ``limits_by_path`` overrides ``max_body_bytes``. A larger limit allows proportionally more time.
    """

    def __init__(
        self, app: ASGIApp, max_body_bytes: int, body_seconds: float, limits_by_path: Mapping[str, int]
    ) -> None:
        self.app = app
        self.max_body_bytes = max_body_bytes
        self.body_seconds = body_seconds
        self.limits_by_path = limits_by_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers", ()))
        if scope["type"] != "http" or headers.keys().isdisjoint(_BODY_HEADERS):
            await self.app(scope, receive, send)
            return
        limit = self.limits_by_path.get(scope["path"], self.max_body_bytes)
        declared = headers.get(b"content-length", b"0")
        if len(declared) > _MAX_LENGTH_DIGITS or (declared.isdigit() and int(declared) > limit):
            await errors.error_response(HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE))(scope, receive, send)
            return
        seconds = self.body_seconds * max(1, limit / self.max_body_bytes)
        size, deadline = 0, asyncio.get_running_loop().time() + seconds

        async def receive_counted() -> Message:
            nonlocal size, deadline
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(HTTPStatus.REQUEST_TIMEOUT) from None
            if not message.get("more_body", False):
                # a later call of receive waits for the client to disconnect
                deadline = math.inf
            size += len(message.get("body", b""))
            if size > limit:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        await self.app(scope, receive_counted, send)
