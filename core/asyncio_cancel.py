"""Cancellations that come to nothing: a driver may turn one into an error of its own, or lose it altogether."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any


def is_asked() -> bool:
    """Whether the task at hand was asked to end: to be asked by every loop that has no other end."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def renew() -> None:
    """Raise CancelledError if the task at hand was asked to end; for whoever has caught an error of a driver."""
    if is_asked():
        raise asyncio.CancelledError


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do this work while the body runs; at the body's end it is cancelled and over, so the last word is the body's."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
