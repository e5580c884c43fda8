"""Signed URLs of this server: HMAC over the method, blob key, file name, scope and expiry.

The scope is the id of the object that gives access to the file; the server checks it at each request.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, quote, quote_plus, unquote

from core import clock

PATH: Final = "/media/"

ATTACHMENT: Final = "saved"
"""Query parameter of URLs whose file browsers save without showing it."""

_SCOPES: Final = {"org": "org", "mtrack": "track", "mslink": "share"}
"""Query parameters of scopes by the prefix of their ids."""

_METHOD_PART: Final = "3:GET"
_ATTACHMENT_PART: Final = f"{len(ATTACHMENT)}:{ATTACHMENT}"
_MAX_DIGITS: Final = 11  # of a Unix time in seconds: up to the year 5138


@dataclass(frozen=True, slots=True)
class SignedUrl:
    """The unverified parts of a signed URL."""

    key: str
    filename: str
    scope_id: str
    expires: str
    signature: str
    is_attachment: bool = False


def from_query(key: str, parameters: Mapping[str, str]) -> SignedUrl:
    """Return the parts of a signed URL with this key and these query parameters."""
    filename, expires, signature = (parameters.get(name, "") for name in ("name", "expires", "signature"))
    scope_id = next((parameters[name] for name in _SCOPES.values() if name in parameters), "")
    return SignedUrl(key, filename, scope_id, expires, signature, ATTACHMENT in parameters)


class UrlSigner:
    """Creates URLs under ``public_url`` with the first of the keys, and verifies URLs with all of them."""

    def __init__(self, public_url: str, *signing_keys: bytes) -> None:
        self._public_url = public_url
        self._hmacs = [hmac.new(key, digestmod="sha256") for key in signing_keys]

    def url(
        self,
        key: str,
        filename: str,
        expires_at: datetime,
        scope_id: str,
        *,
        is_attachment: bool = False,
        base_url: str | None = None,
    ) -> str:
        """Return a URL to GET or HEAD a blob until ``expires_at``, under ``base_url`` or else the public URL."""
        expires = str(int(expires_at.timestamp()))
        signature = _sign(self._hmacs[0], _message(key, filename, scope_id, expires, is_attachment=is_attachment))
        scope = _SCOPES.get(scope_id.partition("_")[0], "org")
        query = f"name={quote_plus(filename)}&{scope}={quote_plus(scope_id)}&expires={expires}&signature={signature}"
        attachment = f"&{ATTACHMENT}=1" if is_attachment else ""
        return f"{base_url or self._public_url}{PATH}{quote(key)}?{query}{attachment}"

    def parse(self, url: str) -> SignedUrl | None:
        """Split a URL of this server; return None for another one."""
        base, _, path = url.partition(PATH)
        if base != self._public_url:
            return None
        key, _, query = path.partition("?")
        return from_query(unquote(key), dict(parse_qsl(query, keep_blank_values=True)))

    def is_valid(self, url: SignedUrl) -> bool:
        """Return whether the signature is correct and the URL has not expired."""
        if not (url.expires.isascii() and url.expires.isdigit() and len(url.expires) <= _MAX_DIGITS):
            return False
        given = url.signature.encode(errors="replace")
        message = _message(url.key, url.filename, url.scope_id, url.expires, is_attachment=url.is_attachment)
        is_signed = any(hmac.compare_digest(_sign(each, message).encode(), given) for each in self._hmacs)
        return is_signed and clock.now().timestamp() < int(url.expires)


def _message(key: str, filename: str, scope_id: str, expires: str, *, is_attachment: bool) -> bytes:
    """Return the signed message. Length prefixes make it unambiguous: different parts never give the same one."""
    text = (
        f"{_METHOD_PART}{len(key)}:{key}{len(filename)}:{filename}"
        f"{len(scope_id)}:{scope_id}{len(expires)}:{expires}{_ATTACHMENT_PART if is_attachment else ''}"
    )
    return text.encode(errors="replace")


def _sign(prepared: hmac.HMAC, message: bytes) -> str:
    """Return the signature by a key whose HMAC has been initialised."""
    signature = prepared.copy()
    signature.update(message)
    return signature.hexdigest()
