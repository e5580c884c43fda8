"""Links that our own server answers: signed with HMAC over the method, the file, its name, its owner and the end."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, quote, quote_plus, unquote

from core import clock

PATH: Final = "/media/"
"""Where the server answers them."""

ATTACHMENT: Final = "saved"
"""What a link's query names when browsers shall save what it leads to."""

_CLAIMS: Final = ("name", "org", "expires", "signature")
_METHOD: Final = "GET"
_MAX_DIGITS: Final = 11  # of a time in seconds: the year 5138


@dataclass(frozen=True, slots=True)
class SignedUrl:
    """What a link claims, as it came in."""

    key: str
    filename: str
    organization_id: str
    expires: str
    signature: str
    is_attachment: bool = False


class UrlSigner:
    """Makes links under ``public_url`` and knows its own by ``signing_key``."""

    def __init__(self, public_url: str, signing_key: bytes) -> None:
        self._public_url = public_url
        self._keyed = hmac.new(signing_key, digestmod="sha256")

    def url(
        self, key: str, filename: str, expires_at: datetime, organization_id: str, *, is_attachment: bool = False
    ) -> str:
        """A link to GET or HEAD this blob until then."""
        expires = str(int(expires_at.timestamp()))
        saving = (ATTACHMENT,) if is_attachment else ()
        signature = self._sign(_METHOD, key, filename, organization_id, expires, *saving)
        claims = f"name={quote_plus(filename)}&org={quote_plus(organization_id)}&expires={expires}"
        end = f"&{ATTACHMENT}=1" if is_attachment else ""
        return f"{self._public_url}{PATH}{quote(key)}?{claims}&signature={signature}{end}"

    def parse(self, url: str) -> SignedUrl | None:
        """What a link of ours claims; None for one that leads elsewhere."""
        head, _, tail = url.partition(PATH)
        if head != self._public_url:
            return None
        key, _, query = tail.partition("?")
        claims = dict(parse_qsl(query, keep_blank_values=True))
        name, organization_id, expires, signature = (claims.get(word, "") for word in _CLAIMS)
        return SignedUrl(unquote(key), name, organization_id, expires, signature, ATTACHMENT in claims)

    def is_valid(self, link: SignedUrl) -> bool:
        """Whether a link was signed here for exactly this and is not over yet."""
        if not (link.expires.isascii() and link.expires.isdigit() and len(link.expires) <= _MAX_DIGITS):
            return False
        saving = (ATTACHMENT,) if link.is_attachment else ()
        expected = self._sign(_METHOD, link.key, link.filename, link.organization_id, link.expires, *saving)
        is_ours = hmac.compare_digest(expected.encode(), link.signature.encode(errors="replace"))
        return is_ours and clock.now().timestamp() < int(link.expires)

    def _sign(self, *claims: str) -> str:
        # with their lengths, no two lists of claims are one text
        message = "".join([f"{len(claim)}:{claim}" for claim in claims]).encode(errors="replace")
        signed = self._keyed.copy()
        signed.update(message)
        return signed.hexdigest()
