"""Respond to requests that the HTTP protocol has rejected before their head was complete or valid."""

from starlette.types import ASGIApp, Receive, Scope, Send

from rest_compat import errors
from server.asgi_server.http_protocol import REJECTION_EXTENSION


class RejectionMiddleware:
    """ASGI middleware that renders the error in the scope, if there is one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = (scope.get("extensions") or {}).get(REJECTION_EXTENSION)
        if error is None:
            await self.app(scope, receive, send)
        else:
            await errors.error_response(error)(scope, receive, send)
