"""Database access: one engine for each process, one session for each unit of work.

Single statements may run without a session: see ``Database.fetch`` and storage.postgres.compiled.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any, Final, cast

import asyncpg
import orjson
from sqlalchemy import Connection, ExceptionContext, event, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import NullPool

from core import asyncio_cancel
from core.batching import Batcher, FairBatcher, GroupedBatcher, Key, Value
from core.errors import Refusal
from core.settings import Settings
from storage.postgres import failures
from storage.postgres.connector import Connector
from storage.postgres.pool import StatementPool

log = logging.getLogger(__name__)

_LOCK_TIMEOUT: Final = text("SELECT set_config('lock_timeout', :duration, true)")


class Database:
    """An engine, its sessions and a pool for single statements. Use ``pooled=False`` in processes that may fork.

    ``pre_ping`` checks a connection before each use, for work that cannot be retried. Transactions longer than
    ``max_transaction_seconds`` are terminated, see ``connector.transaction_timeout_sql``.
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
        has_transaction_pooler: bool = False,
    ) -> None:
        self.connector = Connector(
            address,
            has_transaction_pooler=has_transaction_pooler,
            max_transaction_seconds=max_transaction_seconds,
        )
        pool = {"pool_size": pool_size, "max_overflow": 0, "pool_timeout": 10, "pool_pre_ping": pre_ping}
        options: dict[str, Any] = pool if pooled else {"poolclass": NullPool}
        self.engine: AsyncEngine = create_async_engine(
            "postgresql+asyncpg://",
            creator=self._connect,
            json_serializer=lambda value: orjson.dumps(value).decode(),
            json_deserializer=orjson.loads,
            **options,
        )
        event.listen(self.engine.sync_engine, "handle_error", _discard_unusable_connection)
        if self.connector.transaction_sql is not None:
            event.listen(self.engine.sync_engine, "begin", partial(_set_up_transaction, self.connector.transaction_sql))
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False, autoflush=False)
        self._statements = StatementPool(self.connector, statement_pool_size)
        self._batchers: dict[Callable[..., object], Batcher[Any, Any]] = {}
        self._grouped_batchers: dict[Callable[..., object], GroupedBatcher[Any, Any]] = {}
        self._fair_batchers: dict[Callable[..., object], FairBatcher[Any, Any]] = {}

    @asynccontextmanager
    async def transaction(self, *, lock_timeout_ms: int | None = None) -> AsyncIterator[AsyncSession]:
        """Open a unit of work that commits at the end and rolls back on an exception.

        Raises Unavailable when the connection or the server is the cause of a failure, and after a lock conflict, such
        as a wait for a lock of more than ``lock_timeout_ms``.
        """
        with translated_errors():
            async with self._sessions.begin() as session:
                if lock_timeout_ms is not None:
                    await session.execute(_LOCK_TIMEOUT, {"duration": f"{lock_timeout_ms}ms"})
                yield session
            self.connector.availability.answers += 1

    async def fetch(self, statement: str, values: Sequence[Any], *, generic_plan: bool = False) -> list[asyncpg.Record]:
        """Return the rows of a statement run in a transaction of its own; raise Unavailable as ``transaction`` does.

        ``generic_plan`` is described in storage.postgres.pool.
        """
        log.debug(statement)
        try:
            return await self._statements.fetch(statement, values, generic_plan=generic_plan)
        except Refusal:
            raise
        except Exception as error:
            _raise_refusal(error)
            raise

    async def is_writable(self) -> bool:
        """Return whether this is the primary and accepts writes. Raises Unavailable."""
        return not (await self.fetch("SELECT current_setting('transaction_read_only')::bool", ()))[0][0]

    def batcher(self, load_many: "Callable[[Database, list[Key]], Awaitable[list[Value]]]") -> Batcher[Key, Value]:
        """Return the batcher of ``load_many``, which all callers in this process share."""
        batcher = self._batchers.get(load_many)
        if batcher is None:
            batcher = self._batchers[load_many] = Batcher(partial(load_many, self))
        return cast("Batcher[Key, Value]", batcher)

    def grouped_batcher(
        self,
        load_many: "Callable[[Database, list[Key]], Awaitable[list[Value]]]",
        *,
        max_size: int,
        max_batches: int = 1,
    ) -> GroupedBatcher[Key, Value]:
        """Return the grouped batcher of ``load_many``, which all callers in this process share."""
        batcher = self._grouped_batchers.get(load_many)
        if batcher is None:
            batcher = self._grouped_batchers[load_many] = GroupedBatcher(
                partial(load_many, self), max_size=max_size, max_batches=max_batches
            )
        return cast("GroupedBatcher[Key, Value]", batcher)

    def fair_batcher(
        self,
        load_many: "Callable[[Database, list[list[Key]]], Awaitable[list[list[Value] | None]]]",
        load_group: "Callable[[Database, list[Key]], Awaitable[list[Value]]]",
        *,
        max_groups: int,
        max_size: int,
    ) -> FairBatcher[Key, Value]:
        """Return the fair batcher of ``load_many``, which all callers in this process share."""
        batcher = self._fair_batchers.get(load_many)
        if batcher is None:
            batcher = self._fair_batchers[load_many] = FairBatcher(
                partial(load_many, self), partial(load_group, self), max_groups=max_groups, max_size=max_size
            )
        return cast("FairBatcher[Key, Value]", batcher)

    async def close(self) -> None:
        """Close all connections."""
        await self._statements.close()
        await self.engine.dispose()

    def _connect(self) -> Any:  # noqa: ANN401  the connection of SQLAlchemy's dialect
        """Open a connection for SQLAlchemy, as its documentation of ``async_creator`` describes."""
        names = {"prepared_statement_name_func": str, "prepared_statement_cache_size": 0}
        options: dict[str, Any] = names if self.connector.has_transaction_pooler else {}
        return self.engine.sync_engine.dialect.loaded_dbapi.connect(async_creator_fn=self.connector.connect, **options)


def open_database(settings: Settings, **options: Any) -> Database:  # noqa: ANN401  options of Database
    """Create the database of the settings."""
    if settings.database_url is None:
        raise ValueError("DATABASE_URL must be set")
    has_transaction_pooler = settings.database.pooling == "transaction"
    return Database(settings.database_url, has_transaction_pooler=has_transaction_pooler, **options)


def open_direct_database(settings: Settings) -> Database:
    """Create the database past a pooler if the settings have its direct URL, for a single use."""
    if settings.database.direct_url is None:
        return open_database(settings, pooled=False)
    return Database(settings.database.direct_url, pooled=False)


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise Unavailable for the errors of the driver that are no bugs, and log the driver's reason."""
    try:
        yield
    except Refusal:
        raise
    except Exception as error:
        _raise_refusal(error)
        raise


def _set_up_transaction(statement: str, connection: Connection) -> None:
    connection.exec_driver_sql(statement)


def _discard_unusable_connection(context: ExceptionContext) -> None:
    """Replace all connections after one that cannot be used any more, such as to a former primary."""
    cause = context.original_exception.__cause__ or context.original_exception
    if isinstance(cause, failures.CONNECTION_ERRORS):
        context.is_disconnect = True


def _raise_refusal(error: Exception) -> None:
    """Raise Unavailable if the connection or the server is the cause of an error, and log the driver's reason."""
    refusal = failures.refusal(error)
    if refusal is None:
        return
    asyncio_cancel.raise_if_cancelling()
    log.warning("database unavailable", extra={"reason": failures.reason(error), "refusal": refusal.technical})
    raise refusal from error
