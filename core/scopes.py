"""What an API key may do besides what its user may."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """A permission that a key is made with."""

    INTROSPECTION = "introspection"
    """Reads the GraphQL schema where others may not."""


_BY_NAME: Final = {scope.value: scope for scope in Scope}


def held(names: Iterable[str]) -> frozenset[Scope]:
    """The scopes of these names; one that this version does not know allows nothing."""
    return frozenset(_BY_NAME[name] for name in names if name in _BY_NAME)
