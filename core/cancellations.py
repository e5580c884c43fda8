"""Whether the task at hand was asked to end: a driver may turn the cancellation into an error of its own."""

import asyncio


def is_asked() -> bool:
    """Ask after catching an error in a loop that has no other end."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
