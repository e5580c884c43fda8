"""Check a V4 signed URL as Google Cloud Storage does."""

import hashlib
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from core import clock
from tests.support.storage.gcs_bucket import EMAIL

QUARTER = timedelta(minutes=15)


def is_accepted(url: str, public_key: rsa.RSAPublicKey, *, method: str = "GET", at: datetime | None = None) -> bool:
    """Return whether the bucket would accept this request."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    signature = bytes.fromhex(query.pop("X-Goog-Signature"))
    assert query["X-Goog-Algorithm"] == "GOOG4-RSA-SHA256"
    assert query["X-Goog-SignedHeaders"] == "host"
    email, _, scope = query["X-Goog-Credential"].partition("/")
    begun = datetime.strptime(query["X-Goog-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert email == EMAIL
    assert scope == f"{begun:%Y%m%d}/auto/storage/goog4_request"
    pairs = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(query.items()))
    request = "\n".join([method, parts.path, pairs, f"host:{parts.netloc}", "", "host", "UNSIGNED-PAYLOAD"])
    digest = hashlib.sha256(request.encode()).hexdigest()
    message = "\n".join(["GOOG4-RSA-SHA256", query["X-Goog-Date"], scope, digest])
    try:
        public_key.verify(signature, message.encode(), padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    lifetime = timedelta(seconds=int(query["X-Goog-Expires"]))
    return begun - QUARTER <= (at or clock.now()) < begun + lifetime
