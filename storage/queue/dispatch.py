"""Fair dispatch of jobs in Postgres, and the length of the queue.

Jobs are shared fairly on three levels: between organizations, then between the users of one, then between a user's
focus sessions and all its other jobs as one group. On each level the owner with the fewest running jobs is next, and
equals are served round-robin. A long queue of one owner thus delays the jobs of another only by those that are running.
Postgres alone decides, by its own clock; a message that wakes a worker contains no job id.

A job that a peer works on stays running without a worker until its next step is due; it does not count as running in
the shares. Queued jobs of an engine are not due while its peer has as many jobs as it may have.
"""

# ruff: noqa: S608  these statements contain no user input

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from storage.postgres import connector
from storage.queries.due_jobs import WAKE_UP_SECONDS, DueJobs
from storage.tables import Generation

_DISPATCH_LOCK: Final = 7_305_114_813
"""Serialises claims, so that each one sees the jobs that the previous one started."""

_SUBMISSION_LOCK: Final = 7_305_114_814

NO_LIMITS: Final[Mapping[str, int]] = MappingProxyType({})

_LOCK_DISPATCH: Final = (
    "SELECT set_config('idle_in_transaction_session_timeout', '3s', true), pg_advisory_xact_lock(:lock), "
    f"{connector.transaction_timeout_sql(10)}"
)
"""A worker that freezes between claim and commit blocks the other workers for at most these times."""

_LEVELS: Final = ("organization_id", "user_id", "coalesce(session_id, '')")
"""The owner columns of each level of sharing."""

_WAITS: Final = "status = 'queued' AND (retry_at IS NULL OR retry_at <= now())"
_WAITS_ELSEWHERE: Final = f"{_WAITS} AND engine <> ALL (CAST(:full AS text[]))"
_LOST: Final = "status = 'running' AND lease_expires_at < now()"


async def claim(session: AsyncSession, lease: timedelta, limits: Mapping[str, int] = NO_LIMITS) -> Generation | None:
    """Claim the next job under a new fencing number: first a job with an expired lease, then by fair order.

    ``limits`` are the most running jobs of an engine, by key. Return None when no job is due. End the transaction at
    once, because it blocks all other claims.
    """
    await session.execute(text(_LOCK_DISPATCH), {"lock": _DISPATCH_LOCK})
    full = await _full_engines(session, limits)
    query = text(_CLAIM_ELSEWHERE).bindparams(lease=lease, full=full) if full else text(_CLAIM).bindparams(lease=lease)
    statement = select(Generation).from_statement(query)
    return (await session.scalars(statement, execution_options={"populate_existing": True})).one_or_none()


async def plan_claim(session: AsyncSession) -> None:
    """Have Postgres plan the claim without executing it, which fills the caches of the connection's process."""
    await session.execute(text(f"EXPLAIN {_CLAIM}").bindparams(lease=timedelta()))


async def _full_engines(session: AsyncSession, limits: Mapping[str, int]) -> list[str]:
    if not limits:
        return []
    running = await _count_running(session, limits)
    return [engine for engine, limit in limits.items() if running.get(engine, 0) >= limit]


async def _count_running(session: AsyncSession, engines: Collection[str]) -> dict[str, int]:
    rows = await session.execute(_RUNNING_BY_ENGINE, {"engines": list(engines)})
    return {row.engine: row.jobs for row in rows}


async def count_due(session: AsyncSession, limits: Mapping[str, int] = NO_LIMITS) -> DueJobs:
    """Count the generations that are due or running; ``limits`` as in ``claim``."""
    # a subquery for each condition, so that each uses its index
    statement = f"""
    SELECT waits + lost, unsent + lost, running FROM
        (SELECT count(*) AS waits, count(*) FILTER (WHERE retry_at IS NOT NULL
            OR created_at > now() - interval '{WAKE_UP_SECONDS}s') AS unsent
            FROM generations WHERE {_WAITS_ELSEWHERE}) AS queued,
        (SELECT count(*) FILTER (WHERE {_LOST}) AS lost,
            count(*) FILTER (WHERE NOT ({_LOST}) AND next_step_at IS NULL) AS running
            FROM generations WHERE status = 'running') AS held
    """
    due = DueJobs(*(await session.execute(text(statement), {"full": list(limits)})).one())
    return due + await _count_due_at_peers(session, limits) if limits else due


async def _count_due_at_peers(session: AsyncSession, limits: Mapping[str, int]) -> DueJobs:
    """Count the queued jobs of engines with a limit that could be claimed now. No wake-up may be left for them."""
    running = await _count_running(session, limits)
    queued = {row.engine: row.jobs for row in await session.execute(_DUE_BY_ENGINE, {"engines": list(limits)})}
    due = sum(min(jobs, max(limits[engine] - running.get(engine, 0), 0)) for engine, jobs in queued.items())
    return DueJobs(due, due, 0)


_RUNNING_BY_ENGINE: Final = text("""
    SELECT engine, count(*) AS jobs FROM generations
    WHERE status = 'running' AND engine = ANY(CAST(:engines AS text[])) GROUP BY engine
""")
_DUE_BY_ENGINE: Final = text(f"""
    SELECT engine, count(*) AS jobs FROM generations
    WHERE {_WAITS} AND engine = ANY(CAST(:engines AS text[])) GROUP BY engine
""")


_QUEUED: Final = text("""
    WITH queued AS (SELECT organization_id, count(*) AS jobs FROM generations WHERE status = 'queued' GROUP BY 1)
    SELECT '' AS organization_id, CAST(coalesce(sum(jobs), 0) AS bigint) AS jobs FROM queued
    UNION ALL SELECT organization_id, jobs FROM queued WHERE organization_id = ANY(CAST(:organization_ids AS text[]))
""")


async def count_queued(session: AsyncSession, organization_ids: Collection[str]) -> tuple[int, dict[str, int]]:
    """Return the number of queued jobs in total, and by organization for those of the given ones that have any."""
    rows = await session.execute(_QUEUED, {"organization_ids": list(organization_ids)})
    jobs: dict[str, int] = {row.organization_id: row.jobs for row in rows}
    return jobs.pop(""), jobs


async def lock_submission(session: AsyncSession) -> None:
    """Serialise submissions of jobs until the end of the transaction."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _SUBMISSION_LOCK})


def _turn_sql(levels: Sequence[str], waits: str) -> str:
    """Return the CTEs that choose an owner on the last of these levels, within the owners chosen on those before.

    ``waits`` is the condition of queued jobs that may be claimed.

    ``walk`` visits the owners with queued jobs in order, starting after the one served last, with one index probe for
    each. It ends after one more than the number of busy owners, because it has then visited an idle one.
    """
    *outer, level = levels
    number = len(levels)
    inside = "".join(f" AND {name} = (SELECT owner FROM turn_{at})" for at, name in enumerate(outer, 1))
    waiting = f"SELECT {level} AS owner, %s AS is_round FROM generations WHERE {waits}{inside}"
    return f"""
    busy_{number} AS MATERIALIZED (
        SELECT {level} AS owner, count(*) AS jobs FROM generations
        WHERE status = 'running' AND next_step_at IS NULL{inside} GROUP BY 1
    ),
    walk_{number} (owner, is_round, step, first) AS (
        SELECT last, false, 0, last
        FROM coalesce((SELECT owner FROM turns WHERE queue = {_queue_sql(number)}), '') AS last
        UNION ALL
        SELECT next.owner, next.is_round, step + 1, first
        FROM walk_{number} AS here CROSS JOIN LATERAL (
            ({waiting % "here.is_round"} AND {level} > here.owner ORDER BY {level} LIMIT 1)
            UNION ALL
            ({waiting % "true"} AND NOT here.is_round ORDER BY {level} LIMIT 1)
            LIMIT 1
        ) AS next
        WHERE NOT next.is_round OR next.owner <= first
    ),
    turn_{number} AS (
        SELECT met.owner
        FROM (
            SELECT owner, step FROM walk_{number} WHERE step > 0 LIMIT (SELECT count(*) + 1 FROM busy_{number})
        ) AS met LEFT JOIN busy_{number} USING (owner)
        ORDER BY coalesce(jobs, 0), step LIMIT 1
    )"""


def _queue_sql(number: int) -> str:
    """Return SQL for the name of the queue of this level."""
    return " || '/' || ".join(["''", *(f"(SELECT owner FROM turn_{at})" for at in range(1, number))])


_CHOSEN: Final = "".join(f" AND {name} = (SELECT owner FROM turn_{at})" for at, name in enumerate(_LEVELS, 1))
_SERVED: Final = " UNION ALL ".join(
    f"SELECT {_queue_sql(number)}, owner FROM turn_{number}, head" for number in range(1, len(_LEVELS) + 1)
)


def _claim_sql(waits: str) -> str:
    turns = ",".join(_turn_sql(_LEVELS[: number + 1], waits) for number in range(len(_LEVELS)))
    return f"""
WITH RECURSIVE
    lost AS MATERIALIZED (
        SELECT id FROM generations WHERE {_LOST} ORDER BY lease_expires_at LIMIT 1 FOR UPDATE SKIP LOCKED
    ),
    {turns},
    head AS MATERIALIZED (
        SELECT id FROM generations WHERE {waits} AND NOT EXISTS (SELECT FROM lost){_CHOSEN}
        ORDER BY created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
    ),
    served AS (
        INSERT INTO turns (queue, owner) {_SERVED}
        ON CONFLICT (queue) DO UPDATE SET owner = excluded.owner
    )
UPDATE generations SET
    status = 'running',
    fence = fence + 1,
    attempts = attempts + 1,
    sequence = sequence + 1,
    lease_expires_at = clock_timestamp() + :lease,
    started_at = coalesce(started_at, now()),
    retry_at = NULL,
    stage = CASE WHEN next_step_at IS NULL THEN 'starting' ELSE stage END,
    next_step_at = NULL
WHERE id = (SELECT id FROM lost UNION ALL SELECT id FROM head)
RETURNING generations.*
"""


_CLAIM: Final = _claim_sql(_WAITS)
_CLAIM_ELSEWHERE: Final = _claim_sql(_WAITS_ELSEWHERE)
