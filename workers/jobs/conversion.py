"""Convert a track to another format on request: claim, render, store, and record the file in one transaction."""

import logging
from contextlib import suppress
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from core import activity, logs
from core.activity import ActivityKind
from core.errors import Refusal
from engines.port import RenderCancelledError
from storage.queries import conversions, tracks
from storage.tables import Conversion, TrackFile
from workers import scratch
from workers.files import track_files
from workers.jobs import conversion_render, heartbeat
from workers.jobs.conversion_render import ConversionError
from workers.progress import JobMonitor, StopReason
from workers.services import WorkerServices

log = logging.getLogger(__name__)

_MAX_ATTEMPTS: Final = 3


async def run(services: WorkerServices, row: Conversion, monitor: JobMonitor) -> None:
    """Run a claimed conversion."""
    logs.trace_id.set(row.track_id)
    with services.telemetry.span("conversion", "CONSUMER", None, {"track": row.track_id, "format": row.format.value}):
        if row.attempts > _MAX_ATTEMPTS:
            await _finish(services, row, None)
        else:
            await _convert(services, row, monitor)


async def _convert(services: WorkerServices, row: Conversion, monitor: JobMonitor) -> None:
    fields = {"track": row.track_id, "format": row.format}

    async def renew(session: AsyncSession, lease: timedelta) -> bool:
        is_held = await conversions.renew_lease(session, row, lease)
        if not is_held:
            monitor.stop(StopReason.LEASE_LOST)
        return is_held

    try:
        async with heartbeat.run(services, renew, fields):
            file = await _render_and_store(services, row, monitor)
        await _finish(services, row, file)
    except RenderCancelledError:
        if monitor.stop_reason is not StopReason.LEASE_LOST:
            await _requeue(services, row, counts=False)
    except ConversionError as error:
        log.warning("conversion not possible", extra={**fields, "reason": str(error)})
        await _finish(services, row, None)
    except Refusal:
        # a service is unavailable or the disk is full: does not count as an attempt
        log.exception("conversion failed; retrying later", extra=fields)
        await _requeue(services, row, counts=False, delay_seconds=services.settings.workers.retry_seconds)
    except Exception:
        log.exception("conversion failed", extra=fields)
        await _requeue(services, row, counts=True)


async def _render_and_store(services: WorkerServices, row: Conversion, monitor: JobMonitor) -> TrackFile:
    with scratch.folder(services.settings.workers.scratch_dir) as workspace:
        file = await conversion_render.render(services, row, workspace, monitor)
        [stored] = await track_files.store(services.blobs, [file], row.track_id, monitor)
    return stored


async def _finish(services: WorkerServices, row: Conversion, file: TrackFile | None) -> None:
    async with services.database.transaction() as session:
        track = await tracks.lock_shared(session, row.track_id)
        is_finished = await conversions.finish(session, row, file if track else None)
    if is_finished and track and file:
        feed = activity.feed_name(track.organization_id, row.user_id)
        await services.events.append_to_feed(feed, {"kind": ActivityKind.TRACK.value, "id": row.track_id})


async def _requeue(services: WorkerServices, row: Conversion, *, counts: bool, delay_seconds: float = 0.0) -> None:
    with suppress(Refusal):  # otherwise the conversion is due again when its lease expires
        async with services.database.transaction() as session:
            await conversions.requeue(session, row, counts_as_attempt=counts, delay=timedelta(seconds=delay_seconds))
        if not delay_seconds:
            await services.queue.wake()
