"""How the installation is doing, in figures that name nobody: cheap enough to be asked for every few seconds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from storage.queue import render_speed

_WINDOW: Final = "15 minutes"


@dataclass(frozen=True, slots=True)
class QueueStats:
    """Jobs that wait and run; how old the oldest waiting one is; how recent ones ended; what a minute of audio took."""

    queued: int
    running: int
    oldest_queued_seconds: float
    ended: Mapping[str, int]
    render_seconds_per_minute: Mapping[str, float]


async def load_stats(session: AsyncSession) -> QueueStats:
    """By Postgres's own clock; ``ended`` counts the last fifteen minutes, by status."""
    queue = (await session.execute(text(_QUEUE))).one()
    ended = {row.status: row.jobs for row in (await session.execute(text(_ENDED))).all()}
    pace = {row.engine: row.seconds for row in (await session.execute(text(_RENDER_SPEED))).all()}
    return QueueStats(queue.queued, queue.running, queue.oldest, ended, pace)


_QUEUE: Final = """
SELECT count(*) FILTER (WHERE status = 'queued') AS queued,
    count(*) FILTER (WHERE status = 'running') AS running,
    coalesce(extract(epoch FROM now() - min(created_at) FILTER (WHERE status = 'queued')), 0)::float8 AS oldest
FROM generations WHERE status IN ('queued', 'running')
"""

_ENDED: Final = f"""
SELECT status, count(*) AS jobs FROM generations
WHERE finished_at > now() - interval '{_WINDOW}' GROUP BY status
"""  # noqa: S608  our own words

_RENDER_SPEED: Final = f"""
SELECT engine, 60 * usual AS seconds FROM ({
    render_speed.speed_query(
        f"SELECT DISTINCT engine FROM generations WHERE finished_at > now() - interval '{_WINDOW}'"
    )
}) AS pace WHERE usual IS NOT NULL
"""  # noqa: S608  our own words
