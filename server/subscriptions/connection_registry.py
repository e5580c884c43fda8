"""Registry of open WebSockets and HTTP streams: limits per caller and IP address, periodic credential checks."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from graphql import GraphQLError
from strawberry.types import ExecutionResult

from core import logs
from core.errors import Reason, Unauthenticated, Unavailable
from core.settings import SocketSettings
from resolvers.access.context import Caller
from server.authentication import Authenticator
from storage.postgres import notifications
from storage.postgres.connector import Connector

log = logging.getLogger(__name__)

_CREDENTIAL_HEADERS: Final = ("authorization", "x-api-key", "cookie")


class TooManyConnectionsError(Exception):
    """The caller or the IP address has reached its limit of connections."""


@dataclass(frozen=True, slots=True)
class CloseReason:
    """Close code and reason for a WebSocket, error reason for a stream."""

    code: int
    reason: str
    error_reason: Reason | None = None


IDLE: Final = CloseReason(1000, "Idle")


class Connection:
    """A WebSocket or an HTTP stream. ``on_close`` is called once, when the server closes it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.caller: Caller | None = None
        self.credentials: Mapping[str, str] = {}
        self.close_reason: CloseReason | None = None
        self.on_close: Callable[[CloseReason], object] | None = None
        # a stream ends with its operation, so it is never idle
        self.is_busy: Callable[[], bool] = lambda: True
        self.idle_since = time.monotonic()

    def close(self, reason: CloseReason) -> None:
        if self.close_reason is None:
            self.close_reason = reason
            if self.on_close is not None:
                self.on_close(reason)


class ConnectionRegistry:
    """The connections of this process."""

    def __init__(self, limits: SocketSettings) -> None:
        self._limits = limits
        self._open: set[Connection] = set()
        self._addresses: Counter[str] = Counter()
        self._callers: Counter[str] = Counter()
        self._check_requested = asyncio.Event()

    @contextmanager
    def open(self, address: str) -> Iterator[Connection]:
        """Register a connection from this IP address. Raises TooManyConnectionsError."""
        if self._addresses[address] >= self._limits.max_per_address:
            raise TooManyConnectionsError
        connection = Connection(address)
        self._addresses[address] += 1
        self._open.add(connection)
        try:
            yield connection
        finally:
            self._open.discard(connection)
            _decrement(self._addresses, address)
            if connection.caller is not None:
                _decrement(self._callers, connection.caller.user_id)

    def assign_caller(self, connection: Connection, caller: Caller | None, headers: Mapping[str, str]) -> None:
        """Record who opened the connection with which credentials. Raises TooManyConnectionsError."""
        if caller is None:
            return
        if self._callers[caller.user_id] >= self._limits.max_per_caller:
            raise TooManyConnectionsError
        self._callers[caller.user_id] += 1
        connection.caller = caller
        connection.credentials = {name: headers[name] for name in _CREDENTIAL_HEADERS if name in headers}

    @asynccontextmanager
    async def run_checks(self, authenticator: Authenticator, connector: Connector | None) -> AsyncIterator[None]:
        """Check the connections periodically, and at once when any server revokes a credential.

        The latter needs a connector that receives notifications.
        """
        tasks = [asyncio.create_task(self._check_forever(authenticator))]
        if connector is not None:
            listening = notifications.listen_forever(
                connector, notifications.CREDENTIALS_CHANNEL, self._check_requested.set
            )
            tasks.append(asyncio.create_task(listening))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _check_forever(self, authenticator: Authenticator) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._limits.check_seconds):
                    await self._check_requested.wait()
            self._check_requested.clear()
            try:
                await self._check(authenticator)
            except Exception:
                log.exception("credential check of open connections failed")

    async def _check(self, authenticator: Authenticator) -> None:
        """Close idle connections, and those whose credentials are invalid or whose caller has other permissions."""
        now = time.monotonic()
        by_credentials = dict[tuple[str | None, ...], list[Connection]]()
        for connection in self._open:
            if connection.is_busy():
                connection.idle_since = now
            elif now - connection.idle_since > self._limits.idle_seconds:
                connection.close(IDLE)
            if connection.credentials:
                credentials = tuple(map(connection.credentials.get, _CREDENTIAL_HEADERS))
                by_credentials.setdefault(credentials, []).append(connection)
        for connections in by_credentials.values():
            await _check_credentials(authenticator, connections)


async def until_closed(results: AsyncIterable[Any], connection: Connection) -> AsyncGenerator[Any, None]:
    """Yield the results until the connection is closed, then an error with the reason."""
    # one result at a time: a slow client must not fill the memory
    queue: asyncio.Queue[Any] = asyncio.Queue(1)
    changed = asyncio.Event()

    async def read_results() -> None:
        async for result in results:
            await queue.put(result)
            changed.set()

    reader = asyncio.create_task(read_results())
    reader.add_done_callback(lambda _: changed.set())
    connection.on_close = lambda _: reader.cancel()
    try:
        while not (reader.done() and queue.empty()):
            if queue.empty():
                changed.clear()
                await changed.wait()
            else:
                yield queue.get_nowait()
        if connection.close_reason is not None:
            yield _error_result(connection.close_reason)
        else:
            reader.result()
    finally:
        reader.cancel()
        with suppress(asyncio.CancelledError):
            await reader


def _error_result(reason: CloseReason) -> ExecutionResult:
    refusal = Unauthenticated(reason.error_reason) if reason.error_reason else Unauthenticated()
    code = refusal.reason.value
    logs.report_error_code(code)
    error = GraphQLError(refusal.message, extensions={"code": code, "traceId": logs.trace_id.get()})
    return ExecutionResult(data=None, errors=[error])


async def _check_credentials(authenticator: Authenticator, connections: list[Connection]) -> None:
    """Check connections that were all opened with the same credentials."""
    try:
        caller, reason = await authenticator.authenticate(connections[0].credentials), Reason.MISSING
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
