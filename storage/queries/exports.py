"""Queries on exports. Every move is one conditional UPDATE: no row means that somebody else was first."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.exports import ExportStatus
from storage.tables import Export

Position = tuple[datetime, str]

_ACTIVE = (ExportStatus.QUEUED, ExportStatus.RUNNING)


async def request(session: AsyncSession, row: Export) -> Export:
    """Insert; or the one of this user's that is in the making."""
    statement = insert(Export).values(row.model_dump()).on_conflict_do_nothing().returning(col(Export.id))
    if await session.scalar(statement) is not None:
        return row
    making = select(Export).where(col(Export.user_id) == row.user_id, col(Export.status).in_(_ACTIVE))
    return await session.scalar(making) or row


async def page(
    session: AsyncSession, organization_id: str, user_id: str, *, limit: int, after: Position | None
) -> Sequence[Export]:
    """A user's exports, newest first."""
    keys = (col(Export.created_at), col(Export.id))
    statement = select(Export).where(col(Export.organization_id) == organization_id, col(Export.user_id) == user_id)
    if after is not None:
        statement = statement.where(tuple_(*keys) < tuple_(*after))
    return (await session.scalars(statement.order_by(*(key.desc() for key in keys)).limit(limit))).all()


async def count(session: AsyncSession, organization_id: str, user_id: str) -> int:
    """How many there are."""
    statement = select(func.count()).where(
        col(Export.organization_id) == organization_id, col(Export.user_id) == user_id
    )
    return await session.scalar(statement) or 0


async def list_owned(
    session: AsyncSession, export_ids: Collection[str], user_id: str, organization_ids: Collection[str]
) -> Sequence[Export]:
    """Those of the exports that are this user's in one of these organizations."""
    statement = select(Export).where(
        col(Export.id).in_(export_ids),
        col(Export.user_id) == user_id,
        col(Export.organization_id).in_(organization_ids),
    )
    return (await session.scalars(statement)).all()


async def is_downloadable(session: AsyncSession, blob_key: str, organization_id: str) -> bool:
    """Whether this file is an export of this organization that has not expired."""
    statement = select(Export).where(
        col(Export.blob_key) == blob_key,
        col(Export.organization_id) == organization_id,
        col(Export.expires_at) > func.now(),
    )
    return bool(await session.scalar(select(statement.exists())))


async def claim(session: AsyncSession, lease: timedelta) -> Export | None:
    """Take the export whose turn it is, or one whose worker has fallen silent. Postgres' clock decides."""
    is_silent = (col(Export.status) == ExportStatus.RUNNING) & (col(Export.lease_expires_at) < func.now())
    due = (
        select(col(Export.id))
        .where((col(Export.status) == ExportStatus.QUEUED) | is_silent)
        .order_by(col(Export.created_at))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    statement = (
        update(Export)
        .where(col(Export.id) == due.scalar_subquery())
        .values(
            status=ExportStatus.RUNNING,
            attempts=Export.attempts + 1,
            fence=Export.fence + 1,
            lease_expires_at=func.now() + lease,
        )
        .returning(Export)
    )
    return await session.scalar(statement)


async def renew_lease(session: AsyncSession, row: Export, progress: int, lease: timedelta) -> bool:
    """Renew the lease; False when the claim is somebody else's by now."""
    values = {"progress": func.greatest(col(Export.progress), progress), "lease_expires_at": func.now() + lease}
    return await _update_claimed(session, row, **values)


async def succeed(
    session: AsyncSession, row: Export, blob_key: str, size_bytes: int, counts: tuple[int, int], lifetime: timedelta
) -> bool:
    """The archive is there; the user's earlier ones can be fetched no more. ``counts`` are tracks and missing files."""
    done = await _update_claimed(
        session,
        row,
        status=ExportStatus.SUCCEEDED,
        progress=100,
        lease_expires_at=None,
        blob_key=blob_key,
        size_bytes=size_bytes,
        track_count=counts[0],
        missing_count=counts[1],
        finished_at=func.now(),
        expires_at=func.now() + lifetime,
    )
    if done:
        earlier = update(Export).where(
            col(Export.user_id) == row.user_id,
            col(Export.organization_id) == row.organization_id,
            col(Export.id) != row.id,
            col(Export.blob_key).is_not(None),
        )
        await session.execute(earlier.values(blob_key=None, expires_at=func.least(col(Export.expires_at), func.now())))
    return done


async def requeue(session: AsyncSession, row: Export, *, counts_as_attempt: bool) -> bool:
    """Somebody else may try."""
    attempts = col(Export.attempts) if counts_as_attempt else col(Export.attempts) - 1
    return await _update_claimed(session, row, status=ExportStatus.QUEUED, attempts=attempts, lease_expires_at=None)


async def fail(session: AsyncSession, row: Export) -> bool:
    """Given up."""
    return await _update_claimed(
        session, row, status=ExportStatus.FAILED, lease_expires_at=None, finished_at=func.now()
    )


async def expire_archives(session: AsyncSession) -> int:
    """Let go of the archives whose time is over; how many."""
    statement = update(Export).where(col(Export.blob_key).is_not(None), col(Export.expires_at) < func.now())
    return len((await session.scalars(statement.values(blob_key=None).returning(col(Export.id)))).all())


async def _update_claimed(session: AsyncSession, row: Export, **values: object) -> bool:
    """Under the number of this claim only."""
    statement = update(Export).where(
        col(Export.id) == row.id, col(Export.fence) == row.fence, col(Export.status) == ExportStatus.RUNNING
    )
    return await session.scalar(statement.values(**values).returning(col(Export.id))) is not None
