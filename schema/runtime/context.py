"""What a field finds in ``info.context``: the resolvers' context, and loaders that live for one operation."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import strawberry
from strawberry.extensions import SchemaExtension

from resolvers.access.context import Context
from schema.runtime.dataloaders import DataLoaders


@dataclass
class GraphQLContext:
    """One request, or one socket; ``connection_params`` is what the socket's client introduced itself with.

    ``on_event`` hears the number of each event of a subscription, before the event is executed.
    """

    ctx: Context
    trace_id: str
    request: Any = None
    connection_params: dict[str, object] = field(default_factory=dict)
    on_event: Callable[[int], None] | None = None
    _loaders: DataLoaders | None = field(default=None, init=False, repr=False)

    @property
    def loaders(self) -> DataLoaders:
        """Made when they are asked for: thousands of sockets are open that ask for nothing."""
        if self._loaders is None:
            self._loaders = DataLoaders(self.ctx)
        return self._loaders

    def for_new_operation(self) -> "GraphQLContext":
        """The same for another operation, which loads for itself."""
        return GraphQLContext(self.ctx, self.trace_id, self.request, self.connection_params, self.on_event)

    def renew(self, sequence: int | None = None) -> None:
        """Forget what was loaded: what comes now, as an event of a subscription, shows things as they are now."""
        self._loaders = None
        if sequence is not None and self.on_event is not None:
            self.on_event(sequence)


Info = strawberry.Info[GraphQLContext, None]


class OperationContextExtension(SchemaExtension):
    """A socket's context outlives its operations: each one works on a copy with loaders of its own."""

    def on_operation(self) -> Iterator[None]:
        """Runs around every operation."""
        self.execution_context.context = self.execution_context.context.for_new_operation()
        yield
