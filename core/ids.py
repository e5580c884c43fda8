"""Ids: a prefix that tells the kind, and 96 random bits in lowercase hex. Globally unique: Relay node ids too."""

import re
import secrets
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What an id names; the value is the id's prefix."""

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
_SHAPE: Final = re.compile(r"(?P<prefix>[a-z]+)_[0-9a-f]{12,64}", re.ASCII)


def new(kind: Kind) -> str:
    """A new id of this kind, not to be guessed."""
    return f"{kind.value}_{secrets.token_hex(_BYTES)}"


def kind_of(text: str) -> Kind | None:
    """The kind that a well-formed id names; None for any other text."""
    shape = _SHAPE.fullmatch(text)
    if shape is None or shape["prefix"] not in _PREFIXES:
        return None
    return Kind(shape["prefix"])


def is_a(kind: Kind, text: str) -> bool:
    """Whether the text is a well-formed id of this kind."""
    return kind_of(text) is kind
