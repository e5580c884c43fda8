"""Renew the lease of a running job."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from core import asyncio_cancel
from core.errors import Refusal

log = logging.getLogger(__name__)


async def renew_until_lost(
    renew: Callable[[], Awaitable[bool]],
    wait: Callable[[], Awaitable[None]],
    log_fields: Mapping[str, object],
    min_interval_seconds: float = 0.0,
) -> None:
    """Call ``renew`` after each ``wait`` until it returns False or the task is cancelled.

    A renewal that fails because a service is unavailable is retried with the next heartbeat.
    """
    is_held = True
    while is_held and not asyncio_cancel.is_cancelling():
        await wait()
        try:
            is_held = await renew()
        except Refusal as refusal:
            log.warning("heartbeat failed", extra={**log_fields, "reason": refusal.technical})
        await asyncio.sleep(min_interval_seconds)
