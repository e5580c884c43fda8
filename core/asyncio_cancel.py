"""Cancellation of asyncio tasks whose drivers replace CancelledError by an error of their own, or swallow it."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any


def is_cancelling() -> bool:
    """Return whether the current task has been cancelled. Every loop without another end must check this."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def raise_if_cancelling() -> None:
    """Raise CancelledError if the current task has been cancelled; call this after catching an error of a driver."""
    if is_cancelling():
        raise asyncio.CancelledError


@asynccontextmanager
async def run_in_background(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run ``work`` during the body; at the end of the body cancel it and wait until it has ended."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
