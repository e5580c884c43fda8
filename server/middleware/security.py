"""Security response headers."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
)
_CONTENT_SECURITY_POLICY: Final = b"content-security-policy"
_JSON_POLICY: Final = (_CONTENT_SECURITY_POLICY, b"default-src 'none'; frame-ancestors 'none'")
_PAGE_POLICY: Final = (_CONTENT_SECURITY_POLICY, b"base-uri 'none'; object-src 'none'; frame-ancestors 'none'")
_YEAR_SECONDS: Final = 31_536_000


class SecurityHeadersMiddleware:
    """ASGI middleware against MIME sniffing, framing and referrer leaks. Existing headers are not replaced."""

    def __init__(self, app: ASGIApp, is_https: bool) -> None:  # noqa: FBT001  Starlette passes it by name
        self.app = app
        secure = (b"strict-transport-security", f"max-age={_YEAR_SECONDS}".encode())
        self._headers = (*_HEADERS, secure) if is_https else _HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                self._add_headers(message["headers"])
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def _add_headers(self, headers: list[tuple[bytes, bytes]]) -> None:
        present = dict(headers)
        policy = _JSON_POLICY if b"json" in present.get(b"content-type", b"json") else _PAGE_POLICY
        headers.extend(pair for pair in (*self._headers, policy) if pair[0] not in present)
