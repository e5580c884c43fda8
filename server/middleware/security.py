"""Security response headers."""

from typing import Final

from server.middleware.access_log import RawHeaders

_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
)
_CONTENT_SECURITY_POLICY: Final = b"content-security-policy"
_JSON_POLICY: Final = (_CONTENT_SECURITY_POLICY, b"default-src 'none'; frame-ancestors 'none'")
_PAGE_POLICY: Final = (_CONTENT_SECURITY_POLICY, b"base-uri 'none'; object-src 'none'; frame-ancestors 'none'")
_YEAR_SECONDS: Final = 31_536_000


class SecurityHeaders:
    """Headers against MIME sniffing, framing and referrer leaks. Existing headers are not replaced."""

    def __init__(self, *, is_https: bool) -> None:
        secure = (b"strict-transport-security", f"max-age={_YEAR_SECONDS}".encode())
        always = (*_HEADERS, secure) if is_https else _HEADERS
        self._of_json, self._of_pages = (*always, _JSON_POLICY), (*always, _PAGE_POLICY)

    def add(self, headers: RawHeaders) -> None:
        """Add the headers to those of a response."""
        present = dict(headers)
        added = self._of_json if b"json" in present.get(b"content-type", b"json") else self._of_pages
        headers += [pair for pair in added if pair[0] not in present]
