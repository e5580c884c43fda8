"""Statistics of the queue without personal data, cheap enough to be read every few seconds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from storage.queue import render_speed

_WINDOW: Final = "15 minutes"


@dataclass(frozen=True, slots=True)
class QueueStats:
    """Numbers of jobs. ``ended`` counts by status, ``render_seconds_per_minute`` is a median by engine."""

    queued: int
    running: int
    oldest_queued_seconds: float
    ended: Mapping[str, int]
    render_seconds_per_minute: Mapping[str, float]


async def load_stats(session: AsyncSession) -> QueueStats:
    """Load the statistics by the clock of Postgres; ``ended`` and the render speeds cover the last fifteen minutes."""
    queue = (await session.execute(text(_QUEUE))).one()
    ended = {row.status: row.jobs for row in (await session.execute(text(_ENDED))).all()}
    speed = {row.engine: row.seconds for row in (await session.execute(text(_RENDER_SPEED))).all()}
    return QueueStats(queue.queued, queue.running, queue.oldest, ended, speed)


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
    render_speed.speed_query(
        f"SELECT DISTINCT engine FROM generations WHERE finished_at > now() - interval '{_WINDOW}'"
    )
}) AS speed WHERE median IS NOT NULL
"""  # noqa: S608  no user input
