"""Errors of an execution, and the propagation of nulls that they cause."""

from collections.abc import Sequence
from typing import Final

from graphql import FieldNode, GraphQLError
from graphql.error import located_error

from schema.execution import response_path
from schema.execution.response_path import ResponsePath


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
        located = located_error(error, nodes, response_path.as_list(path))
        if not is_nullable:
            raise located
        self.add(located, path)

    def _is_below_null(self, path: ResponsePath | None) -> bool:
        while path is not None:
            if path in self._null_paths:
                return True
            path = path[0]
        return None in self._null_paths
