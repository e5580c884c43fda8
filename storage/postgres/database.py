"""Database access: one engine for each process, one session for each unit of work.

Single statements may run without a session: see ``Database.fetch`` and storage.postgres.compiled.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final, cast

import asyncpg
import orjson
from sqlalchemy import URL, AdaptedConnection, event, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import NullPool

from core import asyncio_cancel, errors
from core.batching import Batcher, Key, Value
from storage.postgres.pool import CONNECTION_ERRORS, StatementPool

log = logging.getLogger(__name__)

_UNREACHABLE: Final = (
    *CONNECTION_ERRORS,
    OSError,
    asyncio.TimeoutError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.TransactionTimeoutError,
)

_LOCK_ERRORS: Final = (asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError)

_SESSION_SETTINGS: Final = {
    "application_name": "music-studio",
    "timezone": "UTC",
    # releases the locks of a process that freezes during a transaction
    "idle_in_transaction_session_timeout": "15s",
}


def sqlalchemy_url(address: str) -> URL:
    """Return the URL for SQLAlchemy with asyncpg, where libpq's ``sslmode`` is named ``ssl``."""
    return _convert_url(address, "postgresql+asyncpg", "sslmode", "ssl")


def asyncpg_url(address: str) -> str:
    """Return the URL for asyncpg without SQLAlchemy."""
    return _convert_url(address, "postgresql", "ssl", "sslmode").render_as_string(hide_password=False)


def _convert_url(address: str, driver: str, option: str, new_option: str) -> URL:
    parts = make_url(address)
    query = {new_option if name == option else name: value for name, value in parts.query.items()}
    return parts.set(drivername=driver, query=query)


class Database:
    """An engine, its sessions and a pool for single statements. Use ``pooled=False`` in processes that may fork.

    ``pre_ping`` checks a connection before each use, for work that cannot be retried. Transactions longer than
    ``max_transaction_seconds`` are terminated, see ``transaction_timeout_sql``.
    """

    def __init__(
        self,
        address: str,
        *,
        pool_size: int = 10,
        statement_pool_size: int = 10,
        pooled: bool = True,
        pre_ping: bool = False,
        max_transaction_seconds: int | None = None,
    ) -> None:
        pool = {"pool_size": pool_size, "max_overflow": 0, "pool_timeout": 10, "pool_pre_ping": pre_ping}
        options: dict[str, Any] = pool if pooled else {"poolclass": NullPool}
        self.engine: AsyncEngine = create_async_engine(
            sqlalchemy_url(address),
            json_serializer=lambda value: orjson.dumps(value).decode(),
            json_deserializer=orjson.loads,
            connect_args={"timeout": 5, "server_settings": dict(_SESSION_SETTINGS)},
            **options,
        )
        if max_transaction_seconds is not None:
            event.listen(self.engine.sync_engine, "connect", partial(_set_transaction_timeout, max_transaction_seconds))
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False, autoflush=False)
        self._statements = StatementPool(asyncpg_url(address), statement_pool_size, dict(_SESSION_SETTINGS))
        self._batchers: dict[Callable[..., object], Batcher[Any, Any]] = {}

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Open a unit of work that commits at the end and rolls back on an exception.

        Raises Unavailable when Postgres is unreachable or ends this transaction because of a lock conflict.
        """
        try:
            async with self._sessions.begin() as session:
                yield session
        except (SQLAlchemyError, *_UNREACHABLE) as error:
            if _is_unreachable(error):
                asyncio_cancel.raise_if_cancelling()
                raise errors.Unavailable("Database is not reachable") from error
            if is_lock_conflict(error):
                raise _lock_conflict() from error
            raise

    async def fetch(self, statement: str, values: Sequence[Any]) -> list[asyncpg.Record]:
        """Return the rows of a statement run in a transaction of its own; raise Unavailable as ``transaction`` does."""
        log.debug(statement)
        try:
            return await self._statements.fetch(statement, values)
        except _UNREACHABLE as error:
            asyncio_cancel.raise_if_cancelling()
            raise errors.Unavailable("Database is not reachable") from error
        except _LOCK_ERRORS as error:
            raise _lock_conflict() from error

    def batcher(self, load_many: "Callable[[Database, list[Key]], Awaitable[list[Value]]]") -> Batcher[Key, Value]:
        """Return the batcher of ``load_many``, which all callers in this process share."""
        batcher = self._batchers.get(load_many)
        if batcher is None:
            batcher = self._batchers[load_many] = Batcher(partial(load_many, self))
        return cast("Batcher[Key, Value]", batcher)

    async def close(self) -> None:
        """Close all connections."""
        await self._statements.close()
        await self.engine.dispose()


def transaction_timeout_sql(seconds: int, *, is_local: bool = True) -> str:
    """Return SQL that limits the duration of this transaction, or of each one of the session; from Postgres 17 on.

    The limit also ends a transaction whose process froze while asyncpg prepared a statement, and which Postgres
    therefore does not consider idle.
    """
    change = f"set_config('transaction_timeout', '{seconds}s', {is_local})"
    return f"CASE WHEN current_setting('server_version_num')::int >= 170000 THEN {change} END"


def _set_transaction_timeout(seconds: int, connection: AdaptedConnection, _: object) -> None:
    connection.run_async(lambda driver: driver.execute(f"SELECT {transaction_timeout_sql(seconds, is_local=False)}"))


def is_lock_conflict(error: BaseException) -> bool:
    """Return whether Postgres ended this transaction because of a deadlock or a lock timeout."""
    return isinstance(error, DBAPIError) and isinstance(error.orig and error.orig.__cause__, _LOCK_ERRORS)


def _lock_conflict() -> errors.Unavailable:
    return errors.Unavailable("Database transaction conflicted with another one", retry_after=1)


def _is_unreachable(error: BaseException) -> bool:
    if isinstance(error, DBAPIError):
        cause = error.orig.__cause__ if error.orig else None
        return (
            error.connection_invalidated
            or isinstance(cause, _UNREACHABLE)
            or (isinstance(error, InterfaceError | OperationalError) and cause is None)
        )
    return isinstance(error, (*_UNREACHABLE, PoolTimeoutError))
