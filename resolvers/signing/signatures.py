"""Ed25519 signatures on JSON documents, and the public keys that anybody checks them with. Knows no file, no row.

A document is signed as RFC 8785 writes it: no spaces, names in order, UTF-8. Ours hold no fractions, so that nobody can
write their numbers otherwise. Keys are published as RFC 8037 has it (OKP), named by their thumbprint (RFC 7638).
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
"""By their ids."""


def canonicalize(document: object) -> bytes:
    """The one way to write a document of texts, whole numbers, truths, lists and objects."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def encode_base64url(content: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decode_base64url(text: str) -> bytes:
    """The bytes of ``encoded``. Raises ValueError."""
    return base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)


def thumbprint(public: bytes) -> str:
    """The thumbprint of a public key."""
    required = {"crv": ALGORITHM, "kty": "OKP", "x": encode_base64url(public)}
    return encode_base64url(hashlib.sha256(canonicalize(required)).digest())


def to_jwk(public: bytes) -> Mapping[str, str]:
    """A public key as JSON."""
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
    """Signs with the private key of today; ``retired`` are the public keys of those before it."""

    private_key: Ed25519PrivateKey
    retired_keys: tuple[bytes, ...] = ()

    @classmethod
    def generate(cls) -> Self:
        """With a new key, known to nobody else."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_private_key(cls, private: bytes, retired: tuple[bytes, ...] = ()) -> Self:
        """With a key of 32 bytes. Raises ValueError."""
        return cls(Ed25519PrivateKey.from_private_bytes(private), retired)

    @property
    def public_key(self) -> bytes:
        """The public key of today."""
        return self.private_key.public_key().public_bytes_raw()

    def sign(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """The document with a signature on all of it."""
        signature = {"algorithm": ALGORITHM, "key_id": thumbprint(self.public_key)}
        value = self.private_key.sign(canonicalize({**document, "signature": signature}))
        return {**document, "signature": {**signature, "value": encode_base64url(value)}}

    def to_jwks(self) -> Mapping[str, Any]:
        """Every public key as a JWK set, today's first."""
        return {"keys": [to_jwk(public) for public in dict.fromkeys([self.public_key, *self.retired_keys])]}


def parse_jwks(published: object) -> PublicKeys:
    """The keys of a JWK set; those of other kinds are left out. Raises ValueError for what is no set."""
    keys = published.get("keys") if isinstance(published, dict) else None
    if not isinstance(keys, list):
        raise ValueError("not a set of keys")  # noqa: TRY004  the content is wrong, not a type of ours
    ours = [key for key in keys if isinstance(key, dict) and (key.get("kty"), key.get("crv")) == ("OKP", ALGORITHM)]
    publics = [decode_base64url(str(key.get("x"))) for key in ours]
    # named by what they are, whatever they call themselves
    return {thumbprint(public): Ed25519PublicKey.from_public_bytes(public) for public in publics}


def find_key_id(document: Mapping[str, Any]) -> str | None:
    """The id of the key that a document says it was signed with; None for one without a signature of this kind."""
    signature = document.get("signature")
    if not isinstance(signature, dict) or signature.get("algorithm") != ALGORITHM:
        return None
    named = signature.get("key_id")
    return named if isinstance(named, str) else None


def is_valid(document: Mapping[str, Any], keys: PublicKeys) -> bool:
    """Whether one of the keys signed exactly this document."""
    named = find_key_id(document)
    if named is None or named not in keys:
        return False
    signature = dict(document["signature"])
    try:
        value = decode_base64url(str(signature.pop("value", "")))
        keys[named].verify(value, canonicalize({**document, "signature": signature}))
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True
