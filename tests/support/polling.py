"""Poll for a condition or a result until a deadline."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

Result = TypeVar("Result")

DEADLINE_SECONDS: Final = 200.0
"""Longer than any condition takes, even where many tests share few cores."""
_MAX_PAUSE_SECONDS: Final = 0.5


def wait_until(condition: Callable[[], object], seconds: float = DEADLINE_SECONDS) -> None:
    """Poll until the condition holds. Raises AssertionError after the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(_pause(deadline - seconds, 0.02))


async def wait_for(poll: Callable[[], Awaitable[Result | None]], seconds: float = DEADLINE_SECONDS) -> Result:
    """Poll until the result is not None and return it. Raises AssertionError after the deadline."""
    deadline = time.monotonic() + seconds
    while (result := await poll()) is None:
        assert time.monotonic() < deadline, "nothing was found in time"
        await asyncio.sleep(_pause(deadline - seconds, 0.05))
    return result


def _pause(started_at: float, shortest: float) -> float:
    """Return the seconds until the next poll: a tenth of those since the first, because a poll costs CPU time."""
    return max(shortest, min((time.monotonic() - started_at) / 10, _MAX_PAUSE_SECONDS))
