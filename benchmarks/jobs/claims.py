"""What a claim costs while ten thousand jobs wait, however they are shared out among organizations."""

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
"""Organizations, and users in each."""

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
    """Milliseconds of whole transactions, from BEGIN to COMMIT, seen from Python."""

    organizations: int
    users: int
    fastest_ms: float
    median_ms: float
    slowest_ms: float


async def measure(database: Database) -> list[ClaimTimes]:
    """One line for each way to share out the queue; the tables are emptied."""
    costs = []
    for organizations, users in DISTRIBUTIONS:
        await _fill(database, organizations, users)
        spent = [await _claim(database) for _ in range(CLAIMS)]
        costs.append(ClaimTimes(organizations, users, min(spent), statistics.median(spent), max(spent)))
    return costs


async def _fill(database: Database, organizations: int, users: int) -> None:
    async with database.transaction() as session:
        # owners that do not exist are good enough here
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        for table in ("turns", "generations"):
            await session.execute(text(f"DELETE FROM {table}"))  # noqa: S608  our own words
        for status, count in (("succeeded", SUCCEEDED), ("queued", QUEUED), ("running", RUNNING)):
            values = {"status": status, "organizations": organizations, "users": users, "count": count}
            await session.execute(text(_FILL), values)
    async with database.engine.connect() as connection:
        patient = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await patient.execute(text("VACUUM ANALYZE generations"))


async def _claim(database: Database) -> float:
    began = time.perf_counter()
    async with database.transaction() as session:
        row = await dispatch.claim(session, timedelta(minutes=1))
    if row is None:
        raise RuntimeError("nothing was due")
    return (time.perf_counter() - began) * 1000


def format_table(costs: list[ClaimTimes]) -> Iterator[str]:
    """As a table."""
    yield "| organizations | users in each | fastest claim | median | slowest |"
    yield "|---:|---:|---:|---:|---:|"
    for cost in costs:
        times = " | ".join(f"{spent:.1f} ms" for spent in (cost.fastest_ms, cost.median_ms, cost.slowest_ms))
        yield f"| {cost.organizations} | {cost.users} | {times} |"
