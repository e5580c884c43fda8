"""Share links: targets, visibility and tokens."""

import hashlib
import secrets
from enum import StrEnum


class Target(StrEnum):
    """What a link shares."""

    TRACK = "track"
    COLLECTION = "collection"


class Visibility(StrEnum):
    """Who can find a link."""

    LINK_ONLY = "link_only"  # recipients of the link
    PUBLIC = "public"  # everyone


def new_token() -> str:
    """Return a token with 128 random bits; only its digest is stored."""
    return f"shr_{secrets.token_hex(16)}"


def digest(token: str) -> bytes:
    """Return the SHA-256 of the token, 32 bytes."""
    return hashlib.sha256(token.encode(errors="replace")).digest()
