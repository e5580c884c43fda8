"""Duration of a claim with 10 000 queued jobs, by their distribution among organizations."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import text

from storage.postgres.database import Database
from storage.queue import dispatch

QUEUED: Final = 10_000
SUCCEEDED: Final = 50_000
RUNNING: Final = 8
CLAIMS: Final = 60
DISTRIBUTIONS: Final = ((1, 1), (1, 10), (10, 10), (100, 10), (1_000, 1), (10_000, 1))
"""Number of organizations, and of users in each."""

_FILL: Final = """
INSERT INTO generations (
    id, organization_id, user_id, status, progress, sequence, engine, mode, prompt, duration_seconds, instrumental,
    style_tags, seed, loop, fingerprint, cost_chf, attempts, fence, created_at, lease_expires_at, finished_at
)
SELECT
    :status || number, 'org_' || number % :organizations,
    'user_' || number % :organizations || '_' || number / :organizations % :users,
    :status, CASE WHEN :status = 'succeeded' THEN 100 ELSE 0 END, 0, 'studio', 'creation', repeat('prompt ', 20), 60,
    false, '[]', 1, false, '', 0, 1, 0, now() + number * interval '1 ms',
    CASE WHEN :status = 'running' THEN now() + interval '1 hour' END,
    CASE WHEN :status = 'succeeded' THEN now() END
FROM generate_series(1, :count) AS number
"""


@dataclass(frozen=True, slots=True)
class ClaimTimes:
    """Durations of whole transactions, from BEGIN to COMMIT, measured in Python."""

    organizations: int
    users: int
    fastest_ms: float
    median_ms: float
    slowest_ms: float


async def measure(database: Database) -> list[ClaimTimes]:
    """Measure each of DISTRIBUTIONS; existing rows are deleted."""
    times = []
    for organizations, users in DISTRIBUTIONS:
        await _fill(database, organizations, users)
        milliseconds = [await _claim(database) for _ in range(CLAIMS)]
        times.append(
            ClaimTimes(organizations, users, min(milliseconds), statistics.median(milliseconds), max(milliseconds))
        )
    return times


async def _fill(database: Database, organizations: int, users: int) -> None:
    async with database.transaction() as session:
        # skip foreign key checks: the owners do not exist
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        for table in ("turns", "generations"):
            await session.execute(text(f"DELETE FROM {table}"))  # noqa: S608  constants only
        for status, count in (("succeeded", SUCCEEDED), ("queued", QUEUED), ("running", RUNNING)):
            values = {"status": status, "organizations": organizations, "users": users, "count": count}
            await session.execute(text(_FILL), values)
    async with database.engine.connect() as connection:
        autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await autocommit.execute(text("VACUUM ANALYZE generations"))


async def _claim(database: Database) -> float:
    started_at = time.perf_counter()
    async with database.transaction() as session:
        row = await dispatch.claim(session, timedelta(minutes=1))
    if row is None:
        raise RuntimeError("no job was claimed")
    return (time.perf_counter() - started_at) * 1000


def format_table(rows: list[ClaimTimes]) -> Iterator[str]:
    yield "| organizations | users in each | fastest claim | median | slowest |"
    yield "|---:|---:|---:|---:|---:|"
    for row in rows:
        times = " | ".join(f"{value:.1f} ms" for value in (row.fastest_ms, row.median_ms, row.slowest_ms))
        yield f"| {row.organizations} | {row.users} | {times} |"
