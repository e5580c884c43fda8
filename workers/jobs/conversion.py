"""Makes the files that somebody asked for: claim, make, store, and one transaction that makes it true."""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from typing import Final

from core import activity, asyncio_cancel, logs
from core.activity import ActivityKind
from core.errors import Refusal
from engines.port import RenderCancelledError
from storage.queries import conversions
from storage.tables import Conversion, TrackFile
from workers import scratch
from workers.files import track_files
from workers.jobs import conversion_render
from workers.jobs.conversion_render import ConversionError
from workers.progress import JobMonitor, StopReason
from workers.services import WorkerServices

log = logging.getLogger(__name__)

_MAX_ATTEMPTS: Final = 3


async def run(services: WorkerServices, row: Conversion, monitor: JobMonitor) -> None:
    """Make a file that was claimed."""
    logs.trace_id.set(row.track_id)
    with services.telemetry.span("conversion", "CONSUMER", None, {"track": row.track_id, "format": row.format.value}):
        await _make(services, row, monitor)


async def _make(services: WorkerServices, row: Conversion, monitor: JobMonitor) -> None:
    if row.attempts > _MAX_ATTEMPTS:
        await _finish(services, row, None)
        return
    try:
        async with asyncio_cancel.run_in_background(_hold(services, row, monitor)):
            file = await _made(services, row, monitor)
        await _finish(services, row, file)
    except RenderCancelledError:
        if monitor.stop_reason is not StopReason.LEASE_LOST:
            await _hand_back(services, row, counts=False)
    except ConversionError as reason:
        log.warning("file cannot be made", extra={"track": row.track_id, "format": row.format, "reason": str(reason)})
        await _finish(services, row, None)
    except Exception as error:
        log.exception("making a file broke", extra={"track": row.track_id, "format": row.format})
        await _broken(services, row, error)


async def _broken(services: WorkerServices, row: Conversion, error: Exception) -> None:
    """A part that is away or full is nobody's fault; anything else counts."""
    settings = services.settings.workers
    if isinstance(error, Refusal):
        await _hand_back(services, row, counts=False, rest=settings.retry_seconds)
    else:
        await _hand_back(services, row, counts=True)


async def _made(services: WorkerServices, row: Conversion, monitor: JobMonitor) -> TrackFile:
    with scratch.folder(services.settings.workers.scratch_dir) as workspace:
        made = await conversion_render.render(services, row, workspace, monitor)
        [stored] = await track_files.store(services.blobs, [made], monitor)
    stored.track_id = row.track_id
    return stored


async def _finish(services: WorkerServices, row: Conversion, file: TrackFile | None) -> None:
    async with services.database.transaction() as session:
        track = await conversion_render.lock_track(session, row.track_id)
        is_ours = await conversions.finish(session, row, file if track else None)
    if is_ours and track and file:
        feed = activity.feed(track.organization_id, row.user_id)
        await services.events.append_to_feed(feed, {"kind": ActivityKind.TRACK.value, "id": row.track_id})


async def _hand_back(services: WorkerServices, row: Conversion, *, counts: bool, rest: float = 0.0) -> None:
    with suppress(Refusal):  # whoever comes when the lease is over has it then
        async with services.database.transaction() as session:
            await conversions.requeue(session, row, counts_as_attempt=counts, delay=timedelta(seconds=rest))
        if not rest:
            await services.queue.wake()


async def _hold(services: WorkerServices, row: Conversion, monitor: JobMonitor) -> None:
    settings = services.settings.workers
    lease, is_held = timedelta(seconds=settings.lease_seconds), True
    while is_held and not asyncio_cancel.is_cancelling():
        await asyncio.sleep(settings.heartbeat_seconds)
        with suppress(Refusal):
            async with services.database.transaction() as session:
                is_held = await conversions.renew_lease(session, row, lease)
    monitor.stop(StopReason.LEASE_LOST)
