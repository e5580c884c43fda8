"""Cancellations that come to nothing: a driver may turn one into an error of its own, or lose it altogether."""

import asyncio


def is_asked() -> bool:
    """Whether the task at hand was asked to end: to be asked by every loop that has no other end."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def renew() -> None:
    """Raise CancelledError if the task at hand was asked to end; for whoever has caught an error of a driver."""
    if is_asked():
        raise asyncio.CancelledError
