"""Queries on generations. A state change is one conditional UPDATE; no row means that another process was first."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Update, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core import jobs
from core.jobs import Status
from storage.postgres.compiled import RowType
from storage.queries import owned
from storage.queries.owned import is_owned
from storage.queries.pagination import Position
from storage.tables import Generation

ROWS: Final = RowType(Generation)
"""Rows without a session, which cost a fraction of those of the ORM."""

IS_UNFINISHED: Final = col(Generation.status).in_((Status.QUEUED, Status.RUNNING))


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
    """List a page of the owner's generations without segments, newest first."""
    owner = (organization_id, user_id)
    return await owned.page(session, Generation, *owner, is_listed(status), limit=limit, offset=offset, after=after)


async def count(session: AsyncSession, organization_id: str, user_id: str, *, status: Status | None) -> int:
    """Count the owner's generations without segments."""
    return await owned.count(session, Generation, organization_id, user_id, is_listed(status))


async def renew_lease(
    session: AsyncSession, generation_id: str, fence: int, *, progress: int, stage: str, lease: timedelta
) -> Generation | None:
    """Record progress and renew the lease by the clock of Postgres. The row contains a request to cancel the job."""
    return await _update(
        session,
        _is_claimed(generation_id, fence),
        progress=func.greatest(col(Generation.progress), progress),
        stage=stage,
        lease_expires_at=func.now() + lease,
    )


async def lock_claimed(session: AsyncSession, generation_id: str, fence: int) -> bool:
    """Lock a claimed job until the end of the transaction; return False if the claim is lost."""
    statement = select(col(Generation.id)).where(_is_claimed(generation_id, fence)).with_for_update()
    return await session.scalar(statement) is not None


async def finish(
    session: AsyncSession,
    generation_id: str,
    fence: int,
    status: Status,
    now: datetime,
    error_message: str | None = None,
) -> Generation | None:
    values: dict[str, Any] = {"progress": 100} if status is Status.SUCCEEDED else {}
    return await _update(
        session,
        _is_claimed(generation_id, fence),
        status=status,
        finished_at=now,
        lease_expires_at=None,
        stage=None,
        error_message=error_message,
        **values,
    )


async def cancel(session: AsyncSession, generation_id: str, fence: int, now: datetime) -> Generation | None:
    return await finish(session, generation_id, fence, Status.CANCELLED, now)


async def succeed(session: AsyncSession, generation_id: str, fence: int, now: datetime) -> Generation | None:
    """End a claimed job as succeeded, or as cancelled if its owner has requested that."""
    cancel_requested_at = await session.scalar(
        select(col(Generation.cancel_requested_at)).where(col(Generation.id) == generation_id).with_for_update()
    )
    status = Status.SUCCEEDED if cancel_requested_at is None else Status.CANCELLED
    return await finish(session, generation_id, fence, status, now)


async def requeue(
    session: AsyncSession, generation_id: str, fence: int, *, counts_as_attempt: bool, delay: timedelta | None = None
) -> Generation | None:
    """Release the claim; the job is due again after the delay."""
    return await _update(
        session,
        _is_claimed(generation_id, fence),
        status=Status.QUEUED,
        lease_expires_at=None,
        stage=None,
        attempts=Generation.attempts if counts_as_attempt else Generation.attempts - 1,
        retry_at=None if delay is None else func.now() + delay,
    )


async def park(
    session: AsyncSession,
    generation_id: str,
    fence: int,
    *,
    progress: int,
    stage: str,
    delay: timedelta,
    counts_as_attempt: bool = False,
) -> Generation | None:
    """Release a claim while a peer works; the next step of the job, which stays running, is due after the delay.

    A step that went well ends the count of attempts. A job that is to be cancelled is due at once.
    """
    due_at = func.now() + case((col(Generation.cancel_requested_at).is_(None), delay), else_=timedelta(0))
    return await _update(
        session,
        _is_claimed(generation_id, fence),
        progress=func.greatest(col(Generation.progress), progress),
        stage=stage,
        attempts=Generation.attempts if counts_as_attempt else 0,
        lease_expires_at=due_at,
        next_step_at=due_at,
    )


async def request_cancel(session: AsyncSession, generation_id: str, now: datetime) -> Generation | None:
    """Request that the worker cancels a running job. The next step of a job at a peer is due at once."""
    is_running = (col(Generation.id) == generation_id) & (col(Generation.status) == Status.RUNNING)
    is_parked = col(Generation.next_step_at).is_not(None)
    expires_at = col(Generation.lease_expires_at)
    return await _update(
        session,
        is_running & col(Generation.cancel_requested_at).is_(None),
        cancel_requested_at=now,
        lease_expires_at=case((is_parked, func.least(expires_at, func.now())), else_=expires_at),
    )


async def cancel_queued(session: AsyncSession, generation_id: str, now: datetime) -> Generation | None:
    """Cancel a job that no worker has claimed."""
    return await _update(
        session,
        (col(Generation.id) == generation_id) & (col(Generation.status) == Status.QUEUED),
        status=Status.CANCELLED,
        cancel_requested_at=now,
        finished_at=now,
        stage=None,
    )


def is_visible(
    user_id: str | ColumnElement[str], organization_ids: Collection[str] | ColumnElement[Any]
) -> ColumnElement[bool]:
    """Match generations that the user owns in these organizations, without segments."""
    return is_listed() & is_owned(Generation, user_id, organization_ids)


def is_listed(status: Status | None = None) -> ColumnElement[bool]:
    """Match generations that are not segments, with this or any status."""
    is_no_segment = col(Generation.session_id).is_(None)
    return is_no_segment if status is None else is_no_segment & (col(Generation.status) == status)


def _is_claimed(generation_id: str, fence: int) -> ColumnElement[bool]:
    is_running = col(Generation.status).in_(jobs.source_states(Status.SUCCEEDED))
    is_held = is_running & col(Generation.next_step_at).is_(None)
    return (col(Generation.id) == generation_id) & (col(Generation.fence) == fence) & is_held


async def _update(
    session: AsyncSession,
    condition: ColumnElement[bool],
    **values: Any,  # noqa: ANN401  of any column
) -> Generation | None:
    """Update a generation and take its next event number; return the new row, or None if the condition fails."""
    statement: Update = update(Generation).where(condition)
    statement = statement.values(**values, sequence=Generation.sequence + 1)
    return await session.scalar(statement.returning(Generation), execution_options={"populate_existing": True})
