"""What a focus session makes next, and when. Whoever asks holds the session's row lock; servers and workers do.

Segments are made one after the other: each is joined to the end of the one before. So a session never holds more than
one worker, has no holes, and takes a change of its controls as soon as there is something left to change.
"""

import logging
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final, Protocol

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from core import activity, focus, ids, playback_clock
from core.errors import SpendCapExceeded
from core.focus import SessionStatus
from core.jobs import Mode
from core.playback_clock import EndReason, PlaybackClock
from core.settings import Settings
from engines.focus_port import BeatGrid, Controls, Segment
from engines.registry import EngineRegistry
from resolvers.generations import engines
from resolvers.organizations import spending
from storage.queries import focus as sessions
from storage.redis.events import Event
from storage.tables import FocusSession, Generation

log = logging.getLogger(__name__)

_SEGMENT: Final = TypeAdapter(Segment)


class SchedulingServices(Protocol):
    """What planning needs of a process, server or worker."""

    @property
    def settings(self) -> Settings:
        """All settings."""

    @property
    def engines(self) -> EngineRegistry:
        """The engines on offer."""


def segment_from_row(job: Generation) -> Segment:
    """What the job of a segment is to make."""
    return _SEGMENT.validate_python(job.segment)


def controls_from_row(row: FocusSession) -> Controls:
    """What the listener has set for the segments to come."""
    return Controls(row.goal, row.intensity, row.divergence, row.prompt)


def clock_from_row(row: FocusSession) -> PlaybackClock:
    """What is known of the listener."""
    return PlaybackClock(row.first_ready_at, row.heard_seconds, row.last_listened_at)


def idle_timeout(settings: Settings) -> timedelta:
    """How long a session goes on that nobody asks for."""
    return timedelta(seconds=settings.focus.idle_seconds)


def session_event(row: FocusSession) -> Event:
    """What the feed tells of a session: that there is something new to read."""
    feed = activity.feed_name(row.organization_id, row.user_id)
    return Event(row.id, row.sequence, {"status": row.status.value}, feed)


async def keep_alive(
    session: AsyncSession, parts: SchedulingServices, row: FocusSession, now: datetime
) -> Generation | None:
    """The listener is there: their clock runs, an idle session wakes. The job to wake a worker for, if there is one."""
    if row.status is not SessionStatus.ACTIVE:
        return None
    idle = idle_timeout(parts.settings)
    heard = clock_from_row(row)
    if heard.is_idle(now, idle):
        row.sequence += 1
    heard = heard.advance(now, idle)
    row.heard_seconds, row.last_listened_at = heard.position_seconds, heard.last_listened_at
    return await advance(session, parts, row, now)


async def advance(
    session: AsyncSession, parts: SchedulingServices, row: FocusSession, now: datetime
) -> Generation | None:
    """Take the next step of a session, if it is due: a new job, or the end. The new job."""
    if row.status is not SessionStatus.ACTIVE or await sessions.list_segments_in_progress(session, [row.id]):
        return None
    before = await sessions.find_last_ready_segment(session, row.id)
    index = next_index(before)
    if index == focus.total_segments(row.target_minutes):
        end(row, SessionStatus.ENDED, EndReason.COMPLETE, now)
        return None
    if not is_due(parts.settings, row, index, now):
        return None
    if (
        not _can_be_made(parts, row)
        or await sessions.count_failures(session, row.id, index) >= playback_clock.MAX_JOBS_PER_SEGMENT
    ):
        log.error("segment cannot be made", extra={"session": row.id, "segment": index})
        end(row, SessionStatus.ENDED, EndReason.BROKEN, now)
        return None
    try:
        return await insert_segment_job(session, parts, row, before)
    except SpendCapExceeded:
        end(row, SessionStatus.STOPPED_CAP, EndReason.CAP, now)
        return None


async def insert_segment_job(
    session: AsyncSession, parts: SchedulingServices, row: FocusSession, before: Generation | None
) -> Generation:
    """The job of the segment behind ``before``. Raises SpendCapExceeded."""
    index = next_index(before)
    stride = focus.stride_seconds(row.target_minutes, index)
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
        segment_index=index,
        segment=asdict(_plan(parts, row, index, segment_from_row(before) if before else None)),
        fingerprint="",
        cost_chf=engines.cost_chf(parts.settings, row.engine, stride),
    )
    await spending.reserve(session, row.organization_id, job.cost_chf)
    session.add(job)
    await session.flush()
    return job


async def replan(session: AsyncSession, parts: SchedulingServices, row: FocusSession, job: Generation) -> None:
    """Give a job that no worker has taken the session's present controls. Whoever asks holds the job's row, too."""
    last = await sessions.find_last_ready_segment(session, row.id)
    job.segment = asdict(_plan(parts, row, next_index(last), segment_from_row(last) if last else None))
    job.prompt = row.prompt or row.goal.value


def is_due(settings: Settings, row: FocusSession, index: int, now: datetime) -> bool:
    """Whether a segment shall be made by now: wanted whole, or near enough to where the listener is."""
    if row.prefetch:
        return True
    idle, heard = idle_timeout(settings), clock_from_row(row)
    plays = playback_clock.segment_at(row.target_minutes, heard.playhead_seconds(now, idle))
    return not heard.is_idle(now, idle) and index <= plays + settings.focus.look_ahead


def end(row: FocusSession, status: SessionStatus, reason: EndReason, now: datetime) -> None:
    """Let nothing new be made; what is ready stays."""
    row.status, row.end_reason, row.ended_at = status, reason, now
    row.sequence += 1


def next_index(before: Generation | None) -> int:
    """The index of the segment that follows."""
    return 0 if before is None or before.segment_index is None else before.segment_index + 1


def _can_be_made(parts: SchedulingServices, row: FocusSession) -> bool:
    """An operator may have taken the engine away meanwhile."""
    card = parts.engines.get(row.engine)
    return card is not None and card.supports_focus


def _plan(parts: SchedulingServices, row: FocusSession, index: int, before: Segment | None) -> Segment:
    controls, is_last = controls_from_row(row), index == focus.total_segments(row.target_minutes) - 1
    stride = float(focus.stride_seconds(row.target_minutes, index))
    grid = parts.engines.segment_planner(row.engine)(
        controls, row.seed, index, stride, before.grid if before else None, is_last=is_last
    )
    return Segment(
        index=index,
        session_seed=row.seed,
        controls=controls,
        grid=grid,
        before=before.grid if before else None,
        controls_before=before.controls if before else None,
        is_last=is_last,
    )


def stride_seconds(grid: BeatGrid) -> float:
    """From the start of a segment to the start of the next, as it was made."""
    return grid.duration_seconds - grid.overlap_ms / 1000
