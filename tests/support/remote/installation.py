"""An installation with a peer and workers in this process. Run as a program, this module is a worker for one step."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from core import jobs
from core.settings import Settings
from engines.registry import create_registry
from storage.postgres.database import Database
from storage.tables import Generation
from tests.support.jobs.worker_jobs import load_generation, submit_directly
from tests.support.polling import wait_for
from tests.support.processes import process_fork_server
from tests.support.remote.peer import SECONDS, Peer
from tests.support.remote.peer_engine import KEY, engine_settings
from tests.support.users import Cast
from workers.jobs.generation import run
from workers.services import WorkerServices, connect


@dataclass(frozen=True, slots=True)
class RemoteInstallation:
    """Workers of one process whose remote engine is the peer."""

    services: WorkerServices
    database: Database
    cast: Cast

    async def submit(self, **fields: object) -> Generation:
        given = {"engine": KEY, "prompt": "a slow tone", "duration_seconds": SECONDS, **fields}
        return await submit_directly(self.services, self.cast, **{**given, "duration_seconds": int(SECONDS)})

    async def load(self, job: Generation) -> Generation:
        return await load_generation(self.database, job.id)

    async def step(self, job: Generation) -> Generation:
        """Run the next step of the job as if it were due, also if the worker of the step before was killed."""
        # a worker that still holds the job may renew its lease in between
        await wait_for(self._run_overdue)
        return await self.load(job)

    async def _run_overdue(self) -> bool | None:
        async with self.database.transaction() as session:
            overdue = "now() - interval '1 second'"
            await session.execute(
                text(
                    f"UPDATE generations SET lease_expires_at = {overdue}, "  # noqa: S608  no input
                    f"next_step_at = CASE WHEN next_step_at IS NOT NULL THEN {overdue} END WHERE status = 'running'"
                )
            )
        return await run(self.services) or None

    async def finish(self, job: Generation, most_steps: int = 20) -> Generation:
        """Run steps until the job has ended."""
        for _ in range(most_steps):
            row = await self.step(job)
            if jobs.is_terminal(row.status):
                return row
        raise AssertionError(f"job still {row.status}, {row.stage}")


@asynccontextmanager
async def remote_installation(
    settings: Settings,
    database: Database,
    cast: Cast,
    peer: Peer,
    **instance: Any,  # noqa: ANN401  settings of the engine
) -> AsyncIterator[RemoteInstallation]:
    engines = engine_settings(peer.url, **instance)
    workers = settings.workers.model_copy(update={"retry_seconds": 0.01, "heartbeat_seconds": 0.5})
    settings = settings.model_copy(update={"engines": engines, "workers": workers})
    async with connect(settings, create_registry(engines)) as services:
        yield RemoteInstallation(services, database, cast)


@contextmanager
def worker_process(settings: Settings, log: Path) -> Iterator[None]:
    """Run one step in a process of its own, which is killed at the end of the body."""
    engines = settings.engines.model_dump(mode="json")["remote"]
    variables = {
        "MUSIC_STUDIO_DATABASE_URL": str(settings.database_url),
        "MUSIC_STUDIO_REDIS_URL": str(settings.redis_url),
        "MUSIC_STUDIO_DATA_DIR": str(settings.data_dir),
        "MUSIC_STUDIO_ENGINES__REMOTE": json.dumps(engines),
    }
    child = process_fork_server.shared().fork(["module", __name__], {**os.environ, **variables}, log)
    try:
        yield
    finally:
        child.kill()
        child.wait()


async def _work() -> None:
    settings = Settings()
    async with connect(settings, create_registry(settings.engines)) as services:
        await run(services)


if __name__ == "__main__":
    asyncio.run(_work())
