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
    ORGANIZATION = "org"
    USER = "user"
    API_KEY = "key"
    REQUEST = "req"


_BYTES: Final = 12
_PREFIXES: Final = frozenset(kind.value for kind in Kind)
_ID: Final = re.compile(r"(?P<prefix>[a-z]+)_[0-9a-f]{12,64}", re.ASCII)


def new(kind: Kind) -> str:
    """Return a new, unguessable id of this kind."""
    return f"{kind.value}_{secrets.token_hex(_BYTES)}"


def kind_of(text: str) -> Kind | None:
    """Return the kind of a well-formed id, None for any other text."""
    match = _ID.fullmatch(text)
    if match is None or match["prefix"] not in _PREFIXES:
        return None
    return Kind(match["prefix"])


def is_a(kind: Kind, text: str) -> bool:
    """Return whether the text is a well-formed id of this kind."""
    return kind_of(text) is kind
