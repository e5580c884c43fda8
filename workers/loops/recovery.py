"""Sees to it that workers come for every job that is due, and that nothing is left lying about.

Runs in every server and beside every worker; of each sweep, one process at a time does the work, by an advisory lock.
"""

import asyncio
import logging
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final, NoReturn, Protocol

from sqlalchemy import text

from core import asyncio_cancel
from core.errors import Refusal
from core.settings import Settings
from engines.registry import EngineRegistry
from storage.blobs.port import BlobStore
from storage.postgres import database
from storage.postgres.database import Database
from storage.queries import conversions
from storage.queue import dispatch
from workers import parent_death
from workers.jobs import export
from workers.loops import cleanup
from workers.services import connect

log = logging.getLogger(__name__)

_LOCK: Final = 7_305_114_812
_LEAD: Final = text(f"SELECT pg_try_advisory_xact_lock(:lock), {database.transaction_timeout_sql(10)}")
_AT_ONCE: Final = 64
"""More wake-ups than workers help nobody; the next sweep sends the next."""


class WakingQueue(Protocol):
    """A queue that can tell how many wake-ups are in it."""

    async def wake(self, times: int = 1) -> None:
        """Wake workers."""

    async def count_waiting(self) -> int:
        """How many wake-ups no worker has heard yet."""


@dataclass(frozen=True, slots=True)
class RecoveryServices:
    """What recovery looks after."""

    settings: Settings
    database: Database
    queue: WakingQueue
    blobs: BlobStore


async def sweep(database: Database, queue: WakingQueue) -> int:
    """Wake workers for the jobs and files that are due beyond the wake-ups under way; how many. Raises Unavailable."""
    async with database.transaction() as session:
        if not await session.scalar(_LEAD, {"lock": _LOCK}):
            return 0
        due = await dispatch.count_due(session) + await conversions.count_due(session)
        missing = min(due - await queue.count_waiting(), _AT_ONCE) if due else 0
        if missing > 0:
            log.warning("wake-ups were lost", extra={"due": due, "sent": missing})
            await queue.wake(missing)
    return max(missing, 0)


async def run_forever(parts: RecoveryServices, is_over: Callable[[], bool] = lambda: False) -> None:
    """Sweep again and again, and tidy up now and then; whatever is away now will be there later."""
    settings = parts.settings.workers
    tidied_at = time.monotonic()
    while not is_over() and not asyncio_cancel.is_cancelling():
        await _try(lambda: sweep(parts.database, parts.queue))
        if time.monotonic() - tidied_at >= settings.tidy_seconds:
            await _try(lambda: cleanup.remove_unused(parts.database, parts.blobs, settings))
            tidied_at = time.monotonic()
        await asyncio.sleep(settings.recovery_seconds)


async def _try(round_: Callable[[], Awaitable[object]]) -> None:
    """One round; recovery outlives whatever happens in it."""
    try:
        await round_()
    except Refusal as refusal:
        log.warning("recovery waits", extra={"reason": refusal.technical})
    except Exception:
        log.exception("recovery broke, and goes on")


@contextmanager
def child_process(settings: Settings) -> Iterator[None]:
    """Recovery in a process of its own while the body runs: a worker neither waits for it nor forks in its midst."""
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        _be_the_child(settings, parent)
    try:
        yield
    finally:
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(child, signal.SIGTERM)
            os.waitpid(child, 0)


def _be_the_child(settings: Settings, parent: int) -> NoReturn:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        parent_death.die_with_parent(parent)
        asyncio.run(_beside(settings, parent))
    finally:
        os._exit(1)


async def _beside(settings: Settings, parent: int) -> None:
    async with connect(settings, EngineRegistry(settings.engines.enabled, settings.engines.default)) as services:
        parts = RecoveryServices(settings, services.database, services.queue, services.blobs)

        def is_over() -> bool:
            return parent_death.is_orphaned(parent)

        async with asyncio.TaskGroup() as group:
            group.create_task(run_forever(parts, is_over))
            group.create_task(export.run_forever(services, is_over))
