"""How long it takes from accepting a job to a worker that holds it, with an idle worker at hand."""

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
from storage.queries import idempotency
from storage.tables import Generation, Role
from workers import worker_names
from workers.queues import RedisQueue

JOBS: Final = 15
_PAUSE_SECONDS: Final = 0.02


async def measure(database_url: str, redis_url: str) -> list[float]:
    """Milliseconds from before the row to the claim, both by the same clock, job after job."""
    database = Database(database_url)
    await migrations.upgrade(database)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), database_url=database_url, redis_url=redis_url)
        words = [sys.executable, "-m", "server.cli", "worker"]
        environment = {**os.environ, **supervision.environment_variables(settings), "PYTHONPATH": str(PROJECT)}
        worker = subprocess.Popen(words, env=environment, stderr=subprocess.DEVNULL)  # noqa: ASYNC220, S603  our own command; nothing else runs here
        try:
            while not worker_names.is_ready(redis_url, worker.pid):  # noqa: ASYNC110  another process is
                await asyncio.sleep(_PAUSE_SECONDS)
            return await _starts(database, RedisQueue(redis_url, settings.workers))
        finally:
            worker.terminate()
            worker.wait()
            await database.close()


async def _starts(database: Database, queue: RedisQueue) -> list[float]:
    organization = await accounts.create_organization(database, "Benchmark")
    user = await accounts.create_user(database, "Somebody", organization.id, Role.MEMBER)
    found = []
    for _ in range(JOBS):
        row = _job(organization.id, user.id)
        began = clock.now()
        async with database.transaction() as session:
            await idempotency.insert_new(session, row)
        await queue.wake()
        ended = await _ended(database, row.id)
        if ended.started_at is not None:
            found.append((ended.started_at - began).total_seconds() * 1000)
    return found


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


async def _ended(database: Database, generation_id: str) -> Generation:
    """The row, once the worker is idle again."""
    while True:
        async with database.transaction() as session:
            row = await session.get(Generation, generation_id)
            waiting = await session.scalar(text("SELECT count(*) FROM generations WHERE finished_at IS NULL"))
        if row is not None and not waiting:
            await asyncio.sleep(10 * _PAUSE_SECONDS)
            return row
        await asyncio.sleep(_PAUSE_SECONDS)


def format_summary(starts: list[float]) -> Iterator[str]:
    """As one line."""
    yield f"{len(starts)} starts: fastest {min(starts):.0f} ms, median {statistics.median(starts):.0f} ms"
