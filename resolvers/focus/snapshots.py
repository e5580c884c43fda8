"""What there is to see of focus sessions: the segments that are ready, what is in the making, and when to come back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock, focus, playback_clock
from core.focus import SessionStatus
from core.jobs import Status
from core.settings import Settings
from engines.focus_port import Segment
from resolvers.focus import scheduling
from storage.queries import focus as sessions
from storage.tables import FocusSession, Generation, Track

_TELLING: Final = 10
"""Percent done from which on a segment's own progress tells more than how long others took."""


@dataclass(frozen=True, slots=True)
class ReadySegment:
    """A segment that can be played: the job that made it, its track, its plan, and where it begins."""

    job: Generation
    track: Track
    plan: Segment
    start_seconds: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A session at one moment. ``pace`` is how long a second of music takes to make; None while nobody knows."""

    row: FocusSession
    rendered: Sequence[ReadySegment]
    rendering: Generation | None
    render_speed: float | None
    now: datetime
    settings: Settings

    @property
    def total_segments(self) -> int:
        """As planned."""
        return focus.total_segments(self.row.target_minutes)

    @property
    def rendered_count(self) -> int:
        """How many segments were made; they come in order, so the next one has this index."""
        return len(self.rendered)

    @property
    def ready(self) -> Sequence[ReadySegment]:
        """The segments that can be played: those made whose tracks were not deleted since."""
        return [segment for segment in self.rendered if segment.track.deleted_at is None]

    @property
    def is_active(self) -> bool:
        """Whether more may come."""
        return self.row.status is SessionStatus.ACTIVE

    @property
    def has_pending_segments(self) -> bool:
        """Whether more will come, sooner or later."""
        return self.is_active and self.rendered_count < self.total_segments

    @property
    def is_idle(self) -> bool:
        """Whether it rests because nobody asked for it of late."""
        idle = scheduling.idle_timeout(self.settings)
        is_resting = scheduling.clock_from_row(self.row).is_idle(self.now, idle)
        return self.is_active and is_resting and not self.row.prefetch

    @property
    def playhead_seconds(self) -> float:
        """How much of the music has run for somebody who began when the first segment was ready."""
        idle = scheduling.idle_timeout(self.settings)
        return scheduling.clock_from_row(self.row).playhead_seconds(self.now, idle)

    @property
    def next_ready_at(self) -> datetime | None:
        """When the next segment can be expected; None if none can."""
        if not self.has_pending_segments or self.is_idle or self.render_speed is None:
            return None
        takes = timedelta(
            seconds=self.render_speed * focus.stride_seconds(self.row.target_minutes, self.rendered_count)
        )
        return max(self._expected(takes), self.now)

    def start_seconds(self, index: int) -> float:
        """Where a segment begins that need not be made yet."""
        if index < self.rendered_count:
            return self.rendered[index].start_seconds
        return playback_clock.planned_start_seconds(self.row.target_minutes, index)

    def _expected(self, takes: timedelta) -> datetime:
        job = self.rendering
        if job is None:
            first_needed = max(self.rendered_count - self.settings.focus.look_ahead, 0)
            wait = playback_clock.planned_start_seconds(self.row.target_minutes, first_needed) - self.playhead_seconds
            return self.now + timedelta(seconds=max(wait, 0.0)) + takes
        if job.status is Status.QUEUED or job.started_at is None:
            return self.now + takes
        if job.progress >= _TELLING:
            return self.now + (self.now - job.started_at) * ((100 - job.progress) / job.progress)
        return job.started_at + takes


async def load(session: AsyncSession, settings: Settings, rows: Sequence[FocusSession]) -> list[Snapshot]:
    """What there is to see of these sessions, in a number of queries that does not depend on how many they are."""
    session_ids = [row.id for row in rows]
    made: dict[str, list[ReadySegment]] = {session_id: [] for session_id in session_ids}
    for job, track in await sessions.list_ready_segments(session, session_ids):
        made[str(job.session_id)].append(_ready(job, track, made[str(job.session_id)]))
    making = {job.session_id: job for job in await sessions.list_segments_in_progress(session, session_ids)}
    paces = await sessions.load_render_speeds(session, {row.engine for row in rows})
    now = clock.now()
    return [
        Snapshot(
            row=row,
            rendered=made[row.id],
            rendering=making.get(row.id),
            render_speed=_own_pace(made[row.id]) or paces.get(row.engine),
            now=now,
            settings=settings,
        )
        for row in rows
    ]


def _ready(job: Generation, track: Track, before: Sequence[ReadySegment]) -> ReadySegment:
    begins = before[-1].start_seconds + scheduling.stride_seconds(before[-1].plan.grid) if before else 0.0
    return ReadySegment(job, track, scheduling.segment_from_row(job), begins)


def _own_pace(made: Sequence[ReadySegment]) -> float | None:
    """How fast the last segments of this session came, as workers took no second try."""
    spans = [
        ((job.finished_at - job.started_at).total_seconds(), job.duration_seconds)
        for job in (segment.job for segment in made[-3:])
        if job.finished_at and job.started_at and job.attempts == 1
    ]
    return sum(took for took, _ in spans) / sum(length for _, length in spans) if spans else None
