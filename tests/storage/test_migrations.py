"""Migrations make what the models say, from nothing and again."""

import asyncpg
import pytest
from sqlalchemy import text

from storage import migrations
from storage.databases import Database
from storage.tables import metadata

_FACTS = {
    "columns": """
        SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
               || ' ' || coalesce(numeric_precision::text, '') || ' ' || coalesce(column_default, '')
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'""",
    "constraints": """
        SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
        FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'""",
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
}


async def _facts(database: Database, kind: str) -> list[str]:
    async with database.transaction() as session:
        return sorted((await session.scalars(text(_FACTS[kind]))).all())


@pytest.mark.parametrize("kind", _FACTS)
async def test_the_migrated_schema_is_the_one_of_the_models(
    kind: str, database: Database, service_urls: tuple[str, str], worker_id: str
) -> None:
    name = f"models_{worker_id}_{kind}"
    admin = await asyncpg.connect(service_urls[0])
    await admin.execute(f"CREATE DATABASE {name}")
    made = Database(service_urls[0].rpartition("/")[0] + "/" + name, pooled=False)
    try:
        async with made.engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        assert await _facts(made, kind) == await _facts(database, kind)
    finally:
        await made.close()
        await admin.execute(f"DROP DATABASE {name}")
        await admin.close()


async def test_upgrading_twice_changes_nothing(database: Database) -> None:
    await migrations.upgrade(database)
    assert await migrations.current(database) == migrations.head()
