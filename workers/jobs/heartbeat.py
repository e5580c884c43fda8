"""Renew the lease of a running job."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from core import asyncio_cancel
from core.errors import Refusal
from workers.services import WorkerServices

log = logging.getLogger(__name__)


def run(
    services: WorkerServices,
    renew: Callable[[AsyncSession, timedelta], Awaitable[bool]],
    log_fields: Mapping[str, object],
) -> AbstractAsyncContextManager[None]:
    """Call ``renew`` at intervals with the new duration of the lease while the body runs, until it returns False."""
    settings = services.settings.workers

    async def renew_once() -> bool:
        async with services.database.transaction() as session:
            return await renew(session, timedelta(seconds=settings.lease_seconds))

    return asyncio_cancel.run_in_background(
        renew_until_lost(renew_once, lambda: asyncio.sleep(settings.heartbeat_seconds), log_fields)
    )


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
