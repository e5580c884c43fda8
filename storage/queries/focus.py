"""Queries on focus sessions and their segments. Who changes a session or plans for it holds the session's row lock."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, bindparam, exists, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.focus import SessionStatus
from core.jobs import Status
from storage.queries.generations import Position
from storage.tables import FocusSession, Generation, Track

_IN_PROGRESS: Final = (Status.QUEUED, Status.RUNNING)
_RECENT_JOBS: Final = 20


async def insert_new(session: AsyncSession, row: FocusSession) -> bool:
    """Insert; False when the owner used this idempotency key before."""
    statement = (
        insert(FocusSession)
        .values(row.model_dump())
        .on_conflict_do_nothing(index_elements=["organization_id", "user_id", "idempotency_key"])
        .returning(col(FocusSession.id))
    )
    return await session.scalar(statement) is not None


async def by_idempotency_key(
    session: AsyncSession, organization_id: str, user_id: str, idempotency_key: str
) -> FocusSession | None:
    """The owner's session that was started under this key."""
    statement = select(FocusSession).where(
        *_is_owned(organization_id, user_id), col(FocusSession.idempotency_key) == idempotency_key
    )
    return await session.scalar(statement)


async def lock(session: AsyncSession, session_id: str, *, wait: bool = True) -> FocusSession | None:
    """A session whoever owns it, held to the end; None, too, if somebody else holds it and we are not patient."""
    statement = select(FocusSession).where(col(FocusSession.id) == session_id)
    return await session.scalar(statement.with_for_update(key_share=True, skip_locked=not wait))


async def lock_owned(
    session: AsyncSession, session_id: str, user_id: str, organization_ids: Collection[str]
) -> FocusSession | None:
    """The session if it is this user's in one of these organizations, held to the end."""
    statement = select(FocusSession).where(
        col(FocusSession.id) == session_id,
        col(FocusSession.user_id) == user_id,
        col(FocusSession.organization_id).in_(organization_ids),
    )
    return await session.scalar(statement.with_for_update(key_share=True))


async def page(
    session: AsyncSession, organization_id: str, user_id: str, *, limit: int, after: Position | None = None
) -> Sequence[FocusSession]:
    """At most ``limit`` of the owner's sessions, newest first."""
    keys = (col(FocusSession.created_at), col(FocusSession.id))
    statement = select(FocusSession).where(*_is_owned(organization_id, user_id))
    if after is not None:
        statement = statement.where(tuple_(*keys) < tuple_(*after))
    return (await session.scalars(statement.order_by(*(key.desc() for key in keys)).limit(limit))).all()


async def count(session: AsyncSession, organization_id: str, user_id: str) -> int:
    """How many sessions the owner has."""
    statement = select(func.count()).select_from(FocusSession).where(*_is_owned(organization_id, user_id))
    return await session.scalar(statement) or 0


async def list_ready_segments(
    session: AsyncSession, session_ids: Collection[str]
) -> Sequence[tuple[Generation, Track]]:
    """The segments that are made, with their tracks (deleted ones too), in order."""
    statement = (
        select(Generation, Track)
        .join(Track, col(Track.generation_id) == col(Generation.id))
        .where(col(Generation.session_id).in_(session_ids), col(Generation.status) == Status.SUCCEEDED)
        .order_by(col(Generation.session_id), col(Generation.segment_index))
    )
    return [(row[0], row[1]) for row in (await session.execute(statement)).all()]


async def list_segments_in_progress(session: AsyncSession, session_ids: Collection[str]) -> Sequence[Generation]:
    """The segments in the making: one of each session at most."""
    statement = select(Generation).where(
        col(Generation.session_id).in_(session_ids), col(Generation.status).in_(_IN_PROGRESS)
    )
    return (await session.scalars(statement)).all()


async def lock_segment_in_progress(session: AsyncSession, session_id: str) -> Generation | None:
    """The segment in the making, held to the end: no worker takes it or ends it meanwhile."""
    statement = select(Generation).where(
        col(Generation.session_id) == session_id, col(Generation.status).in_(_IN_PROGRESS)
    )
    # it may have been read before it was held
    return await session.scalar(statement.with_for_update(), execution_options={"populate_existing": True})


async def find_last_ready_segment(session: AsyncSession, session_id: str) -> Generation | None:
    """The segment that was made last; all before it are made, too."""
    statement = (
        select(Generation)
        .where(col(Generation.session_id) == session_id, col(Generation.status) == Status.SUCCEEDED)
        .order_by(col(Generation.segment_index).desc())
        .limit(1)
    )
    return await session.scalar(statement)


async def find_ready_segment(session: AsyncSession, session_id: str, index: int) -> tuple[Generation, Track] | None:
    """A segment that is made, with its track."""
    statement = (
        select(Generation, Track)
        .join(Track, col(Track.generation_id) == col(Generation.id))
        .where(
            col(Generation.session_id) == session_id,
            col(Generation.segment_index) == index,
            col(Generation.status) == Status.SUCCEEDED,
        )
    )
    row = (await session.execute(statement)).one_or_none()
    return (row[0], row[1]) if row else None


async def count_failures(session: AsyncSession, session_id: str, index: int) -> int:
    """How many jobs of a segment have failed for good."""
    statement = select(func.count()).where(
        col(Generation.session_id) == session_id,
        col(Generation.segment_index) == index,
        col(Generation.status) == Status.FAILED,
    )
    return await session.scalar(statement) or 0


async def list_unscheduled(session: AsyncSession, listened_since: datetime, limit: int = 200) -> Sequence[FocusSession]:
    """Active sessions that somebody listens to, or wants whole, and of which nothing is in the making."""
    is_wanted = or_(col(FocusSession.prefetch), col(FocusSession.last_listened_at) >= listened_since)
    is_in_the_making = exists().where(
        col(Generation.session_id) == col(FocusSession.id), col(Generation.status).in_(_IN_PROGRESS)
    )
    statement = (
        select(FocusSession)
        .where(col(FocusSession.status) == SessionStatus.ACTIVE, is_wanted, ~is_in_the_making)
        .order_by(col(FocusSession.last_listened_at).desc())
        .limit(limit)
    )
    return (await session.scalars(statement)).all()


async def count_ready_segments(session: AsyncSession, session_ids: Collection[str]) -> dict[str, int]:
    """How many segments of each session are made."""
    statement = (
        select(col(Generation.session_id), func.count())
        .where(col(Generation.session_id).in_(session_ids), col(Generation.status) == Status.SUCCEEDED)
        .group_by(col(Generation.session_id))
    )
    found = {str(row[0]): int(row[1]) for row in (await session.execute(statement)).all()}
    return {session_id: found.get(session_id, 0) for session_id in session_ids}


async def render_speeds(session: AsyncSession, engines: Collection[str]) -> dict[str, float]:
    """How long a second of music takes to make, by engine: of the latest jobs that needed one try."""
    took = func.extract("epoch", col(Generation.finished_at) - col(Generation.started_at))
    statement = (
        select(col(Generation.engine), took, col(Generation.duration_seconds))
        .where(
            col(Generation.engine) == bindparam("engine"),
            col(Generation.status) == Status.SUCCEEDED,
            col(Generation.attempts) == 1,
        )
        .order_by(col(Generation.finished_at).desc())
        .limit(_RECENT_JOBS)
    )
    found: dict[str, float] = {}
    for engine in sorted(engines):
        rows = (await session.execute(statement, {"engine": engine})).all()
        if rows:
            found[engine] = float(sum(row[1] for row in rows) / sum(row[2] for row in rows))
    return found


def _is_owned(organization_id: str, user_id: str) -> list[ColumnElement[bool]]:
    return [col(FocusSession.organization_id) == organization_id, col(FocusSession.user_id) == user_id]
