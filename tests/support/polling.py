"""Poll for a condition or a result until a deadline."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

Result = TypeVar("Result")

DEADLINE_SECONDS: Final = 200.0
"""Longer than any condition takes, even where many tests share few cores."""


def wait_until(condition: Callable[[], object], seconds: float = DEADLINE_SECONDS) -> None:
    """Poll until the condition holds. Raises AssertionError after the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.02)


async def wait_for(poll: Callable[[], Awaitable[Result | None]], seconds: float = DEADLINE_SECONDS) -> Result:
    """Poll until the result is not None and return it. Raises AssertionError after the deadline."""
    deadline = time.monotonic() + seconds
    while (result := await poll()) is None:
        assert time.monotonic() < deadline, "nothing was found in time"
        await asyncio.sleep(0.05)
    return result
