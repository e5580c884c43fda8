"""Add security headers to every response."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
)
_POLICY: Final = b"content-security-policy"
_DATA: Final = (_POLICY, b"default-src 'none'; frame-ancestors 'none'")
_OTHER: Final = (_POLICY, b"base-uri 'none'; object-src 'none'; frame-ancestors 'none'")
_YEAR_SECONDS: Final = 31_536_000


class SecurityHeadersMiddleware:
    """ASGI middleware: headers that keep browsers from guessing, framing and telling; pages bring their own."""

    def __init__(self, app: ASGIApp, is_https: bool) -> None:  # noqa: FBT001  Starlette names it
        self.app = app
        secure = (b"strict-transport-security", f"max-age={_YEAR_SECONDS}".encode())
        self._always = (*_ALWAYS, secure) if is_https else _ALWAYS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""

        async def dressed(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                self._dress(message["headers"])
            await send(message)

        await self.app(scope, receive, dressed)

    def _dress(self, headers: list[tuple[bytes, bytes]]) -> None:
        said = dict(headers)
        policy = _DATA if b"json" in said.get(b"content-type", b"json") else _OTHER
        headers.extend(pair for pair in (*self._always, policy) if pair[0] not in said)
