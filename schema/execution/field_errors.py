"""What went wrong in a run: which errors the answer tells, and where it is null for them."""

from collections.abc import Sequence
from typing import Final

from graphql import FieldNode, GraphQLError
from graphql.error import located_error
from graphql.pyutils import Path

from schema.execution.plans import Place


class Failures:
    """Errors in the order in which they were met; one below a place that is null already is told no more."""

    __slots__ = ("_places", "errors")

    def __init__(self) -> None:
        self.errors: Final[list[GraphQLError]] = []
        self._places: set[Place | None] = set()

    def add(self, error: GraphQLError, place: Place | None) -> None:
        """The place is null now; None stands for the whole answer."""
        if not self._is_below_null(place):
            self._places.add(place)
            self.errors.append(error)

    def meet(self, error: Exception, nodes: Sequence[FieldNode], place: Place, *, may_be_null: bool) -> None:
        """Note an error that makes its place null; raises it again, located, where that may not be."""
        located = located_error(error, nodes, keys(place))
        if not may_be_null:
            raise located
        self.add(located, place)

    def _is_below_null(self, place: Place | None) -> bool:
        while place is not None:
            if place in self._places:
                return True
            place = place[0]
        return None in self._places


def keys(place: Place) -> list[str | int]:
    """The way to a place, as errors tell it."""
    found: list[str | int] = []
    at: Place | None = place
    while at is not None:
        found.append(at[1])
        at = at[0]
    return found[::-1]


def path(place: Place) -> Path:
    """The same for resolvers, as graphql-core has it."""
    before = path(place[0]) if place[0] is not None else None
    return Path(before, place[1], place[2])
