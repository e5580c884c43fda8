"""Resource ids: a prefix for the kind and 96 random bits in lowercase hex. Globally unique, so also Relay node ids."""

import re
import secrets
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """The kind of resource that an id identifies; the value is the id's prefix."""

    GENERATION = "mgen"
    TRACK = "mtrack"
    LIBRARY_ENTRY = "mlib"
    COLLECTION = "mcoll"
    FOCUS_SESSION = "mfocus"
    SHARE_LINK = "mslink"
    WEBHOOK = "mhook"
    DELIVERY = "mdel"
    EXPORT = "mexp"
    REFERENCE_AUDIO = "mref"
    ORGANIZATION = "org"
    USER = "user"
    API_KEY = "key"
    REQUEST = "req"


_BYTES: Final = 12
_BLOCK_IDS: Final = 256
"""Ids whose random bits a generator reads at once."""
_PREFIXES: Final = frozenset(kind.value for kind in Kind)
_ID: Final = re.compile(r"(?P<prefix>[a-z]+)_[0-9a-f]{12,64}", re.ASCII)


def new(kind: Kind) -> str:
    """Return a new, unguessable id of this kind."""
    return f"{kind.value}_{secrets.token_hex(_BYTES)}"


class Generator:
    """Makes many ids of one kind, and reads their random bits from the system in blocks. Not for several threads."""

    def __init__(self, kind: Kind) -> None:
        self._prefix, self._block, self._position = f"{kind.value}_", "", 0

    def new(self) -> str:
        """Return a new, unguessable id."""
        if self._position == len(self._block):
            self._block, self._position = secrets.token_hex(_BYTES * _BLOCK_IDS), 0
        start, self._position = self._position, self._position + 2 * _BYTES
        return f"{self._prefix}{self._block[start : self._position]}"


def kind_of(text: str) -> Kind | None:
    """Return the kind of a well-formed id, None for any other text."""
    match = _ID.fullmatch(text)
    if match is None or match["prefix"] not in _PREFIXES:
        return None
    return Kind(match["prefix"])


def is_a(kind: Kind, text: str) -> bool:
    """Return whether the text is a well-formed id of this kind."""
    match = _ID.fullmatch(text)
    return match is not None and match["prefix"] == kind
