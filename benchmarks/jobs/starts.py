"""Latency from accepting a job to its claim by an idle worker."""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final

from sqlalchemy import text

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


async def measure(database_url: str, redis_url: str) -> list[float]:
    """Return the milliseconds from the insertion of the row to the claim, for successive jobs."""
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
            return await _starts(database, RedisQueue(redis_url, settings.workers))
        finally:
            worker.terminate()
            worker.wait()
            await database.close()


async def _starts(database: Database, queue: RedisQueue) -> list[float]:
    organization = await accounts.create_organization(database, "Benchmark")
    user = await accounts.create_user(database, "User", organization.id, Role.MEMBER)
    latencies = []
    for _ in range(JOBS):
        row = _job(organization.id, user.id)
        inserted_at = clock.now()
        async with database.transaction() as session:
            await owned.insert_new(session, [row])
        await queue.wake()
        finished = await _wait_until_finished(database, row.id)
        if finished.started_at is not None:
            latencies.append((finished.started_at - inserted_at).total_seconds() * 1000)
    return latencies


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


async def _wait_until_finished(database: Database, generation_id: str) -> Generation:
    """Return the row as soon as the worker is idle again."""
    while True:
        async with database.transaction() as session:
            row = await session.get(Generation, generation_id)
            unfinished = await session.scalar(text("SELECT count(*) FROM generations WHERE finished_at IS NULL"))
        if row is not None and not unfinished:
            await asyncio.sleep(10 * _PAUSE_SECONDS)
            return row
        await asyncio.sleep(_PAUSE_SECONDS)


def format_summary(latencies: list[float]) -> Iterator[str]:
    yield f"{len(latencies)} starts: fastest {min(latencies):.0f} ms, median {statistics.median(latencies):.0f} ms"
