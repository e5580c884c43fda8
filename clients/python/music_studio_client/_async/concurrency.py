"""What differs between the two clients beyond keywords. `_sync/concurrency.py` is the counterpart."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from collections.abc import Awaitable as Deferred
from contextlib import AbstractAsyncContextManager, aclosing
from typing import TypeVar, cast

__all__ = ["Deferred", "closing", "sleep"]

ItemT = TypeVar("ItemT")


async def sleep(seconds: float) -> None:
    """Wait without blocking the event loop."""
    await asyncio.sleep(seconds)


def closing(items: AsyncIterator[ItemT]) -> AbstractAsyncContextManager[AsyncIterator[ItemT]]:
    """Close a generator at the end of a block."""
    return aclosing(cast("AsyncGenerator[ItemT, None]", items))
