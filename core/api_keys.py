"""Format of API keys, browser sessions and sign-in codes. Only their digests are stored.

A prefix that names the kind, 32 random base62 characters, a CRC-32 in 6 more.
"""

import hashlib
import itertools
import re
import secrets
import string
import zlib
from typing import Final

PREFIX: Final = "ak_"
SESSION_PREFIX: Final = "bs_"
CODE_PREFIX: Final = "sc_"
_ALPHABET: Final = string.digits + string.ascii_letters
_RANDOM_CHARACTERS: Final = 32  # 190 bits
_CHECK_CHARACTERS: Final = 6  # 62 ** 6 exceeds 2 ** 32
_PAIRS: Final = ["".join(pair) for pair in itertools.product(_ALPHABET, repeat=2)]
"""The digits of numbers to the base 62 ** 2."""
_FORM: Final = re.compile(rf"([0-9A-Za-z]{{{_RANDOM_CHARACTERS}}})([0-9A-Za-z]{{{_CHECK_CHARACTERS}}})")


def new(prefix: str = PREFIX) -> str:
    """Return a new key, session or code in clear text; store only its digest."""
    body = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_CHARACTERS))
    return f"{prefix}{body}{_checksum(body)}"


def is_well_formed(text: str, prefix: str = PREFIX) -> bool:
    """Check form and checksum, which detects typing errors and foreign tokens without a database query."""
    match = _FORM.fullmatch(text.removeprefix(prefix))
    return text.startswith(prefix) and match is not None and secrets.compare_digest(match[2], _checksum(match[1]))


def digest(text: str) -> bytes:
    """Return the SHA-256 of the key, 32 bytes. A slow hash would add no protection to 190 random bits."""
    return hashlib.sha256(text.encode()).digest()


def hint(text: str) -> str:
    """Return the first characters, by which a list of keys may identify this one."""
    return text[: len(PREFIX) + 4]


def _checksum(body: str) -> str:
    rest, last = divmod(zlib.crc32(body.encode()), len(_PAIRS))
    first, middle = divmod(rest, len(_PAIRS))
    return f"{_PAIRS[first]}{_PAIRS[middle]}{_PAIRS[last]}"
