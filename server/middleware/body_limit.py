"""Limit the size and the duration of request bodies."""

import asyncio
import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rest_compat import errors

_MAX_DIGITS: Final = 15
_BODIES: Final = frozenset({b"content-length", b"transfer-encoding"})
"""Without either, HTTP/1.1 has no body to count."""


class BodyLimitMiddleware:
    """ASGI middleware: a body that is over the limit, or says so, or takes too long is refused with the envelope.

    ``of_paths`` are the limits of paths that have one of their own; a larger body may take longer, as it is larger.
    """

    def __init__(
        self, app: ASGIApp, max_body_bytes: int, body_seconds: float, of_paths: Mapping[str, int] | None = None
    ) -> None:
        self.app = app
        self.max_body_bytes = max_body_bytes
        self.body_seconds = body_seconds
        self.of_paths = of_paths or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; what is read is counted, whatever its header said."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if headers.keys().isdisjoint(_BODIES):
            await self.app(scope, receive, send)
            return
        limit = self.of_paths.get(scope["path"], self.max_body_bytes)
        declared = headers.get(b"content-length", b"0")
        if len(declared) > _MAX_DIGITS or (declared.isdigit() and int(declared) > limit):
            await errors.http_error_response(HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE))(scope, receive, send)
            return
        seconds = self.body_seconds * max(1, limit / self.max_body_bytes)
        size, deadline = 0, asyncio.get_running_loop().time() + seconds

        async def counted() -> Message:
            nonlocal size, deadline
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(HTTPStatus.REQUEST_TIMEOUT) from None
            if not message.get("more_body", False):
                # whoever asks on waits for the caller to leave
                deadline = math.inf
            size += len(message.get("body", b""))
            if size > limit:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        await self.app(scope, counted, send)
