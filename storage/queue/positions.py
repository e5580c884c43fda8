"""Queue positions and estimated completion times, from the order of ``dispatch`` and recent render speeds.

The order is that of future claims if no job is added and none ends: on each level the owner with the fewest running
jobs is next, and ties are broken round-robin.

Jobs of each remote engine have a queue of their own: they wait for a place at the peer rather than for a worker. All
others wait for the workers, and share one queue.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from storage.queue import stats
from storage.queue.dispatch import NO_LIMITS


@dataclass(frozen=True, slots=True)
class QueuePosition:
    """A position from 1, None for a running job; ``ready_at`` is None without recent jobs to estimate it from."""

    position: int | None
    ready_at: datetime | None


async def load_positions(
    session: AsyncSession, generation_ids: Collection[str], limits: Mapping[str, int] = NO_LIMITS
) -> dict[str, QueuePosition]:
    """Return the positions of those jobs that are queued or running, by id.

    ``limits`` are the most running jobs of each remote engine, by key.
    """
    values = {"ids": list(generation_ids), "remote": list(limits), "slots": list(limits.values())}
    rows = (await session.execute(text(_POSITIONS), values)).all()
    return {row.id: QueuePosition(row.position, row.ready_at) for row in rows}


_POSITIONS: Final = f"""
WITH remote AS (
    SELECT engine, slots FROM unnest(CAST(:remote AS text[]), CAST(:slots AS integer[])) AS limits (engine, slots)
),
open AS MATERIALIZED (
    SELECT id, status, engine, organization_id AS org, user_id AS person, coalesce(session_id, '') AS kind, created_at,
        slots, CASE WHEN slots IS NULL THEN '' ELSE engine END AS lane,
        status = 'running' AND next_step_at IS NULL AS is_held,
        duration_seconds * (100 - progress) / 100.0 AS left_seconds,
        -- a peer that reports no progress
        CASE WHEN slots IS NOT NULL AND status = 'running' AND progress = 0
            THEN extract(epoch FROM now() - started_at) ELSE 0 END AS past_seconds
    FROM generations LEFT JOIN remote USING (engine) WHERE status IN ('queued', 'running')
),
speed AS ({stats.speed_query("SELECT DISTINCT engine FROM open")}),
counted AS (
    SELECT open.*,
        CASE WHEN median IS NOT NULL THEN greatest(left_seconds * median - past_seconds, 0) END AS median_seconds,
        CASE WHEN p90 IS NOT NULL THEN greatest(left_seconds * p90 - past_seconds, 0) END AS p90_seconds,
        count(*) FILTER (WHERE is_held) OVER (PARTITION BY org) AS org_runs,
        count(*) FILTER (WHERE is_held) OVER (PARTITION BY org, person) AS person_runs,
        count(*) FILTER (WHERE is_held) OVER (PARTITION BY org, person, kind) AS kind_runs
    FROM open LEFT JOIN speed USING (engine)
),
in_kind AS (
    SELECT counted.*,
        kind_runs + row_number() OVER (PARTITION BY lane, org, person, kind ORDER BY created_at, id) AS turn
    FROM counted WHERE status = 'queued'
),
in_person AS (
    SELECT here.id, person_runs + row_number() OVER (
        PARTITION BY lane, org, person ORDER BY turn, kind <= coalesce(owner, ''), kind
    ) AS turn
    FROM in_kind AS here LEFT JOIN turns ON queue = '/' || org || '/' || person
),
in_org AS (
    SELECT here.id, org_runs + row_number() OVER (
        PARTITION BY lane, org ORDER BY in_person.turn, person <= coalesce(owner, ''), person
    ) AS turn
    FROM in_kind AS here JOIN in_person USING (id) LEFT JOIN turns ON queue = '/' || org
),
placed AS (
    SELECT here.id, lane, slots, median_seconds, p90_seconds,
        row_number() OVER (PARTITION BY lane ORDER BY in_org.turn, org <= coalesce(owner, ''), org) AS position
    FROM in_kind AS here JOIN in_org USING (id) LEFT JOIN turns ON queue = ''
),
running AS (
    SELECT lane, count(*) AS jobs, coalesce(sum(median_seconds), 0) AS seconds,
        count(*) FILTER (WHERE median_seconds IS NULL) AS unknown
    FROM counted WHERE status = 'running' GROUP BY lane
),
summed AS (
    SELECT placed.*, coalesce(jobs, 0) AS jobs, coalesce(seconds, 0) AS running_seconds,
        coalesce(sum(median_seconds) OVER ahead, 0) AS ahead_seconds,
        coalesce(unknown, 0) + count(*) FILTER (WHERE median_seconds IS NULL) OVER ahead AS unknown
    FROM placed LEFT JOIN running USING (lane)
    WINDOW ahead AS (PARTITION BY lane ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
SELECT id, position, CASE
    -- the peer has a place for it: it starts with the next worker that is free
    WHEN jobs + position <= slots THEN now() + make_interval(secs => p90_seconds + coalesce((
        SELECT seconds / running.jobs FROM running WHERE lane = '' AND EXISTS (SELECT FROM placed WHERE lane = '')
    ), 0))
    WHEN unknown = 0 THEN now() + make_interval(
        secs => (running_seconds + ahead_seconds) / coalesce(slots, greatest(jobs, 1)) + p90_seconds
    ) END AS ready_at
FROM summed WHERE id = ANY(:ids)
UNION ALL
SELECT id, NULL, now() + make_interval(secs => p90_seconds)
FROM counted WHERE status = 'running' AND id = ANY(:ids)
"""  # noqa: S608  no user input
