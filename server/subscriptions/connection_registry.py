"""Sockets and streams that are open: how many anybody may have, and whether who opened them still may."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from core.errors import Reason, Unauthenticated, Unavailable
from core.settings import SocketSettings
from resolvers.access.context import Caller
from server.authentication import Credentials
from storage.postgres import notifications

log = logging.getLogger(__name__)

_SHOWN: Final = ("authorization", "x-api-key")


class TooMany(Exception):  # noqa: N818  it reads as what happened
    """A caller or an address has as many sockets and streams as it may have."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Why the server ends a connection: the close code of a socket with its reason, the error code of a stream."""

    code: int
    reason: str
    error: Reason | None = None


IDLE: Final = Ending(1000, "Idle")


class Connection:
    """One socket or stream, from its opening to its end."""

    def __init__(self, address: str, leave: Callable[[Caller | None], None]) -> None:
        self.address = address
        self.caller: Caller | None = None
        self.shown: Mapping[str, str] = {}
        self.ending: Ending | None = None
        self.hang_up: Callable[[Ending], None] | None = None
        # a stream is its one operation
        self.is_busy: Callable[[], bool] = lambda: True
        self.idle_since = time.monotonic()
        self._leave = leave

    def end(self, ending: Ending) -> None:
        """Have its owner end it, once."""
        if self.ending is None:
            self.ending = ending
            if self.hang_up is not None:
                self.hang_up(ending)


class Connections:
    """All of this process."""

    def __init__(self, limits: SocketSettings) -> None:
        self._limits = limits
        self._open: set[Connection] = set()
        self._addresses: Counter[str] = Counter()
        self._callers: Counter[str] = Counter()
        self._news = asyncio.Event()

    @contextmanager
    def opened(self, address: str) -> Iterator[Connection]:
        """A connection from this address. Raises TooMany."""
        if self._addresses[address] >= self._limits.max_per_address:
            raise TooMany
        connection = Connection(address, self._forget)
        self._addresses[address] += 1
        self._open.add(connection)
        try:
            yield connection
        finally:
            self._open.discard(connection)
            _less(self._addresses, address)
            self._forget(connection.caller)

    def introduce(self, connection: Connection, caller: Caller | None, shown: Mapping[str, str]) -> None:
        """Tell whose it is, by which credentials. Raises TooMany."""
        if caller is None:
            return
        if self._callers[caller.user_id] >= self._limits.max_per_caller:
            raise TooMany
        self._callers[caller.user_id] += 1
        connection.caller = caller
        connection.shown = {name: shown[name] for name in _SHOWN if name in shown}

    @asynccontextmanager
    async def watched(self, credentials: Credentials, database_url: str) -> AsyncIterator[None]:
        """Look meanwhile, now and then, and at once when some server tells that a credential was revoked."""
        tasks = [
            asyncio.create_task(self.check_forever(credentials)),
            asyncio.create_task(notifications.listen_forever(database_url, notifications.CREDENTIALS, self.look)),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def look(self) -> None:
        """Have it looked at once: somebody may have lost what opened a connection."""
        self._news.set()

    async def check_forever(self, credentials: Credentials) -> None:
        """Look again and again, until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._limits.check_seconds):
                    await self._news.wait()
            self._news.clear()
            try:
                await self.check(credentials)
            except Exception:
                log.exception("credentials of connections could not be checked")

    async def check(self, credentials: Credentials) -> None:
        """End what is idle, and what was opened by somebody who may no more, or now may other things."""
        now, shown = time.monotonic(), dict[tuple[str | None, ...], list[Connection]]()
        for connection in self._open:
            if connection.is_busy():
                connection.idle_since = now
            elif now - connection.idle_since > self._limits.idle_seconds:
                connection.end(IDLE)
            if connection.shown:
                shown.setdefault(tuple(map(connection.shown.get, _SHOWN)), []).append(connection)
        for connections in shown.values():
            await _check(credentials, connections)

    def _forget(self, caller: Caller | None) -> None:
        if caller is not None:
            _less(self._callers, caller.user_id)


async def _check(credentials: Credentials, connections: list[Connection]) -> None:
    """All of these were opened by the same credentials."""
    try:
        caller, reason = await credentials.identify(connections[0].shown), Reason.MISSING
    except Unauthenticated as refusal:
        caller, reason = None, refusal.reason
    except Unavailable:
        return
    for connection in connections:
        if connection.caller != caller:
            connection.end(Ending(4403, "Forbidden", reason))


def _less(counter: Counter[str], name: str) -> None:
    counter[name] -= 1
    if counter[name] <= 0:
        del counter[name]
