"""Health checks of remote engines at intervals: the result is stored in Postgres, so that queries try no peer.

Each worker has one loop for each engine; a claim elects one worker for each check.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta

from engines.registry import RegisteredRemoteEngine
from engines.remote.port import RemoteHealth
from storage.postgres.database import Database
from storage.queries import engine_checks
from storage.tables import CheckResult
from workers import periodic
from workers.services import WorkerServices

log = logging.getLogger(__name__)


async def check_if_due(database: Database, entry: RegisteredRemoteEngine) -> bool:
    """Check an engine and store the result, unless another worker did within the interval. Raises Unavailable."""
    engine, interval = entry.info.key, timedelta(seconds=entry.settings.check_seconds)
    async with database.transaction() as session:
        is_due = await engine_checks.claim(session, engine, interval)
    if is_due:
        health = await entry.check()
        async with database.transaction() as session:
            await engine_checks.save(
                session, engine, _result(health), health.message, health.jobs_ahead, health.seconds_per_job
            )
        if not health.is_healthy:
            log.warning("remote engine is not available", extra={"engine": engine, "reason": health.message})
    return is_due


async def run_forever(services: WorkerServices, is_over: Callable[[], bool] = lambda: False) -> None:
    """Check all remote engines, each at its own interval: a peer that does not answer delays no other check."""
    async with asyncio.TaskGroup() as group:
        for entry in services.engines.remotes:
            group.create_task(_check_forever(services.database, entry, is_over))


async def _check_forever(database: Database, entry: RegisteredRemoteEngine, is_over: Callable[[], bool]) -> None:
    name = f"check of the engine {entry.info.key}"
    await periodic.run_forever(name, lambda: check_if_due(database, entry), entry.settings.check_seconds, is_over)


def _result(health: RemoteHealth) -> CheckResult:
    if not health.is_healthy:
        return CheckResult.UNAVAILABLE
    return CheckResult.AVAILABLE if health.is_checked else CheckResult.NOT_CHECKED
