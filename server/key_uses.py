"""Record when API keys were last used: in the background, so that no request waits for the write."""

import asyncio
import contextvars
from datetime import timedelta
from typing import Final

from core import clock
from storage.postgres.database import Database
from storage.queries import accounts
from workers import periodic

_PAUSE_SECONDS: Final = 1.0
"""Time between two statements. Keys that are used meanwhile share the next one."""


class KeyUseRecorder:
    """Writes the time of last use of keys, of each at most once in ``interval``.

    The time is that of the write. A failed write is logged; the next use of the key is written again.
    """

    def __init__(self, database: Database, interval: timedelta) -> None:
        self._database, self.interval = database, interval
        self._used: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    def record(self, key_id: str) -> None:
        """Record the use of a key soon."""
        self._used.add(key_id)
        if self._task is None or self._task.done():
            # in a context of its own: its log lines have nothing to do with this request
            self._task = asyncio.create_task(self._write_repeatedly(), context=contextvars.Context())

    async def aclose(self) -> None:
        """Write what is recorded."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await periodic.run_step("last use of keys", self._write)

    async def _write_repeatedly(self) -> None:
        while self._used:
            await periodic.run_step("last use of keys", self._write)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _write(self) -> None:
        used, self._used = self._used, set()
        if used:
            await accounts.touch_keys(self._database, used, clock.now(), self.interval)
