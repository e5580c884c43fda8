"""Waiting for a condition with a deadline, for tests that watch processes."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

Found = TypeVar("Found")

DEADLINE_SECONDS: Final = 200.0
"""No condition is so slow, not even where many tests share few cores."""


def wait_until(condition: Callable[[], object], seconds: float = DEADLINE_SECONDS) -> None:
    """Poll until the condition holds. Raises AssertionError after the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.02)


async def wait_for(look: Callable[[], Awaitable[Found | None]], seconds: float = DEADLINE_SECONDS) -> Found:
    """Poll until something is there. Raises AssertionError after the deadline."""
    deadline = time.monotonic() + seconds
    while (seen := await look()) is None:
        assert time.monotonic() < deadline, "nothing was found in time"
        await asyncio.sleep(0.05)
    return seen
