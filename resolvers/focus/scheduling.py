"""Schedule the segments of focus sessions. Callers, servers and workers, must hold the lock of the session's row.

Segments are rendered one after the other, because each crossfades from the end of the previous one. A session therefore
occupies at most one worker, has no gaps, and applies changed controls from the next segment that is not rendering.
"""

import logging
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final, Protocol

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from core import activity, focus, ids
from core.errors import SpendCapExceeded
from core.focus import EndReason, PlaybackClock, SessionStatus
from core.jobs import Mode
from core.settings import Settings
from engines.focus_port import BeatGrid, FocusControls, Segment
from engines.registry import EngineRegistry
from resolvers.generations import engines
from resolvers.organizations import spending
from storage.queries import focus as sessions
from storage.redis.events import Event
from storage.tables import FocusSession, Generation

log = logging.getLogger(__name__)

_SEGMENT: Final = TypeAdapter(Segment)


class SchedulingServices(Protocol):
    """The services of a server or worker process that scheduling uses."""

    @property
    def settings(self) -> Settings:
        """The settings of the process."""

    @property
    def engines(self) -> EngineRegistry:
        """The enabled engines."""


def segment_from_row(job: Generation) -> Segment:
    """Return the plan of a segment from the row of its job."""
    return _SEGMENT.validate_python(job.segment)


def controls_from_row(row: FocusSession) -> FocusControls:
    """Return the controls of the next segment."""
    return FocusControls(row.goal, row.intensity, row.divergence, row.prompt)


def clock_from_row(row: FocusSession) -> PlaybackClock:
    """Return the playback clock of a session."""
    return PlaybackClock(row.first_ready_at, row.heard_seconds, row.last_listened_at, row.gap_seconds)


def gap_seconds(settings: Settings, row: FocusSession, now: datetime) -> float:
    """Return for how long the listener has waited for the next segment: how far the clock is past the ready music."""
    if row.first_ready_at is None:
        return 0.0
    return max(clock_from_row(row).playhead_seconds(now, idle_timeout(settings)) - row.ready_seconds, 0.0)


def add_ready_music(settings: Settings, row: FocusSession, seconds: float, now: datetime) -> None:
    """Add the playback time of a segment that is ready now, and end the listener's wait for it."""
    row.first_ready_at = row.first_ready_at or now
    row.gap_seconds += gap_seconds(settings, row, now)
    row.ready_seconds += seconds
    row.is_stalled = False


def idle_timeout(settings: Settings) -> timedelta:
    """Return the time without requests after which a session schedules no more segments."""
    return timedelta(seconds=settings.focus.idle_seconds)


def session_event(row: FocusSession) -> Event:
    """Build the event of a session's latest change; subscribers read the session again."""
    feed = activity.feed_name(row.organization_id, row.user_id)
    return Event(row.id, row.sequence, {"status": row.status.value}, feed)


async def keep_alive(
    session: AsyncSession, services: SchedulingServices, row: FocusSession, now: datetime
) -> Generation | None:
    """Record a request of the listener, which resumes an idle session, and ``advance``."""
    if row.status is not SessionStatus.ACTIVE:
        return None
    idle = idle_timeout(services.settings)
    clock = clock_from_row(row)
    if clock.is_idle(now, idle):
        row.sequence += 1
    clock = clock.advance(now, idle)
    row.heard_seconds, row.last_listened_at = clock.position_seconds, clock.last_listened_at
    if gap_seconds(services.settings, row, now) and not row.is_stalled:
        row.is_stalled = True
        row.sequence += 1
    return await advance(session, services, row, now)


async def advance(
    session: AsyncSession,
    services: SchedulingServices,
    row: FocusSession,
    now: datetime,
    failed: Generation | None = None,
) -> Generation | None:
    """Insert the job of the next segment if it is due, or end the session; return the new job to wake a worker for.

    ``failed`` is a job that ended without success in this transaction.
    """
    if row.status is not SessionStatus.ACTIVE or await sessions.list_segments_in_progress(session, [row.id]):
        return None
    previous = await sessions.find_last_ready_segment(session, row.id)
    index = next_index(previous)
    if index == focus.total_segments(row.target_minutes):
        end(row, SessionStatus.ENDED, EndReason.COMPLETE, now)
        return None
    if not is_due(services.settings, row, index, now):
        return None
    if (
        not _is_engine_available(services, row)
        or await sessions.count_failures(session, row.id, index) >= focus.MAX_JOBS_PER_SEGMENT
    ):
        log.error("focus session ended: segment cannot be rendered", extra={"session": row.id, "segment": index})
        row.problem = await sessions.find_last_failure(session, row.id, index)
        end(row, SessionStatus.ENDED, EndReason.BROKEN, now)
        return None
    try:
        return await insert_segment_job(session, services, row, previous, failed)
    except SpendCapExceeded:
        end(row, SessionStatus.STOPPED_CAP, EndReason.CAP, now)
        return None


async def insert_segment_job(
    session: AsyncSession,
    services: SchedulingServices,
    row: FocusSession,
    previous: Generation | None,
    failed: Generation | None = None,
) -> Generation:
    """Insert the job of the segment after ``previous``, and reserve its cost. Raises SpendCapExceeded.

    The cost of ``failed``, which ended without success in this transaction, is free again.
    """
    plan = _plan_segment(services, row, previous)
    stride = focus.stride_seconds(row.target_minutes, plan.index)
    job = Generation(
        id=ids.new(ids.Kind.GENERATION),
        organization_id=row.organization_id,
        user_id=row.user_id,
        engine=row.engine,
        mode=Mode.FOCUS,
        prompt=row.prompt or row.goal.value,
        duration_seconds=stride,
        instrumental=True,
        seed=row.seed,
        session_id=row.id,
        segment_index=plan.index,
        segment=asdict(plan),
        fingerprint="",
        cost_chf=engines.cost_chf(services.settings, row.engine, stride),
    )
    await spending.reserve(session, row.organization_id, job.cost_chf, failed)
    session.add(job)
    await session.flush()
    return job


async def replan(session: AsyncSession, services: SchedulingServices, row: FocusSession, job: Generation) -> None:
    """Apply the session's controls to a queued job, whose row must be locked, too."""
    previous = await sessions.find_last_ready_segment(session, row.id)
    job.segment = asdict(_plan_segment(services, row, previous))
    job.prompt = row.prompt or row.goal.value


def is_due(settings: Settings, row: FocusSession, index: int, now: datetime) -> bool:
    """Return whether to render a segment now: it is in the look-ahead of the playhead, or the session is prefetched.

    If segments are shorter than planned, the playhead is further in the session than its time: one that is about to run
    out of music gets its next segment in any case.
    """
    if row.prefetch:
        return True
    idle, clock = idle_timeout(settings), clock_from_row(row)
    if clock.is_idle(now, idle):
        return False
    playhead = clock.playhead_seconds(now, idle)
    playing_index = focus.segment_at(row.target_minutes, playhead)
    return index <= playing_index + settings.focus.look_ahead or row.ready_seconds - playhead < focus.SEGMENT_SECONDS


def end(row: FocusSession, status: SessionStatus, reason: EndReason, now: datetime) -> None:
    """End a session; its ready segments stay."""
    row.status, row.end_reason, row.ended_at = status, reason, now
    row.sequence += 1


def next_index(previous: Generation | None) -> int:
    return 0 if previous is None or previous.segment_index is None else previous.segment_index + 1


def _is_engine_available(services: SchedulingServices, row: FocusSession) -> bool:
    # an operator may have disabled the engine since the session started
    info = services.engines.get(row.engine)
    return info is not None and info.supports_focus


def _plan_segment(services: SchedulingServices, row: FocusSession, previous: Generation | None) -> Segment:
    before = segment_from_row(previous) if previous else None
    index, grid_before = next_index(previous), before.grid if before else None
    controls, is_last = controls_from_row(row), index == focus.total_segments(row.target_minutes) - 1
    stride = float(focus.stride_seconds(row.target_minutes, index))
    plan = services.engines.segment_planner(row.engine)
    return Segment(
        index=index,
        session_seed=row.seed,
        controls=controls,
        grid=plan(
            controls,
            row.seed,
            index,
            stride,
            grid_before,
            session_seconds=60.0 * row.target_minutes,
            is_last=is_last,
        ),
        before=grid_before,
        controls_before=before.controls if before else None,
        is_last=is_last,
    )


def stride_seconds(grid: BeatGrid) -> float:
    """Return the time from the start of a rendered segment to the start of the next."""
    return grid.duration_seconds - grid.overlap_ms / 1000
