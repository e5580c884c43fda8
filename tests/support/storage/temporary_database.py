"""Databases of single tests, in the Postgres of the shared one: empty, or with the schema of an earlier version."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from alembic import command

from storage import migrations
from storage.postgres.database import Database


@asynccontextmanager
async def empty_database(address: str, name: str) -> AsyncIterator[Database]:
    """Create a database beside that of the address, and drop it at the end."""
    admin = await asyncpg.connect(address)
    await admin.execute(f"CREATE DATABASE {name}")
    database = Database(f"{address.rpartition('/')[0]}/{name}", pooled=False)
    try:
        yield database
    finally:
        await database.close()
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()


@asynccontextmanager
async def older_database(address: str, name: str, revision: str) -> AsyncIterator[Database]:
    """Create a database with the schema of a revision, and drop it at the end."""
    async with empty_database(address, name) as database:
        async with database.engine.begin() as connection:
            await connection.run_sync(lambda sync: command.upgrade(migrations.config(sync), revision))
        yield database
