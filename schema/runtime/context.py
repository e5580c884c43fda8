"""The value of ``info.context``: the resolvers' context and the dataloaders of one operation."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import strawberry
from strawberry.extensions import SchemaExtension

from resolvers.access.context import Context
from schema.runtime.dataloaders import DataLoaders


@dataclass
class GraphQLContext:
    """The context of a request or of a WebSocket connection.

    ``connection_params`` is the payload of the client's ``connection_init``. ``on_event`` is called with the sequence
    number of each event of a subscription before the event is executed. ``accepts_json`` is whether the result is
    encoded with orjson, so that it may contain lists that are JSON already.
    """

    ctx: Context
    trace_id: str
    request: Any = None
    connection_params: dict[str, object] = field(default_factory=dict)
    on_event: Callable[[int], None] | None = None
    accepts_json: bool = False

    @cached_property
    def loaders(self) -> DataLoaders:
        """Created on first access: thousands of open WebSocket connections never need any."""
        return DataLoaders(self.ctx)

    def for_new_operation(self) -> "GraphQLContext":
        """Return a copy with its own dataloaders."""
        # what ``dataclasses.replace`` does, at a third of its cost
        return GraphQLContext(
            self.ctx, self.trace_id, self.request, self.connection_params, self.on_event, self.accepts_json
        )

    def reset_loaders(self) -> None:
        """Discard what was loaded, so that fields resolved from now on read the current state."""
        self.__dict__.pop("loaders", None)


Info = strawberry.Info[GraphQLContext, None]


class OperationContextExtension(SchemaExtension):
    """Gives each operation its own copy of the context: a WebSocket connection executes many operations."""

    def on_operation(self) -> Iterator[None]:
        self.execution_context.context = self.execution_context.context.for_new_operation()
        yield
