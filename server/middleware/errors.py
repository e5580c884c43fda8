"""Log and mask unhandled exceptions."""

import logging

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rest_compat import errors

log = logging.getLogger(__name__)


class ErrorMiddleware:
    """ASGI middleware: a bug is logged with its trace id and answered with nothing but that id."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; once an answer has begun, only the server can end it."""
        has_begun = scope["type"] != "http"

        async def noted(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except ClientDisconnect:
            # nobody is there to be answered
            log.debug("caller left", extra={"path": scope["path"]})
        except Exception:
            if has_begun:
                raise
            log.exception("request failed", extra={"path": scope["path"]})
            await errors.internal_error_response()(scope, receive, send)
