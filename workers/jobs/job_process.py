"""The process of one job: what it inherits from the worker, its event loop and its services."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from functools import cache
from typing import Final

from core.settings import Settings
from engines.registry import EngineRegistry, create_registry
from storage.postgres.database import Database
from storage.queue import warmup
from workers.services import WorkerServices, connect, open_job_database

_WARM_UP_SECONDS: Final = 10.0


@cache
def settings() -> Settings:
    """Return the settings, read before the worker forks."""
    return Settings()


@cache
def registry() -> EngineRegistry:
    """Return the engines, loaded before the worker forks."""
    return create_registry(settings().engines)


@cache
def database() -> Database:
    """Return the database. A forked child starts without open connections."""
    return open_job_database(settings())


def prepare() -> None:
    """Load before the fork what each child would otherwise load again.

    The garbage collector leaves these objects alone from then on: searching them takes time, and copies their memory
    in each child.
    """
    registry().load_all()
    # if Postgres is unreachable, the first job reports it
    with suppress(Exception):
        asyncio.run(warmup.warm_up_claims(database()))
    gc.collect()
    gc.freeze()


class JobProcess:
    """The event loop and the services of a child, which opens them before it has a job."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self._services: WorkerServices | None = None

    def warm_up(self) -> None:
        """Open the services and a new connection to Postgres. What fails is tried again when the job needs it."""
        with suppress(Exception):
            self._runner.run(self._warm_up())

    def run(self, job: Callable[[WorkerServices], Awaitable[None]]) -> None:
        """Run the job and close everything."""
        with self._runner:
            self._runner.run(self._run(job))

    async def _warm_up(self) -> None:
        async with asyncio.timeout(_WARM_UP_SECONDS):
            services = await self._open()
            await warmup.renew_connection(services.database)

    async def _run(self, job: Callable[[WorkerServices], Awaitable[None]]) -> None:
        async with self._stack:
            await job(await self._open())

    async def _open(self) -> WorkerServices:
        if self._services is None:
            self._services = await self._stack.enter_async_context(connect(settings(), registry(), database()))
        return self._services


@cache
def current() -> JobProcess:
    """Return that of this process. Call it in the child only."""
    return JobProcess()
