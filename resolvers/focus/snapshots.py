"""Snapshots of focus sessions: ready segments, the segment in progress, and when to expect the next one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock, focus
from core.focus import SessionStatus
from core.jobs import Status
from core.settings import Settings
from engines.focus_port import Segment
from resolvers.focus import scheduling
from storage.queries import focus as sessions
from storage.tables import FocusSession, Generation, Track

_RELIABLE_PROGRESS: Final = 10
"""Progress in percent from which it predicts the remaining time better than the speed of earlier segments."""


@dataclass(frozen=True, slots=True)
class ReadySegment:
    """A rendered segment: its job, its track, its plan, and its start in the session."""

    job: Generation
    track: Track
    plan: Segment
    start_seconds: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A session at one moment.

    ``render_speed`` is how many seconds it takes to render a second of music, None while unknown. ``rendered`` contains
    segments whose tracks were deleted, ``ready`` does not.
    """

    row: FocusSession
    rendered: Sequence[ReadySegment]
    rendering: Generation | None
    render_speed: float | None
    now: datetime
    settings: Settings

    @property
    def total_segments(self) -> int:
        return focus.total_segments(self.row.target_minutes)

    @property
    def rendered_count(self) -> int:
        """The number of rendered segments, which is the index of the next one."""
        return len(self.rendered)

    @property
    def ready(self) -> Sequence[ReadySegment]:
        return [segment for segment in self.rendered if segment.track.deleted_at is None]

    @property
    def is_active(self) -> bool:
        return self.row.status is SessionStatus.ACTIVE

    @property
    def has_pending_segments(self) -> bool:
        """Whether more segments will be rendered while the listener polls the session."""
        return self.is_active and self.rendered_count < self.total_segments

    @property
    def is_idle(self) -> bool:
        """Whether no segments are scheduled because the listener has not polled the session recently."""
        idle = scheduling.idle_timeout(self.settings)
        is_clock_idle = scheduling.clock_from_row(self.row).is_idle(self.now, idle)
        return self.is_active and is_clock_idle and not self.row.prefetch

    @property
    def playhead_seconds(self) -> float:
        """The playback position of a listener who started when the first segment was ready.

        It waits at the end of the ready music.
        """
        idle = scheduling.idle_timeout(self.settings)
        return min(scheduling.clock_from_row(self.row).playhead_seconds(self.now, idle), self.row.ready_seconds)

    @property
    def is_stalled(self) -> bool:
        """Whether the listener has played all that is ready, and there is a gap until the next segment is ready."""
        return self.has_pending_segments and not self.is_idle and self._open_gap_seconds > 0

    @property
    def gap_seconds(self) -> float:
        """The seconds in which the listener waited for segments that were not ready in time, until now."""
        return self.row.gap_seconds + (self._open_gap_seconds if self.has_pending_segments else 0.0)

    @property
    def _open_gap_seconds(self) -> float:
        return scheduling.gap_seconds(self.settings, self.row, self.now)

    @property
    def next_ready_at(self) -> datetime | None:
        """The estimated time when the next segment is ready; None if none is scheduled or the speed is unknown."""
        if not self.has_pending_segments or self.is_idle or self.render_speed is None:
            return None
        render_time = timedelta(
            seconds=self.render_speed * focus.stride_seconds(self.row.target_minutes, self.rendered_count)
        )
        return max(self._estimate(render_time), self.now)

    def start_seconds(self, index: int) -> float:
        """Return the start of a segment in the session, as planned if it is not rendered yet."""
        if index < self.rendered_count:
            return self.rendered[index].start_seconds
        return focus.planned_start_seconds(self.row.target_minutes, index)

    def _estimate(self, render_time: timedelta) -> datetime:
        job = self.rendering
        if job is None:
            first_needed = max(self.rendered_count - self.settings.focus.look_ahead, 0)
            wait = focus.planned_start_seconds(self.row.target_minutes, first_needed) - self.playhead_seconds
            return self.now + timedelta(seconds=max(wait, 0.0)) + render_time
        if job.status is Status.QUEUED or job.started_at is None:
            return self.now + render_time
        if job.progress >= _RELIABLE_PROGRESS:
            return self.now + (self.now - job.started_at) * ((100 - job.progress) / job.progress)
        return job.started_at + render_time


async def load_one(session: AsyncSession, settings: Settings, row: FocusSession) -> Snapshot:
    return (await load(session, settings, [row]))[0]


async def load(session: AsyncSession, settings: Settings, rows: Sequence[FocusSession]) -> list[Snapshot]:
    """Return a snapshot of each session, in a constant number of queries."""
    session_ids = [row.id for row in rows]
    rendered: dict[str, list[ReadySegment]] = {session_id: [] for session_id in session_ids}
    for job, track in await sessions.list_ready_segments(session, session_ids):
        segments = rendered[str(job.session_id)]
        segments.append(_build_segment(job, track, segments))
    rendering = {job.session_id: job for job in await sessions.list_segments_in_progress(session, session_ids)}
    speeds = await sessions.load_render_speeds(session, {row.engine for row in rows})
    now = clock.now()
    return [
        Snapshot(
            row=row,
            rendered=rendered[row.id],
            rendering=rendering.get(row.id),
            render_speed=_measure_speed(rendered[row.id]) or speeds.get(row.engine),
            now=now,
            settings=settings,
        )
        for row in rows
    ]


def _build_segment(job: Generation, track: Track, previous: Sequence[ReadySegment]) -> ReadySegment:
    start = previous[-1].start_seconds + scheduling.stride_seconds(previous[-1].plan.grid) if previous else 0.0
    return ReadySegment(job, track, scheduling.segment_from_row(job), start)


def _measure_speed(rendered: Sequence[ReadySegment]) -> float | None:
    """Return the render speed of the last three segments, without those that took more than one attempt."""
    durations = [
        ((job.finished_at - job.started_at).total_seconds(), job.duration_seconds)
        for job in (segment.job for segment in rendered[-3:])
        if job.finished_at and job.started_at and job.attempts == 1
    ]
    return sum(taken for taken, _ in durations) / sum(length for _, length in durations) if durations else None
