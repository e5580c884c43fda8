"""Queue positions and estimated completion times, from the order of ``dispatch`` and recent render speeds.

The order is that of future claims if no job is added and none ends: on each level the owner with the fewest running
jobs is next, and ties are broken round-robin.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from storage.queue import stats


@dataclass(frozen=True, slots=True)
class QueuePosition:
    """A position from 1, None for a running job; ``ready_at`` is None without recent jobs to estimate it from."""

    position: int | None
    ready_at: datetime | None


async def load_positions(session: AsyncSession, generation_ids: Collection[str]) -> dict[str, QueuePosition]:
    """Return the positions of those jobs that are queued or running, by id."""
    rows = (await session.execute(text(_POSITIONS), {"ids": list(generation_ids)})).all()
    return {row.id: QueuePosition(row.position, row.ready_at) for row in rows}


_POSITIONS: Final = f"""
WITH open AS MATERIALIZED (
    SELECT id, status, engine, organization_id AS org, user_id AS person, coalesce(session_id, '') AS kind, created_at,
        duration_seconds * (100 - progress) / 100.0 AS left_seconds
    FROM generations WHERE status IN ('queued', 'running')
),
speed AS ({stats.speed_query("SELECT DISTINCT engine FROM open")}),
counted AS (
    SELECT open.*, left_seconds * median AS median_seconds, left_seconds * p90 AS p90_seconds,
        count(*) FILTER (WHERE status = 'running') OVER (PARTITION BY org) AS org_runs,
        count(*) FILTER (WHERE status = 'running') OVER (PARTITION BY org, person) AS person_runs,
        count(*) FILTER (WHERE status = 'running') OVER (PARTITION BY org, person, kind) AS kind_runs
    FROM open LEFT JOIN speed USING (engine)
),
in_kind AS (
    SELECT counted.*, kind_runs + row_number() OVER (PARTITION BY org, person, kind ORDER BY created_at, id) AS turn
    FROM counted WHERE status = 'queued'
),
in_person AS (
    SELECT here.id, person_runs + row_number() OVER (
        PARTITION BY org, person ORDER BY turn, kind <= coalesce(owner, ''), kind
    ) AS turn
    FROM in_kind AS here LEFT JOIN turns ON queue = '/' || org || '/' || person
),
in_org AS (
    SELECT here.id, org_runs + row_number() OVER (
        PARTITION BY org ORDER BY in_person.turn, person <= coalesce(owner, ''), person
    ) AS turn
    FROM in_kind AS here JOIN in_person USING (id) LEFT JOIN turns ON queue = '/' || org
),
placed AS (
    SELECT here.id, median_seconds, p90_seconds,
        row_number() OVER (ORDER BY in_org.turn, org <= coalesce(owner, ''), org) AS position
    FROM in_kind AS here JOIN in_org USING (id) LEFT JOIN turns ON queue = ''
),
running AS (
    SELECT greatest(count(*), 1) AS workers, coalesce(sum(median_seconds), 0) AS seconds,
        count(*) FILTER (WHERE median_seconds IS NULL) AS unknown
    FROM counted WHERE status = 'running'
),
summed AS (
    SELECT id, position, p90_seconds,
        coalesce(sum(median_seconds) OVER ahead, 0) AS ahead_seconds,
        count(*) FILTER (WHERE median_seconds IS NULL) OVER ahead AS unknown
    FROM placed WINDOW ahead AS (ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
SELECT id, position,
    CASE WHEN summed.unknown + running.unknown = 0
        THEN now() + make_interval(secs => (seconds + ahead_seconds) / workers + p90_seconds) END AS ready_at
FROM summed CROSS JOIN running WHERE id = ANY(:ids)
UNION ALL
SELECT id, NULL, now() + make_interval(secs => p90_seconds)
FROM counted WHERE status = 'running' AND id = ANY(:ids)
"""  # noqa: S608  no user input
