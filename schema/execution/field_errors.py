"""Response paths, errors of an execution, and the propagation of nulls that they cause."""

from collections.abc import Sequence
from typing import Any, Final

from graphql import FieldNode, GraphQLError
from graphql.error import located_error

ResponsePath = tuple[Any, str | int, str | None]
"""The parent's path or None, the response name or list index, and the name of the type that has the field.

A plain tuple with the contents of graphql-core's ``Path``: one is made for every field, and a tuple is cheaper.
"""


class FieldErrors:
    """Collects errors in the order in which they occur, except errors below a path that is already null."""

    __slots__ = ("_null_paths", "errors")

    def __init__(self) -> None:
        self.errors: Final[list[GraphQLError]] = []
        self._null_paths: set[ResponsePath | None] = set()

    def add(self, error: GraphQLError, path: ResponsePath | None) -> None:
        """Record an error that makes the value at ``path`` null; None is the path of the whole response."""
        if not self._is_below_null(path):
            self._null_paths.add(path)
            self.errors.append(error)

    def record_or_raise(
        self, error: Exception, nodes: Sequence[FieldNode], path: ResponsePath, *, is_nullable: bool
    ) -> None:
        """Record an error of a nullable value. Raise it, with its location, for a value that must not be null."""
        located = located_error(error, nodes, _as_list(path))
        if not is_nullable:
            raise located
        self.add(located, path)

    def _is_below_null(self, path: ResponsePath | None) -> bool:
        while path is not None:
            if path in self._null_paths:
                return True
            path = path[0]
        return None in self._null_paths


def _as_list(path: ResponsePath | None) -> list[str | int]:
    """Return the path in the form that errors have: response names and list indexes from the root."""
    keys: list[str | int] = []
    while path is not None:
        keys.append(path[1])
        path = path[0]
    return keys[::-1]
