"""Connections for single statements: no transaction around them, nothing to reset; first come, first served."""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import asyncpg

_CONNECT_SECONDS: Final = 5
_WAIT_SECONDS: Final = 10
CUT: Final = (
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    ConnectionError,
)
"""What a statement raises whose connection is no more."""


class Connections:
    """At most ``size`` connections, each made when it is first needed. A statement alone is a transaction of its own.

    Raises what asyncpg raises, and TimeoutError when no connection becomes free in time.
    """

    def __init__(self, address: str, size: int, settings: dict[str, str]) -> None:
        self._address, self._size, self._settings = address, size, settings
        self._idle: list[asyncpg.Connection] = []
        self._waiting: deque[asyncio.Future[asyncpg.Connection | None]] = deque()
        self._open = 0
        self._is_closed = False

    async def fetch(self, statement: str, values: Sequence[Any]) -> list[asyncpg.Record]:
        """All rows of a statement that may be asked twice: so it is where a connection was cut while it rested."""
        while (rested := self._rested()) is not None:
            with suppress(*CUT):
                return await self._fetched(rested, statement, values)
        return await self._fetched(await self._taken(), statement, values)

    async def _fetched(
        self, connection: asyncpg.Connection, statement: str, values: Sequence[Any]
    ) -> list[asyncpg.Record]:
        try:
            rows: list[asyncpg.Record] = await connection.fetch(statement, *values)
        except BaseException as error:
            if not isinstance(error, asyncpg.PostgresError) or isinstance(error, CUT):
                # cancelled or broken in the middle: nobody knows what would come next on this connection
                connection.terminate()
            self._give_back(connection)
            raise
        self._give_back(connection)
        return rows

    async def close(self) -> None:
        """Close what is idle at once, and what is busy when it is given back."""
        self._is_closed = True
        while self._idle:
            self._open -= 1
            await self._idle.pop().close()

    def _rested(self) -> asyncpg.Connection | None:
        """One that is idle and was not cut meanwhile."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
            self._open -= 1
        return None

    async def _taken(self) -> asyncpg.Connection:
        """A connection that was not idle: a new one, or the next that is given back."""
        if self._open >= self._size:
            turn: asyncio.Future[asyncpg.Connection | None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            connection = await self._turn(turn)
            if connection is not None:
                return connection
        else:
            self._open += 1
        try:
            return await asyncpg.connect(self._address, timeout=_CONNECT_SECONDS, server_settings=self._settings)
        except BaseException:
            self._pass_on(None)
            raise

    async def _turn(self, turn: "asyncio.Future[asyncpg.Connection | None]") -> asyncpg.Connection | None:
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                return await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                # it came in the very moment when we went
                self._pass_on(turn.result())
            raise

    def _give_back(self, connection: asyncpg.Connection) -> None:
        self._pass_on(None if connection.is_closed() else connection)

    def _pass_on(self, connection: asyncpg.Connection | None) -> None:
        """To whoever waits longest, a place without a connection too."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return
        if connection is None:
            self._open -= 1
        elif self._is_closed:
            self._open -= 1
            connection.terminate()
        else:
            self._idle.append(connection)
