"""Queries on exports. A state change is one conditional UPDATE; no row means that the claim is lost."""

from datetime import timedelta
from typing import Final

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.exports import ExportStatus
from storage.queries.owned import is_owned_in
from storage.tables import Export

_ACTIVE = (ExportStatus.QUEUED, ExportStatus.RUNNING)


async def request(session: AsyncSession, row: Export) -> Export:
    """Insert an export; return the user's active one instead if there is one."""
    statement = insert(Export).values(row.model_dump()).on_conflict_do_nothing().returning(col(Export.id))
    if await session.scalar(statement) is not None:
        return row
    active = select(Export).where(col(Export.user_id) == row.user_id, col(Export.status).in_(_ACTIVE))
    return await session.scalar(active) or row


async def is_downloadable(session: AsyncSession, blob_key: str, organization_id: str) -> bool:
    """Return whether this file is an export of this organization that has not expired."""
    statement = select(Export).where(
        col(Export.blob_key) == blob_key,
        col(Export.organization_id) == organization_id,
        col(Export.expires_at) > func.now(),
    )
    return bool(await session.scalar(select(statement.exists())))


async def claim(session: AsyncSession, lease: timedelta) -> Export | None:
    """Claim the oldest export that is queued or whose lease has expired, by the clock of Postgres."""
    statement = select(Export).from_statement(text(_CLAIM).bindparams(lease=lease))
    return (await session.scalars(statement)).one_or_none()


async def renew_lease(session: AsyncSession, row: Export, progress: int, lease: timedelta) -> bool:
    """Record progress and renew the lease; return False if the claim is lost."""
    values = {"progress": func.greatest(col(Export.progress), progress), "lease_expires_at": func.now() + lease}
    return await _update_claimed(session, row, **values)


async def succeed(
    session: AsyncSession, row: Export, blob_key: str, size_bytes: int, counts: tuple[int, int], lifetime: timedelta
) -> bool:
    """Record the archive and withdraw the earlier ones, either those of everything or those of a selection.

    ``counts`` are tracks and missing files. Return False if the claim is lost.
    """
    is_claimed = await _update_claimed(
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
    if is_claimed:
        earlier = update(Export).where(
            is_owned_in(Export, row.organization_id, row.user_id),
            col(Export.id) != row.id,
            col(Export.blob_key).is_not(None),
            col(Export.track_ids).is_(None) if row.track_ids is None else col(Export.track_ids).is_not(None),
        )
        await session.execute(earlier.values(blob_key=None, expires_at=func.least(col(Export.expires_at), func.now())))
    return is_claimed


async def requeue(session: AsyncSession, row: Export) -> bool:
    """Release the claim for another worker; return False if it is lost."""
    return await _update_claimed(session, row, status=ExportStatus.QUEUED, lease_expires_at=None)


async def postpone(session: AsyncSession, row: Export, delay: timedelta) -> bool:
    """Keep the export from all workers for a time that does not count as an attempt; return False if it is lost."""
    return await _update_claimed(
        session, row, attempts=col(Export.attempts) - 1, progress=0, lease_expires_at=func.now() + delay
    )


async def fail(session: AsyncSession, row: Export) -> bool:
    """Record the final failure; return False if the claim is lost."""
    return await _update_claimed(
        session, row, status=ExportStatus.FAILED, lease_expires_at=None, finished_at=func.now()
    )


async def expire_archives(session: AsyncSession) -> int:
    """Remove the blob keys of expired archives, and return their number."""
    statement = update(Export).where(col(Export.blob_key).is_not(None), col(Export.expires_at) < func.now())
    return len((await session.scalars(statement.values(blob_key=None).returning(col(Export.id)))).all())


async def _update_claimed(session: AsyncSession, row: Export, **values: object) -> bool:
    statement = update(Export).where(
        col(Export.id) == row.id, col(Export.fence) == row.fence, col(Export.status) == ExportStatus.RUNNING
    )
    return await session.scalar(statement.values(**values).returning(col(Export.id))) is not None


_CLAIM: Final = """
UPDATE exports SET status = 'running', attempts = attempts + 1, fence = fence + 1, lease_expires_at = now() + :lease
WHERE id = (
    SELECT id FROM exports WHERE status = 'queued' OR (status = 'running' AND lease_expires_at < now())
    ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING exports.*
"""
