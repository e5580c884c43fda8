"""Latency from accepting a job to its claim by an idle worker, and from the end of a job to the next claim."""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Final

from core import clock, ids
from core.settings import PROJECT, Settings
from resolvers.access import accounts
from server import supervision
from storage import migrations
from storage.postgres.database import Database
from storage.queries import owned
from storage.tables import Generation, Role
from workers import worker_process
from workers.queues import RedisQueue

JOBS: Final = 15
_PAUSE_SECONDS: Final = 0.02
_IDLE_SECONDS: Final = 1.0
"""Time in which a worker prepares for its next job."""


@dataclass(frozen=True, slots=True)
class Starts:
    """Milliseconds from the insertion of a row to its claim, and from the end of a job to the claim of the next."""

    idle: list[float]
    queued: list[float]


async def measure(database_url: str, redis_url: str) -> Starts:
    """Measure JOBS jobs one after the other, then as many that are queued at once."""
    database = Database(database_url)
    await migrations.upgrade(database)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), database_url=database_url, redis_url=redis_url)
        command = [sys.executable, "-m", "server.cli", "worker"]
        environment = {**os.environ, **supervision.environment_variables(settings), "PYTHONPATH": str(PROJECT)}
        worker = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)  # noqa: ASYNC220, S603  our own command, and no other task runs
        try:
            while not worker_process.is_ready(redis_url, worker.pid):  # noqa: ASYNC110  the state of another process
                await asyncio.sleep(_PAUSE_SECONDS)
            queue = RedisQueue(redis_url, settings.workers)
            new_job = await _create_owner(database)
            return Starts(
                await _measure_idle(database, queue, new_job), await _measure_queued(database, queue, new_job)
            )
        finally:
            worker.terminate()
            worker.wait()
            await database.close()


async def _create_owner(database: Database) -> Callable[[], Generation]:
    """Return a function that creates jobs of a new user."""
    organization = await accounts.create_organization(database, "Benchmark")
    user = await accounts.create_user(database, "User", organization.id, Role.MEMBER)
    return partial(_job, organization.id, user.id)


async def _measure_idle(database: Database, queue: RedisQueue, new_job: Callable[[], Generation]) -> list[float]:
    latencies = []
    for _ in range(JOBS):
        # the worker is idle, and its next child waits
        await asyncio.sleep(_IDLE_SECONDS)
        row = new_job()
        inserted_at = clock.now()
        await _submit(database, queue, [row])
        [job] = await _wait_until_finished(database, [row])
        if job.started_at is not None:
            latencies.append((job.started_at - inserted_at).total_seconds() * 1000)
    return latencies


async def _measure_queued(database: Database, queue: RedisQueue, new_job: Callable[[], Generation]) -> list[float]:
    rows = [new_job() for _ in range(JOBS)]
    await _submit(database, queue, rows)
    jobs = sorted(await _wait_until_finished(database, rows), key=lambda job: job.finished_at or clock.now())
    return [
        (later.started_at - earlier.finished_at).total_seconds() * 1000
        for earlier, later in pairwise(jobs)
        if later.started_at and earlier.finished_at
    ]


async def _submit(database: Database, queue: RedisQueue, rows: list[Generation]) -> None:
    async with database.transaction() as session:
        await owned.insert_new(session, rows)
    await queue.wake(len(rows))


def _job(organization_id: str, user_id: str) -> Generation:
    return Generation(
        id=ids.new(ids.Kind.GENERATION),
        organization_id=organization_id,
        user_id=user_id,
        engine="studio",
        prompt="ambient",
        duration_seconds=1,
        seed=1,
        fingerprint="",
        cost_chf=Decimal(0),
    )


async def _wait_until_finished(database: Database, rows: list[Generation]) -> list[Generation]:
    while True:
        async with database.transaction() as session:
            jobs = [await session.get_one(Generation, row.id) for row in rows]
        if all(job.finished_at for job in jobs):
            return jobs
        await asyncio.sleep(_PAUSE_SECONDS)


def format_summary(starts: Starts) -> Iterator[str]:
    for name, latencies in (("idle worker", starts.idle), ("next queued job", starts.queued)):
        fastest, median = min(latencies), statistics.median(latencies)
        yield f"{name}: {len(latencies)} starts, fastest {fastest:.0f} ms, median {median:.0f} ms"
