"""Read the database at one moment for a backup, and prepare a database for a restore."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy import column, select, table, text, union
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import migrations
from storage.maintenance import orphans
from storage.postgres.database import Database, translated_errors
from storage.tables import metadata

_FACTS: Final = text(
    "SELECT pg_export_snapshot(), current_schema(), current_setting('server_version_num')::int / 10000,"
    " (SELECT version_num FROM alembic_version)"
)
_BLOB_COLUMNS: Final = text(
    "SELECT table_name, column_name FROM information_schema.columns"
    " WHERE table_schema = current_schema() AND column_name LIKE '%blob_key'"
)
"""The columns that ``orphans.blob_key_columns`` finds in the tables of this version."""
_OTHER_CLIENTS: Final = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)
_UNUSED_FUNCTIONS: Final = text(
    "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = current_schema()::regnamespace"
    " AND prorettype = 'trigger'::regtype AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgfoid = pg_proc.oid)"
    " AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')"
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A moment of the database, which ``pg_dump --snapshot`` reads as long as its transaction is open."""

    id: str
    schema: str
    server_major: int
    revision: str
    _connection: AsyncConnection

    async def blob_keys(self) -> AsyncIterator[str]:
        """Yield the keys of all blobs that rows reference, in order."""
        # of the tables that the database has: it may be of an earlier version
        found = (await self._connection.execute(_BLOB_COLUMNS)).all()
        columns = [table(table_name, column(name)).c[name] for table_name, name in found]
        keys = union(*(select(each.label("key")).where(each.is_not(None)) for each in columns))
        async with self._connection.stream(keys.order_by(text("key"))) as rows:
            async for (key,) in rows:
                yield key


@asynccontextmanager
async def files_kept(database: Database) -> AsyncIterator[None]:
    """Keep servers and workers from removing unused files until exit. Raises Unavailable."""
    with translated_errors():
        async with database.engine.connect() as connection:
            # a lock of the session: it waits for a cleanup that runs, and ends with the connection
            session = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await session.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": orphans.LOCK})
            yield


@asynccontextmanager
async def open_snapshot(database: Database) -> AsyncIterator[Snapshot]:
    """Open a snapshot until exit. Raises Unavailable."""
    with translated_errors():
        async with database.engine.connect() as connection:
            session = await connection.execution_options(isolation_level="REPEATABLE READ")
            await session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            row = (await session.execute(_FACTS)).one()
            yield Snapshot(row[0], row[1], row[2], row[3], session)


async def is_empty(database: Database) -> bool:
    """Return whether the database contains no organization, to which all other rows belong. Raises Unavailable."""
    async with database.transaction() as session:
        exists = await session.scalar(text("SELECT to_regclass('organizations') IS NOT NULL"))
        return not exists or not await session.scalar(text("SELECT EXISTS (SELECT FROM organizations)"))


async def count_other_clients(database: Database) -> int:
    """Return the number of other connections to the database. Raises Unavailable."""
    async with database.transaction() as session:
        return await session.scalar(_OTHER_CLIENTS) or 0


async def current_schema(database: Database) -> tuple[str, int]:
    """Return the schema in which tables are created, and the major version of Postgres. Raises Unavailable."""
    async with database.transaction() as session:
        query = text("SELECT current_schema(), current_setting('server_version_num')::int / 10000")
        name, major = (await session.execute(query)).one()
        return name, major


async def remove_tables(database: Database) -> None:
    """Remove all tables of this product with their contents. Tables of others stay. Raises Unavailable."""
    names = ", ".join(f'"{name}"' for name in [*metadata.tables, migrations.VERSION_TABLE])
    async with database.transaction() as session:
        await session.execute(text(f"DROP TABLE IF EXISTS {names} CASCADE"))
        for function in (await session.scalars(_UNUSED_FUNCTIONS)).all():
            await session.execute(text(f"DROP FUNCTION {function}"))
