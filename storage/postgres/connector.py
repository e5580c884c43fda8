"""Open connections to Postgres: directly or through a pooler, to the first usable host, and close all in an outage."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any, Final

import asyncpg

from core import asyncio_cancel
from core.network import availability, database_url
from core.network.availability import Availability
from storage.postgres.failures import DatabaseConnectionError, reason

_CONNECT_SECONDS: Final = 5.0
"""Time in which one host must accept a connection, unless the URL has a connect_timeout."""

_POOLER_SECONDS: Final = 2.0
"""Time in which a pooler in transaction mode must answer."""

_OPEN_ERRORS: Final = (
    OSError,
    TimeoutError,
    ValueError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


class Connector:
    """Opens connections with the settings of a session.

    Behind a pooler in transaction mode a server connection belongs to a client only during a transaction. There,
    statements have no names, and ``transaction_sql`` must run in each transaction instead of once for a session.
    Startup parameters other than the application's name are never sent, because poolers refuse them.
    """

    def __init__(
        self, url: str, *, has_transaction_pooler: bool = False, max_transaction_seconds: int | None = None
    ) -> None:
        self._url = database_url.parse(url)
        self.has_transaction_pooler = has_transaction_pooler
        self.availability = Availability("Database", self.terminate_all)
        self._settings_sql = f"SELECT {_settings_sql(max_transaction_seconds, is_local=has_transaction_pooler)}"
        self._open: set[asyncpg.Connection] = set()
        self._is_monitored = False
        self._hang_noticed = asyncio.Event()

    @property
    def transaction_sql(self) -> str | None:
        """The statement that each transaction must begin with; None if a session has the settings."""
        return self._settings_sql if self.has_transaction_pooler else None

    async def connect(self) -> asyncpg.Connection:
        """Open a connection to the first usable host. Raises DatabaseConnectionError, Unavailable."""
        if self._hang_noticed.is_set():
            raise DatabaseConnectionError("new connections get no response")
        default = availability.CONNECT_SECONDS if self._is_monitored else _CONNECT_SECONDS
        try:
            connection = await self._connect_first(self.availability.deadline, self._url.connect_seconds or default)
        except DatabaseConnectionError as error:
            asyncio_cancel.raise_if_cancelling()
            self.availability.check()
            if self._is_monitored and isinstance(error.__cause__, TimeoutError):
                self._hang_noticed.set()
            raise
        connection.add_termination_listener(self._open.discard)
        self._open.add(connection)
        return connection

    async def _connect_first(
        self, limit: Callable[[float], AbstractAsyncContextManager[object]], seconds: float
    ) -> asyncpg.Connection:
        """Connect to the first usable host; each may take this long. Raises DatabaseConnectionError."""
        failures: list[Exception] = []
        for host in self._url.hosts:
            try:
                async with limit(seconds):
                    return await self._connect(host)
            except _OPEN_ERRORS as error:
                failures.append(error)
        raise DatabaseConnectionError("; ".join(dict.fromkeys(map(reason, failures)))) from failures[-1]

    async def _connect(self, host: str) -> asyncpg.Connection:
        names = {"application_name": self._url.application_name}
        # the deadline is the caller's
        options: dict[str, Any] = {"statement_cache_size": 0} if self.has_transaction_pooler else {}
        if self._url.uses_system_certificates:
            options["ssl"] = ssl.create_default_context()
        connection = await asyncpg.connect(host, timeout=None, server_settings=names, **options)
        if not self.has_transaction_pooler:
            try:
                await connection.execute(self._settings_sql)
            except BaseException:
                connection.terminate()
                raise
        return connection

    def terminate_all(self) -> None:
        """Close all connections without a goodbye; waiting statements fail."""
        for connection in tuple(self._open):
            connection.terminate()

    async def monitor(self) -> None:
        """Watch whether Postgres responds, on open connections and to new ones, until cancelled."""
        # a call waits in a pooler while all its connections are in use
        response_seconds = _POOLER_SECONDS if self.has_transaction_pooler else availability.RESPONSE_SECONDS
        self._is_monitored = True
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(availability.monitor(self.availability, self._ping_connection, response_seconds))
                group.create_task(self._end_hangs())
        finally:
            self._is_monitored = False
            self._hang_noticed.clear()

    async def _end_hangs(self) -> None:
        """After a connection got no response, try others until one succeeds."""
        while not asyncio_cancel.is_cancelling():
            await self._hang_noticed.wait()
            with suppress(DatabaseConnectionError):
                (await self._connect_first(asyncio.timeout, _CONNECT_SECONDS)).terminate()
                self._hang_noticed.clear()
            await asyncio.sleep(availability.INTERVAL_SECONDS)

    @asynccontextmanager
    async def _ping_connection(self) -> AsyncIterator[Callable[[], Awaitable[object]]]:
        # without ``connect``, which fails during the outage that this connection may end
        connection = await self._connect_first(asyncio.timeout, _CONNECT_SECONDS)
        try:
            yield lambda: connection.execute("SELECT 1")
        finally:
            connection.terminate()


def _settings_sql(max_transaction_seconds: int | None, *, is_local: bool) -> str:
    """Return SQL expressions that set the settings of a session or of a transaction."""
    settings = [
        f"set_config('timezone', 'UTC', {is_local})",
        # releases the locks of a process that freezes during a transaction
        f"set_config('idle_in_transaction_session_timeout', '15s', {is_local})",
    ]
    if max_transaction_seconds is not None:
        settings.append(transaction_timeout_sql(max_transaction_seconds, is_local=is_local))
    return ", ".join(settings)


def transaction_timeout_sql(seconds: int, *, is_local: bool = True) -> str:
    """Return SQL that limits the duration of this transaction, or of each one of the session; from Postgres 17 on.

    The limit also ends a transaction whose process froze while asyncpg prepared a statement, and which Postgres
    therefore does not consider idle.
    """
    change = f"set_config('transaction_timeout', '{seconds}s', {is_local})"
    return f"CASE WHEN current_setting('server_version_num')::int >= 170000 THEN {change} END"
