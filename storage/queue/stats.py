"""Statistics of the queue without personal data, cheap enough to be read every few seconds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_WINDOW: Final = "15 minutes"
_RECENT: Final = 200
"""Number of recent jobs: enough for percentiles, few enough to follow a change of the hardware."""


@dataclass(frozen=True, slots=True)
class QueueStats:
    """Numbers of jobs. ``ended`` counts by status, ``render_seconds_per_minute`` is a median by engine."""

    queued: int
    running: int
    oldest_queued_seconds: float
    conversions_queued: int
    conversions_running: int
    oldest_conversion_seconds: float
    ended: Mapping[str, int]
    render_seconds_per_minute: Mapping[str, float]


async def load_stats(session: AsyncSession) -> QueueStats:
    """Load the statistics by the clock of Postgres; ``ended`` and the render speeds cover the last fifteen minutes."""
    queue = (await session.execute(text(_QUEUE))).one()
    ended = {row.status: row.jobs for row in (await session.execute(text(_ENDED))).all()}
    speed = {row.engine: row.seconds for row in (await session.execute(text(_RENDER_SPEED))).all()}
    files = (await session.execute(text(_CONVERSIONS))).one()
    return QueueStats(
        queue.queued, queue.running, queue.oldest, files.queued, files.running, files.oldest, ended, speed
    )


def speed_query(engines: str) -> str:
    """Return SQL that selects ``engine``, ``median`` and ``p90`` for the engines that the given SQL selects.

    The speeds are in seconds per second of audio, from recent first attempts.
    """
    return f"""
    SELECT engine, median, p90
    FROM ({engines}) AS used CROSS JOIN LATERAL (
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ratio) AS median,
            percentile_cont(0.9) WITHIN GROUP (ORDER BY ratio) AS p90
        FROM (
            SELECT extract(epoch FROM finished_at - started_at)::float8 / duration_seconds AS ratio
            FROM generations AS ended
            WHERE ended.engine = used.engine AND status = 'succeeded' AND attempts = 1
            ORDER BY finished_at DESC LIMIT {_RECENT}
        ) AS recent
    ) AS measured
    """  # noqa: S608  no user input


_CONVERSIONS: Final = """
SELECT count(*) FILTER (WHERE due_at <= now()) AS queued,
    count(*) FILTER (WHERE due_at > now()) AS running,
    coalesce(extract(epoch FROM now() - min(asked_at) FILTER (WHERE due_at <= now())), 0)::float8 AS oldest
FROM conversions WHERE status = 'waiting'
"""
_QUEUE: Final = """
SELECT count(*) FILTER (WHERE status = 'queued') AS queued,
    count(*) FILTER (WHERE status = 'running') AS running,
    coalesce(extract(epoch FROM now() - min(created_at) FILTER (WHERE status = 'queued')), 0)::float8 AS oldest
FROM generations WHERE status IN ('queued', 'running')
"""

_ENDED: Final = f"""
SELECT status, count(*) AS jobs FROM generations
WHERE finished_at > now() - interval '{_WINDOW}' GROUP BY status
"""  # noqa: S608  no user input

_RENDER_SPEED: Final = f"""
SELECT engine, 60 * median AS seconds FROM ({
    speed_query(f"SELECT DISTINCT engine FROM generations WHERE finished_at > now() - interval '{_WINDOW}'")
}) AS speed WHERE median IS NOT NULL
"""  # noqa: S608  no user input
