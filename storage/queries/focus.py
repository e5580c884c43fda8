"""Queries on focus sessions and their segments. A transaction that changes or plans a session must lock it first."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.focus import SessionStatus
from core.jobs import Status
from storage.queries import pagination
from storage.queries.generations import IS_UNFINISHED
from storage.tables import FocusSession, Generation, Track

_IS_READY: Final = col(Generation.status) == Status.SUCCEEDED
_READY_SEGMENTS: Final = (
    select(Generation, Track).join(Track, col(Track.generation_id) == col(Generation.id)).where(_IS_READY)
)
_RECENT_JOBS: Final = 20


async def lock(session: AsyncSession, session_id: str, *, wait: bool = True) -> FocusSession | None:
    """Lock a focus session. Without ``wait``, return None if another transaction holds it."""
    statement = select(FocusSession).where(col(FocusSession.id) == session_id)
    return await session.scalar(statement.with_for_update(key_share=True, skip_locked=not wait))


async def list_ready_segments(
    session: AsyncSession, session_ids: Collection[str]
) -> Sequence[tuple[Generation, Track]]:
    """List the ready segments with their tracks, including deleted ones, in order."""
    statement = _READY_SEGMENTS.where(col(Generation.session_id).in_(session_ids))
    statement = statement.order_by(col(Generation.session_id), col(Generation.segment_index))
    return [(row[0], row[1]) for row in (await session.execute(statement)).all()]


async def list_segments_in_progress(session: AsyncSession, session_ids: Collection[str]) -> Sequence[Generation]:
    """List the segments in progress, at most one of each session."""
    statement = select(Generation).where(col(Generation.session_id).in_(session_ids), IS_UNFINISHED)
    return (await session.scalars(statement)).all()


async def lock_segment_in_progress(session: AsyncSession, session_id: str) -> Generation | None:
    """Lock the segment in progress, so that no worker claims or ends it."""
    statement = select(Generation).where(col(Generation.session_id) == session_id, IS_UNFINISHED)
    # the session may contain the state from before the lock
    return await session.scalar(statement.with_for_update(), execution_options={"populate_existing": True})


async def find_last_ready_segment(session: AsyncSession, session_id: str) -> Generation | None:
    """Find the ready segment with the highest index; all before it are ready, too."""
    statement = (
        select(Generation)
        .where(col(Generation.session_id) == session_id, _IS_READY)
        .order_by(col(Generation.segment_index).desc())
        .limit(1)
    )
    return await session.scalar(statement)


async def find_ready_segment(session: AsyncSession, session_id: str, index: int) -> tuple[Generation, Track] | None:
    """Find a ready segment with its track."""
    is_named = (col(Generation.session_id) == session_id) & (col(Generation.segment_index) == index)
    row = (await session.execute(_READY_SEGMENTS.where(is_named))).one_or_none()
    return (row[0], row[1]) if row else None


async def count_failures(session: AsyncSession, session_id: str, index: int) -> int:
    statement = select(func.count()).where(
        col(Generation.session_id) == session_id,
        col(Generation.segment_index) == index,
        col(Generation.status) == Status.FAILED,
    )
    return await session.scalar(statement) or 0


async def find_last_failure(session: AsyncSession, session_id: str, index: int) -> str | None:
    """Find the message of the last job of a segment that failed."""
    statement = (
        select(col(Generation.error_message))
        .where(
            col(Generation.session_id) == session_id,
            col(Generation.segment_index) == index,
            col(Generation.status) == Status.FAILED,
        )
        .order_by(col(Generation.created_at).desc())
        .limit(1)
    )
    return await session.scalar(statement)


async def list_unscheduled(session: AsyncSession, listened_since: datetime, limit: int = 200) -> Sequence[FocusSession]:
    """List active sessions without a segment in progress that were listened to recently or are to be prefetched."""
    is_needed = or_(col(FocusSession.prefetch), col(FocusSession.last_listened_at) >= listened_since)
    has_segment_in_progress = exists().where(col(Generation.session_id) == col(FocusSession.id), IS_UNFINISHED)
    statement = (
        select(FocusSession)
        .where(col(FocusSession.status) == SessionStatus.ACTIVE, is_needed, ~has_segment_in_progress)
        .order_by(col(FocusSession.last_listened_at).desc())
        .limit(limit)
    )
    return (await session.scalars(statement)).all()


async def count_ready_segments(session: AsyncSession, session_ids: Collection[str]) -> dict[str, int]:
    return await pagination.count_by(session, col(Generation.session_id), session_ids, _IS_READY)


async def load_render_speeds(session: AsyncSession, engines: Collection[str]) -> dict[str, float]:
    """Return the seconds that each engine takes for a second of audio, averaged over recent first attempts."""
    render_seconds = func.extract("epoch", col(Generation.finished_at) - col(Generation.started_at))
    statement = (
        select(col(Generation.engine), render_seconds, col(Generation.duration_seconds))
        .where(col(Generation.engine) == bindparam("engine"), _IS_READY, col(Generation.attempts) == 1)
        .order_by(col(Generation.finished_at).desc())
        .limit(_RECENT_JOBS)
    )
    speeds: dict[str, float] = {}
    for engine in sorted(engines):
        rows = (await session.execute(statement, {"engine": engine})).all()
        if rows:
            speeds[engine] = float(sum(row[1] for row in rows) / sum(row[2] for row in rows))
    return speeds
