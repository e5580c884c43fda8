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
from server.authentication import Authenticator
from storage.postgres import notifications

log = logging.getLogger(__name__)

_CREDENTIAL_HEADERS: Final = ("authorization", "x-api-key")


class TooManyConnectionsError(Exception):
    """A caller or an address has as many sockets and streams as it may have."""


@dataclass(frozen=True, slots=True)
class CloseReason:
    """Why the server ends a connection: the close code of a socket with its reason, the error code of a stream."""

    code: int
    reason: str
    error_reason: Reason | None = None


IDLE: Final = CloseReason(1000, "Idle")


class Connection:
    """One socket or stream, from its opening to its end."""

    def __init__(self, address: str, leave: Callable[[Caller | None], None]) -> None:
        self.address = address
        self.caller: Caller | None = None
        self.credentials: Mapping[str, str] = {}
        self.close_reason: CloseReason | None = None
        self.on_close: Callable[[CloseReason], None] | None = None
        # a stream is its one operation
        self.is_busy: Callable[[], bool] = lambda: True
        self.idle_since = time.monotonic()
        self._leave = leave

    def close(self, ending: CloseReason) -> None:
        """Have its owner end it, once."""
        if self.close_reason is None:
            self.close_reason = ending
            if self.on_close is not None:
                self.on_close(ending)


class ConnectionRegistry:
    """All of this process."""

    def __init__(self, limits: SocketSettings) -> None:
        self._limits = limits
        self._open: set[Connection] = set()
        self._addresses: Counter[str] = Counter()
        self._callers: Counter[str] = Counter()
        self._check_requested = asyncio.Event()

    @contextmanager
    def open(self, address: str) -> Iterator[Connection]:
        """A connection from this address. Raises TooMany."""
        if self._addresses[address] >= self._limits.max_per_address:
            raise TooManyConnectionsError
        connection = Connection(address, self._release_caller)
        self._addresses[address] += 1
        self._open.add(connection)
        try:
            yield connection
        finally:
            self._open.discard(connection)
            _decrement(self._addresses, address)
            self._release_caller(connection.caller)

    def assign_caller(self, connection: Connection, caller: Caller | None, shown: Mapping[str, str]) -> None:
        """Tell whose it is, by which credentials. Raises TooMany."""
        if caller is None:
            return
        if self._callers[caller.user_id] >= self._limits.max_per_caller:
            raise TooManyConnectionsError
        self._callers[caller.user_id] += 1
        connection.caller = caller
        connection.credentials = {name: shown[name] for name in _CREDENTIAL_HEADERS if name in shown}

    @asynccontextmanager
    async def run_checks(self, credentials: Authenticator, database_url: str) -> AsyncIterator[None]:
        """Look meanwhile, now and then, and at once when some server tells that a credential was revoked."""
        tasks = [
            asyncio.create_task(self.check_forever(credentials)),
            asyncio.create_task(
                notifications.listen_forever(database_url, notifications.CREDENTIALS_CHANNEL, self.request_check)
            ),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def request_check(self) -> None:
        """Have it looked at once: somebody may have lost what opened a connection."""
        self._check_requested.set()

    async def check_forever(self, credentials: Authenticator) -> None:
        """Look again and again, until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._limits.check_seconds):
                    await self._check_requested.wait()
            self._check_requested.clear()
            try:
                await self.check(credentials)
            except Exception:
                log.exception("credentials of connections could not be checked")

    async def check(self, credentials: Authenticator) -> None:
        """End what is idle, and what was opened by somebody who may no more, or now may other things."""
        now, shown = time.monotonic(), dict[tuple[str | None, ...], list[Connection]]()
        for connection in self._open:
            if connection.is_busy():
                connection.idle_since = now
            elif now - connection.idle_since > self._limits.idle_seconds:
                connection.close(IDLE)
            if connection.credentials:
                shown.setdefault(tuple(map(connection.credentials.get, _CREDENTIAL_HEADERS)), []).append(connection)
        for connections in shown.values():
            await _check_same_credentials(credentials, connections)

    def _release_caller(self, caller: Caller | None) -> None:
        if caller is not None:
            _decrement(self._callers, caller.user_id)


async def _check_same_credentials(credentials: Authenticator, connections: list[Connection]) -> None:
    """All of these were opened by the same credentials."""
    try:
        caller, reason = await credentials.authenticate(connections[0].credentials), Reason.MISSING
    except Unauthenticated as refusal:
        caller, reason = None, refusal.reason
    except Unavailable:
        return
    for connection in connections:
        if connection.caller != caller:
            connection.close(CloseReason(4403, "Forbidden", reason))


def _decrement(counter: Counter[str], name: str) -> None:
    counter[name] -= 1
    if counter[name] <= 0:
        del counter[name]
