"""Scopes of API keys: permissions beyond those of the key's user."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """A permission that is granted when a key is created."""

    INTROSPECTION = "introspection"
    """May read the GraphQL schema where introspection is restricted."""


_BY_NAME: Final = {scope.value: scope for scope in Scope}


def from_names(names: Iterable[str]) -> frozenset[Scope]:
    """Return the scopes of these names; names that this version does not know are ignored."""
    return frozenset(_BY_NAME[name] for name in names if name in _BY_NAME)
