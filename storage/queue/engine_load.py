"""The open jobs of each engine and its recent render speed, from which waiting times are estimated."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from storage.queue import stats


@dataclass(frozen=True, slots=True)
class EngineLoad:
    """The jobs of all users. ``open_seconds`` is the music that is still to be made for them.

    ``speed`` is the median of seconds per second of music, None without recent jobs.
    """

    queued: int
    running: int
    open_seconds: float
    speed: float | None


async def load(session: AsyncSession, engines: Collection[str]) -> dict[str, EngineLoad]:
    """Return the load of each of these engines, by key."""
    rows = await session.execute(_LOAD, {"engines": list(engines)})
    return {row.engine: EngineLoad(row.queued, row.running, row.open_seconds, row.median) for row in rows}


_LOAD: Final = text(f"""
WITH used AS (SELECT unnest(CAST(:engines AS text[])) AS engine),
speed AS ({stats.speed_query("SELECT engine FROM used")}),
open AS (
    SELECT engine, count(*) FILTER (WHERE status = 'queued') AS queued,
        count(*) FILTER (WHERE status = 'running') AS running,
        sum(duration_seconds * (100 - progress) / 100.0)::float8 AS open_seconds
    FROM generations WHERE status IN ('queued', 'running') GROUP BY engine
)
SELECT engine, coalesce(queued, 0) AS queued, coalesce(running, 0) AS running,
    coalesce(open_seconds, 0)::float8 AS open_seconds, median
FROM used LEFT JOIN speed USING (engine) LEFT JOIN open USING (engine)
""")  # noqa: S608  no user input
