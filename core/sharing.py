"""Share links as words: what they lead to, who may find them, and their tokens."""

import hashlib
import re
import secrets
from enum import StrEnum
from typing import Final

_SHAPE: Final = re.compile(r"shr_[0-9a-f]{32}", re.ASCII)


class Target(StrEnum):
    """What a link leads to."""

    TRACK = "track"
    COLLECTION = "collection"


class Visibility(StrEnum):
    """Who may find a link."""

    LINK_ONLY = "link_only"  # who was given it
    PUBLIC = "public"  # anybody


def new_token() -> str:
    """128 random bits; shown once, kept as its digest."""
    return f"shr_{secrets.token_hex(16)}"


def is_token(text: str) -> bool:
    """Whether the text has the shape of a token."""
    return _SHAPE.fullmatch(text) is not None


def digest(token: str) -> bytes:
    """SHA-256 of the token, 32 bytes."""
    return hashlib.sha256(token.encode(errors="replace")).digest()
