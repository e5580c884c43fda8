"""Subscriptions: their common argument and the execution of their events."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Annotated, Any, TypeVar

import strawberry

from schema.runtime.context import Info

Event = TypeVar("Event")
Item = TypeVar("Item")

AfterSequence = Annotated[
    int | None, strawberry.argument(description="The sequence number of the last event received, to resume after it.")
]


async def stream(
    info: Info,
    events: AsyncGenerator[Event, None],
    sequence: Callable[[Event], int],
    item: Callable[[Event], Item],
) -> AsyncGenerator[Item, Any]:
    """Yield an item for each event, with new dataloaders, and close ``events`` at the end."""
    async with aclosing(events):
        async for event in events:
            info.context.reset_loaders()
            if info.context.on_event is not None:
                info.context.on_event(sequence(event))
            yield item(event)
