"""Secrets that sign deliveries, in the format of Standard Webhooks."""

import base64
import binascii
import secrets
from typing import Final

from resolvers.access import validation

MAX_SECRET_LENGTH: Final = 128

_PREFIX: Final = "whsec_"
_NEW_BYTES: Final = 32
_MIN_BYTES: Final = 24
_MAX_BYTES: Final = 64
"""https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md: 24 to 64 bytes."""


def create() -> str:
    """Return a new random secret."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_NEW_BYTES)).decode()


def check(text: str) -> str:
    """Require a secret that a caller may choose: "whsec_" and 24 to 64 bytes in base64."""
    try:
        size = len(base64.b64decode(text.removeprefix(_PREFIX), validate=True)) if text.startswith(_PREFIX) else 0
    except (binascii.Error, ValueError):
        size = 0
    if not _MIN_BYTES <= size <= _MAX_BYTES:
        raise validation.rule_error(f"Must be {_PREFIX} and {_MIN_BYTES} to {_MAX_BYTES} random bytes in base64.")
    return text
