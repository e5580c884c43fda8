"""Queries on the health checks of remote engines."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from storage.tables import CheckResult, EngineCheck
from storage.tables.columns import is_any_of


async def claim(session: AsyncSession, engine: str, interval: timedelta) -> bool:
    """Return whether the caller is to check an engine now: one process in each interval."""
    next_check_at = func.now() + interval
    statement = (
        insert(EngineCheck)
        .values(engine=engine, next_check_at=next_check_at, message="")
        .on_conflict_do_update(
            index_elements=["engine"],
            set_={"next_check_at": next_check_at},
            where=col(EngineCheck.next_check_at) <= func.now(),
        )
        .returning(col(EngineCheck.engine))
    )
    return await session.scalar(statement) is not None


async def save(
    session: AsyncSession,
    engine: str,
    result: CheckResult,
    message: str,
    jobs_ahead: int | None = None,
    seconds_per_job: float | None = None,
) -> None:
    """Store the result of a check by the clock of Postgres."""
    values = {
        "checked_at": func.now(),
        "result": result,
        "message": message,
        "jobs_ahead": jobs_ahead,
        "seconds_per_job": seconds_per_job,
    }
    if result is CheckResult.AVAILABLE:
        values["available_at"] = func.now()
    await session.execute(update(EngineCheck).where(col(EngineCheck.engine) == engine).values(values))


async def find_many(session: AsyncSession, engines: Collection[str]) -> dict[str, EngineCheck]:
    """Return the last checks of engines, by key."""
    rows = await session.scalars(select(EngineCheck).where(is_any_of(col(EngineCheck.engine), engines)))
    return {row.engine: row for row in rows}
