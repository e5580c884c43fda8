"""Run the steps of background loops."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from core import asyncio_cancel
from core.errors import Refusal

log = logging.getLogger(__name__)


async def run_forever(
    name: str,
    step: Callable[[], Awaitable[object]],
    interval_seconds: float,
    is_over: Callable[[], bool] = lambda: False,
) -> None:
    """Run ``step`` with pauses until ``is_over`` returns True or the task is cancelled."""
    while not is_over() and not asyncio_cancel.is_cancelling():
        await run_step(name, step)
        await asyncio.sleep(interval_seconds)


async def run_step(name: str, step: Callable[[], Awaitable[object]]) -> None:
    """Run a step once and log its error; a service that is unavailable now may be available next time."""
    try:
        await step()
    except Refusal as refusal:
        log.warning("%s postponed", name, extra={"reason": refusal.technical})
    except Exception:
        log.exception("%s failed; retrying", name)
