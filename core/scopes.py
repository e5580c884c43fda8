"""Scopes of API keys: permissions beyond those of the key's user."""

from collections.abc import Collection
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """A permission that is granted when a key is created."""

    INTROSPECTION = "introspection"
    """May read the GraphQL schema where introspection is restricted."""


_NONE: Final[frozenset[Scope]] = frozenset()


def from_names(names: Collection[str]) -> frozenset[Scope]:
    """Return the scopes of these names; names that this version does not know are ignored."""
    return frozenset(scope for scope in Scope if scope in names) if names else _NONE
