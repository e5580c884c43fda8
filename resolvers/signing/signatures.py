"""Ed25519 signatures of JSON documents, and JWK sets of public keys.

The signature covers the canonical form of RFC 8785: no spaces, sorted names, UTF-8. The documents contain no fractions,
whose canonical form differs between JSON libraries. Keys are published as OKP keys (RFC 8037); their id is the
thumbprint of RFC 7638.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ALGORITHM: Final = "Ed25519"

PublicKeys = Mapping[str, Ed25519PublicKey]
"""Public keys by key id."""


def canonicalize(document: object) -> bytes:
    """Serialize a document of strings, integers, booleans, arrays and objects in the canonical form."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def encode_base64url(content: bytes) -> str:
    """Encode as base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decode_base64url(text: str) -> bytes:
    """Decode base64url without padding. Raises ValueError."""
    return base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)


def thumbprint(public: bytes) -> str:
    """Return the JWK thumbprint of a public key."""
    required = {"crv": ALGORITHM, "kty": "OKP", "x": encode_base64url(public)}
    return encode_base64url(hashlib.sha256(canonicalize(required)).digest())


def to_jwk(public: bytes) -> Mapping[str, str]:
    """Return a public key as a JWK."""
    return {
        "kty": "OKP",
        "crv": ALGORITHM,
        "x": encode_base64url(public),
        "kid": thumbprint(public),
        "use": "sig",
        "alg": "EdDSA",
    }


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs documents with a private key; ``retired_keys`` are the public keys of its predecessors."""

    private_key: Ed25519PrivateKey
    retired_keys: tuple[bytes, ...] = ()

    @classmethod
    def generate(cls) -> Self:
        """Create a signer with a new key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_private_key(cls, private: bytes, retired: tuple[bytes, ...] = ()) -> Self:
        """Create a signer with a private key of 32 bytes. Raises ValueError."""
        return cls(Ed25519PrivateKey.from_private_bytes(private), retired)

    @property
    def public_key(self) -> bytes:
        return self.private_key.public_key().public_bytes_raw()

    def sign(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the document with a signature."""
        signature = {"algorithm": ALGORITHM, "key_id": thumbprint(self.public_key)}
        value = self.private_key.sign(canonicalize({**document, "signature": signature}))
        return {**document, "signature": {**signature, "value": encode_base64url(value)}}

    def to_jwks(self) -> Mapping[str, Any]:
        """Return the current and the retired public keys as a JWK set."""
        return {"keys": [to_jwk(public) for public in dict.fromkeys([self.public_key, *self.retired_keys])]}


def parse_jwks(published: object) -> PublicKeys:
    """Parse a JWK set and leave out keys of other types. Raises ValueError if it is no JWK set."""
    keys = published.get("keys") if isinstance(published, dict) else None
    if not isinstance(keys, list):
        raise ValueError("not a JWK set")  # noqa: TRY004  the content is wrong, not a type of ours
    ed25519 = [key for key in keys if isinstance(key, dict) and (key.get("kty"), key.get("crv")) == ("OKP", ALGORITHM)]
    publics = [decode_base64url(str(key.get("x"))) for key in ed25519]
    # computed, because a key set may state other ids
    return {thumbprint(public): Ed25519PublicKey.from_public_bytes(public) for public in publics}


def find_key_id(document: Mapping[str, Any]) -> str | None:
    """Return the id of the key that a document states it was signed with; None without an Ed25519 signature."""
    signature = document.get("signature")
    if not isinstance(signature, dict) or signature.get("algorithm") != ALGORITHM:
        return None
    key_id = signature.get("key_id")
    return key_id if isinstance(key_id, str) else None


def is_valid(document: Mapping[str, Any], keys: PublicKeys) -> bool:
    """Return whether one of the keys signed exactly this document."""
    key_id = find_key_id(document)
    if key_id is None or key_id not in keys:
        return False
    signature = dict(document["signature"])
    try:
        value = decode_base64url(str(signature.pop("value", "")))
        keys[key_id].verify(value, canonicalize({**document, "signature": signature}))
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True
