"""Queries on generations. Every move is one conditional UPDATE: no rows means that somebody else was first."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Update, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core import jobs
from core.jobs import Status
from storage.tables import Generation, metadata
from storage.tables.columns import is_any_of

Position = tuple[datetime, str]
"""Where a row stands in a list that is sorted by (created_at, id)."""


_TABLE: Final = metadata.tables["generations"]
_INSERT: Final = (
    insert(_TABLE)
    .on_conflict_do_nothing(index_elements=["organization_id", "user_id", "idempotency_key"])
    .returning(_TABLE.c.id)
)
"""Put together once, as all that each submit asks: that costs SQLAlchemy more than asking it."""


async def insert_new(session: AsyncSession, row: Generation) -> bool:
    """Insert; False when the owner used this idempotency key before."""
    return await session.scalar(_INSERT, row.model_dump()) is not None


async def by_idempotency_key(
    session: AsyncSession, organization_id: str, user_id: str, idempotency_key: str
) -> Generation | None:
    """The owner's job that was made under this key."""
    statement = select(Generation).where(
        col(Generation.organization_id) == organization_id,
        col(Generation.user_id) == user_id,
        col(Generation.idempotency_key) == idempotency_key,
    )
    return await session.scalar(statement)


async def get(session: AsyncSession, generation_id: str) -> Generation | None:
    """A job whoever owns it; for workers."""
    return await session.get(Generation, generation_id)


async def owned(
    session: AsyncSession, generation_id: str, user_id: str, organization_ids: Collection[str], *, lock: bool = False
) -> Generation | None:
    """The job if it is this user's in one of these organizations, and not of a focus session."""
    statement = select(Generation).where(col(Generation.id) == generation_id, *is_owned(user_id, organization_ids))
    return await session.scalar(statement.with_for_update() if lock else statement)


async def those(
    session: AsyncSession, generation_ids: Collection[str], user_id: str, organization_ids: Collection[str]
) -> Sequence[Generation]:
    """Those of the jobs that are this user's in one of these organizations."""
    statement = select(Generation).where(col(Generation.id).in_(generation_ids), *is_owned(user_id, organization_ids))
    return (await session.scalars(statement)).all()


async def page(
    session: AsyncSession,
    organization_id: str,
    user_id: str,
    *,
    status: Status | None,
    limit: int,
    offset: int = 0,
    after: Position | None = None,
) -> Sequence[Generation]:
    """At most ``limit`` of the owner's jobs, newest first, ``offset`` behind the position if one is given."""
    keys = (col(Generation.created_at), col(Generation.id))
    statement = select(Generation).where(*_is_listed(organization_id, user_id))
    if status is not None:
        statement = statement.where(col(Generation.status) == status)
    if after is not None:
        statement = statement.where(tuple_(*keys) < tuple_(*after))
    statement = statement.order_by(*(key.desc() for key in keys))
    return (await session.scalars(statement.limit(limit).offset(offset))).all()


async def count(session: AsyncSession, organization_id: str, user_id: str, *, status: Status | None) -> int:
    """How many jobs the owner has."""
    statement = select(func.count()).where(*_is_listed(organization_id, user_id))
    if status is not None:
        statement = statement.where(col(Generation.status) == status)
    return await session.scalar(statement) or 0


async def advance(
    session: AsyncSession, generation_id: str, fence: int, *, progress: int, stage: str, lease: timedelta
) -> Generation | None:
    """Write progress and renew the lease, by Postgres' own clock; the row tells whether the job shall be cancelled."""
    return await _change(
        session,
        _held(generation_id, fence),
        progress=func.greatest(col(Generation.progress), progress),
        stage=stage,
        lease_expires_at=func.now() + lease,
    )


async def finish(
    session: AsyncSession,
    generation_id: str,
    fence: int,
    status: Status,
    now: datetime,
    error_message: str | None = None,
) -> Generation | None:
    """End a job that this fencing number holds."""
    values: dict[str, Any] = {"progress": 100} if status is Status.SUCCEEDED else {}
    return await _change(
        session,
        _held(generation_id, fence),
        status=status,
        finished_at=now,
        lease_expires_at=None,
        stage=None,
        error_message=error_message,
        **values,
    )


async def cancel(session: AsyncSession, generation_id: str, fence: int, now: datetime) -> Generation | None:
    """End a job that this fencing number holds, without success."""
    return await finish(session, generation_id, fence, Status.CANCELLED, now)


async def succeed(session: AsyncSession, generation_id: str, fence: int, now: datetime) -> Generation | None:
    """End a job that this fencing number holds: with success, unless its owner took it back meanwhile."""
    flagged = await session.scalar(
        select(col(Generation.cancel_requested_at)).where(col(Generation.id) == generation_id).with_for_update()
    )
    status = Status.SUCCEEDED if flagged is None else Status.CANCELLED
    return await finish(session, generation_id, fence, status, now)


async def requeue(
    session: AsyncSession, generation_id: str, fence: int, *, counts: bool, rest: timedelta | None = None
) -> Generation | None:
    """Give a job back to the queue, to ``rest`` there for so long before the next try.

    ``counts`` says whether the attempt was the job's own fault.
    """
    return await _change(
        session,
        _held(generation_id, fence),
        status=Status.QUEUED,
        lease_expires_at=None,
        stage=None,
        attempts=Generation.attempts if counts else Generation.attempts - 1,
        retry_at=None if rest is None else func.now() + rest,
    )


async def request_cancel(session: AsyncSession, generation_id: str, now: datetime) -> Generation | None:
    """Flag a running job, for its worker to see."""
    return await _change(
        session,
        update(Generation).where(
            col(Generation.id) == generation_id,
            col(Generation.status) == Status.RUNNING,
            col(Generation.cancel_requested_at).is_(None),
        ),
        cancel_requested_at=now,
    )


async def cancel_queued(session: AsyncSession, generation_id: str, now: datetime) -> Generation | None:
    """End a job that no worker holds."""
    return await _change(
        session,
        update(Generation).where(col(Generation.id) == generation_id, col(Generation.status) == Status.QUEUED),
        status=Status.CANCELLED,
        cancel_requested_at=now,
        finished_at=now,
        stage=None,
    )


def is_owned(
    user_id: str | ColumnElement[str], organization_ids: Collection[str] | ColumnElement[Any]
) -> list[ColumnElement[bool]]:
    """Whether a job is this user's in one of these organizations, and not of a focus session."""
    return [
        col(Generation.session_id).is_(None),
        col(Generation.user_id) == user_id,
        is_any_of(col(Generation.organization_id), organization_ids),
    ]


def _is_listed(organization_id: str, user_id: str) -> list[ColumnElement[bool]]:
    """The owner's jobs; those of segments are shown by their sessions."""
    return [
        col(Generation.organization_id) == organization_id,
        col(Generation.user_id) == user_id,
        col(Generation.session_id).is_(None),
    ]


def _held(generation_id: str, fence: int) -> Update:
    return update(Generation).where(
        col(Generation.id) == generation_id,
        col(Generation.fence) == fence,
        col(Generation.status).in_(jobs.sources(Status.SUCCEEDED)),
    )


async def _change(session: AsyncSession, statement: Update, **values: Any) -> Generation | None:  # noqa: ANN401
    """Run a conditional update that also takes the next event number; the new row, or None."""
    changed = statement.values(**values, sequence=Generation.sequence + 1).returning(Generation)
    return await session.scalar(changed, execution_options={"populate_existing": True})
