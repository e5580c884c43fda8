"""API keys as text: ``ak_``, 32 random base62 characters, a CRC-32 in 6 more. Made here, shown once, kept hashed."""

import hashlib
import re
import secrets
import string
import zlib
from typing import Final

PREFIX: Final = "ak_"
_ALPHABET: Final = string.digits + string.ascii_letters
_RANDOM_CHARACTERS: Final = 32  # 190 bits
_CHECK_CHARACTERS: Final = 6  # 62 ** 6 exceeds 2 ** 32
_FORM: Final = re.compile(rf"{PREFIX}([0-9A-Za-z]{{{_RANDOM_CHARACTERS}}})([0-9A-Za-z]{{{_CHECK_CHARACTERS}}})")


def new() -> str:
    """A new key in clear text; keep only its digest."""
    body = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_CHARACTERS))
    return f"{PREFIX}{body}{_checksum(body)}"


def is_well_formed(text: str) -> bool:
    """Whether the checksum fits: catches typing errors and other people's tokens without asking the database."""
    found = _FORM.fullmatch(text)
    return found is not None and secrets.compare_digest(found[2], _checksum(found[1]))


def digest(text: str) -> bytes:
    """SHA-256 of the key, 32 bytes. A key holds 190 random bits, so a slow hash would protect nothing more."""
    return hashlib.sha256(text.encode()).digest()


def hint(text: str) -> str:
    """What a list of keys may show: the first characters."""
    return text[: len(PREFIX) + 4]


def _checksum(body: str) -> str:
    number = zlib.crc32(body.encode())
    digits = []
    for _ in range(_CHECK_CHARACTERS):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
