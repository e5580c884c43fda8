"""Response paths: where a value belongs in the response."""

from typing import Any

from graphql.pyutils import Path

ResponsePath = tuple[Any, str | int, str | None]
"""The parent's path or None, the response name or list index, and the name of the type that has the field.

A plain tuple with the contents of graphql-core's ``Path``: one is made for every field, and a tuple is cheaper.
"""


def as_list(path: ResponsePath) -> list[str | int]:
    """Return the path in the form that errors have: response names and list indexes from the root."""
    keys: list[str | int] = []
    ancestor: ResponsePath | None = path
    while ancestor is not None:
        keys.append(ancestor[1])
        ancestor = ancestor[0]
    return keys[::-1]


def as_graphql_path(path: ResponsePath) -> Path:
    """Convert to the class that resolvers find in ``info.path``."""
    parent = as_graphql_path(path[0]) if path[0] is not None else None
    return Path(parent, path[1], path[2])
