"""Queries on conversions. The clock of Postgres alone decides which are due."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.formats import Format
from storage.queries.due_jobs import WAKE_UP_SECONDS, DueJobs
from storage.tables import Conversion, ConversionStatus, FileRole, Track, TrackFile

_IS_WAITING: Final = col(Conversion.status) == ConversionStatus.WAITING


async def list_by_tracks(session: AsyncSession, track_ids: Collection[str]) -> Sequence[Conversion]:
    """List all conversions of these tracks."""
    return (await session.scalars(select(Conversion).where(col(Conversion.track_id).in_(track_ids)))).all()


async def request(session: AsyncSession, track: Track, target: Format, user_id: str) -> bool:
    """Request a file with the current title of the track; return False if the same request is waiting."""
    values = {"title": track.title, "user_id": user_id, "status": ConversionStatus.WAITING, "attempts": 0}
    times = {"asked_at": func.now(), "due_at": func.now(), "finished_at": None}
    statement = insert(Conversion).values(track_id=track.id, format=target, fence=0, **values, **times)
    is_other_title = col(Conversion.title).is_distinct_from(track.title)
    # the new fencing number invalidates a claim with another title
    upsert = statement.on_conflict_do_update(
        index_elements=["track_id", "format"],
        set_={**values, **times, "fence": col(Conversion.fence) + 1},
        where=~_IS_WAITING | is_other_title,
    )
    return await session.scalar(upsert.returning(col(Conversion.track_id))) is not None


async def count_waiting(session: AsyncSession, organization_id: str) -> int:
    """Count the conversions of an organization that are queued or in progress."""
    statement = (
        select(func.count())
        .select_from(Conversion)
        .join(Track, col(Track.id) == col(Conversion.track_id))
        .where(_IS_WAITING, col(Track.organization_id) == organization_id)
    )
    return await session.scalar(statement) or 0


async def count_due(session: AsyncSession) -> DueJobs:
    """Count the conversions that are due or in progress."""
    statement = f"""
    SELECT count(*) FILTER (WHERE due_at <= now()),
        count(*) FILTER (WHERE due_at <= now()
            AND (attempts > 0 OR due_at > now() - interval '{WAKE_UP_SECONDS}s')),
        count(*) FILTER (WHERE due_at > now())
    FROM conversions WHERE status = 'waiting'
    """  # noqa: S608  no user input
    return DueJobs(*(await session.execute(text(statement))).one())


async def claim(session: AsyncSession, lease: timedelta) -> Conversion | None:
    """Claim a due conversion under a new fencing number, of the organization with the fewest in progress."""
    statement = select(Conversion).from_statement(text(_CLAIM).bindparams(lease=lease))
    return (await session.scalars(statement, execution_options={"populate_existing": True})).one_or_none()


async def plan_claim(session: AsyncSession) -> None:
    """Have Postgres plan the claim without executing it, which fills the caches of the connection's process."""
    await session.execute(text(f"EXPLAIN {_CLAIM}").bindparams(lease=timedelta()))


async def renew_lease(session: AsyncSession, row: Conversion, lease: timedelta) -> bool:
    """Renew the lease; return False if the claim is lost."""
    return await _update_claimed(session, row, due_at=func.clock_timestamp() + lease)


async def requeue(session: AsyncSession, row: Conversion, *, counts_as_attempt: bool, delay: timedelta) -> None:
    """Release the claim; the conversion is due again after the delay."""
    attempts = row.attempts if counts_as_attempt else row.attempts - 1
    await _update_claimed(session, row, due_at=func.now() + delay, attempts=attempts)


async def finish(session: AsyncSession, row: Conversion, file: TrackFile | None) -> bool:
    """Replace the previous file by this one, or record a failure; return False if the claim is lost."""
    status = ConversionStatus.DONE if file else ConversionStatus.FAILED
    if not await _update_claimed(session, row, status=status, due_at=None, finished_at=func.now()):
        return False
    is_download = (col(TrackFile.track_id) == row.track_id) & (col(TrackFile.role) == FileRole.DOWNLOAD)
    await session.execute(delete(TrackFile).where(is_download, col(TrackFile.name) == row.format.value))
    if file is not None:
        session.add(file)
        await session.flush()
    return True


async def _update_claimed(session: AsyncSession, row: Conversion, **values: object) -> bool:
    is_row = (col(Conversion.track_id) == row.track_id) & (col(Conversion.format) == row.format)
    statement = update(Conversion).where(is_row, col(Conversion.fence) == row.fence, _IS_WAITING)
    return await session.scalar(statement.values(**values).returning(col(Conversion.fence))) is not None


_CLAIM: Final = """
WITH busy AS MATERIALIZED (
    SELECT organization_id, count(*) AS jobs
    FROM conversions JOIN tracks ON tracks.id = track_id
    WHERE status = 'waiting' AND due_at > now() GROUP BY 1
),
head AS (
    SELECT track_id, format FROM conversions
    JOIN tracks ON tracks.id = track_id LEFT JOIN busy USING (organization_id)
    WHERE status = 'waiting' AND due_at <= now()
    ORDER BY coalesce(jobs, 0), asked_at LIMIT 1 FOR UPDATE OF conversions SKIP LOCKED
)
UPDATE conversions SET fence = fence + 1, attempts = attempts + 1, due_at = clock_timestamp() + :lease
FROM head WHERE conversions.track_id = head.track_id AND conversions.format = head.format
RETURNING conversions.*
"""
