"""What a field finds in ``info.context``: the resolvers' context, and loaders that live for one operation."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import strawberry
from strawberry.extensions import SchemaExtension

from resolvers.context import Context
from schema.loaders import Loaders


@dataclass
class GraphQLContext:
    """One request, or one socket; ``connection_params`` is what the socket's client introduced itself with."""

    ctx: Context
    trace_id: str
    request: Any = None
    connection_params: dict[str, object] = field(default_factory=dict)
    loaders: Loaders = field(init=False)

    def __post_init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Forget what was loaded: an event of a subscription shows things as they are now."""
        self.loaders = Loaders(self.ctx)


Info = strawberry.Info[GraphQLContext, None]


class FreshLoaders(SchemaExtension):
    """A socket's context outlives its operations: each one works on a copy with loaders of its own."""

    def on_operation(self) -> Iterator[None]:
        """Runs around every operation."""
        self.execution_context.context = replace(self.execution_context.context)
        yield
