"""What an API key may do besides what its user may."""

from collections.abc import Iterable
from enum import StrEnum


class Scope(StrEnum):
    """A permission that a key is made with."""

    INTROSPECTION = "introspection"
    """Reads the GraphQL schema where others may not."""


def held(names: Iterable[str]) -> frozenset[Scope]:
    """The scopes of these names; one that this version does not know allows nothing."""
    return frozenset(scope for scope in Scope if scope.value in set(names))
