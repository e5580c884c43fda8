"""Log and mask unhandled exceptions."""

import logging

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rest_compat import errors

log = logging.getLogger(__name__)


class ErrorMiddleware:
    """ASGI middleware that logs an unhandled exception and responds 500 with the trace id only."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # once the response has started, only uvicorn can end it
        has_started = scope["type"] != "http"

        async def send_noted(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self.app(scope, receive, send_noted)
        except ClientDisconnect:
            log.debug("client disconnected", extra={"path": scope["path"]})
        except Exception:
            if has_started:
                raise
            log.exception("request failed", extra={"path": scope["path"]})
            await errors.error_response(None)(scope, receive, send)
