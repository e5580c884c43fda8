"""Migrations: the resulting schema, conflicts, upgrades of existing rows."""

import asyncio

import asyncpg
import pytest
from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from storage import migrations
from storage.postgres.database import Database
from storage.tables import metadata

_CATALOGUE_QUERIES = {
    "columns": """
        SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
               || ' ' || coalesce(numeric_precision::text, '') || ' ' || coalesce(column_default, '')
               || ' ' || coalesce(generation_expression, '')
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'""",
    "constraints": """
        SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
        FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'
            AND contype <> 't'""",  # triggers are in migrations only
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
}


async def _describe(database: Database, kind: str) -> list[str]:
    async with database.transaction() as session:
        return sorted((await session.scalars(text(_CATALOGUE_QUERIES[kind]))).all())


@pytest.mark.parametrize("kind", _CATALOGUE_QUERIES)
async def test_the_migrated_schema_equals_the_tables(
    kind: str, database: Database, service_urls: tuple[str, str], worker_id: str
) -> None:
    name = f"models_{worker_id}_{kind}"
    admin = await asyncpg.connect(service_urls[0])
    await admin.execute(f"CREATE DATABASE {name}")
    other = Database(service_urls[0].rpartition("/")[0] + "/" + name, pooled=False)
    try:
        async with other.engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        assert await _describe(other, kind) == await _describe(database, kind)
    finally:
        await other.close()
        await admin.execute(f"DROP DATABASE {name}")
        await admin.close()


async def test_upgrading_twice_changes_nothing(database: Database) -> None:
    await migrations.upgrade(database)
    assert await migrations.current(database) == migrations.head()


async def test_a_change_that_meets_a_lock_is_retried_as_a_whole(database: Database) -> None:
    attempts: list[int] = []

    def change(connection: Connection) -> None:
        attempts.append(1)
        connection.execute(text("CREATE TABLE moods (id text)"))
        if len(attempts) == 1:
            connection.execute(text("LOCK TABLE turns IN ACCESS EXCLUSIVE MODE NOWAIT"))

    async with database.transaction() as session:
        await session.execute(text("SELECT * FROM turns"))
        await migrations.apply(database, change)
    assert len(attempts) == 2
    await migrations.apply(database, lambda connection: connection.execute(text("DROP TABLE moods")))


async def test_a_failed_change_is_not_retried(database: Database) -> None:
    attempts: list[int] = []

    def change(connection: Connection) -> None:
        attempts.append(1)
        connection.execute(text("SELECT 1 / 0"))

    with pytest.raises(DBAPIError, match="division by zero"):
        await migrations.apply(database, change)
    assert len(attempts) == 1


async def test_concurrent_upgrades_wait_for_each_other(service_urls: tuple[str, str], worker_id: str) -> None:
    name = f"concurrent_{worker_id}"
    admin = await asyncpg.connect(service_urls[0])
    await admin.execute(f"CREATE DATABASE {name}")
    other = Database(service_urls[0].rpartition("/")[0] + "/" + name)
    try:
        await asyncio.gather(*(migrations.upgrade(other) for _ in range(3)))
        assert await migrations.current(other) == migrations.head()
    finally:
        await other.close()
        await admin.execute(f"DROP DATABASE {name}")
        await admin.close()


_ROWS_BEFORE = """
INSERT INTO organizations VALUES ('org_1', 'First', now());
INSERT INTO users VALUES ('user_1', 'Ada', now()), ('user_2', 'Bea', now());
INSERT INTO generations (
    id, organization_id, user_id, status, progress, sequence, engine, mode, prompt, duration_seconds, instrumental,
    style_tags, seed, loop, fingerprint, cost_chf, attempts, fence, created_at, finished_at
) VALUES (
    'mgen_1', 'org_1', 'user_1', 'succeeded', 100, 0, 'studio', 'creation', 'warm piano', 2, true,
    '["jazz hop"]', 1, false, '', 0, 1, 1, now(), now()
);
INSERT INTO tracks (
    id, organization_id, user_id, generation_id, title, engine, engine_version, mode, seed, instrumental, chords,
    sections, report, palette, licence_class, licence_version, commercial_use, requires_attribution, created_at
) VALUES (
    'mtrack_1', 'org_1', 'user_1', 'mgen_1', 'Harbour', 'studio', '1', 'creation', 1, true, '[]',
    '[]', '{}', '[]', 'commercial_cleared', '2026-11', true, false, now()
);
INSERT INTO library_entries (id, organization_id, user_id, track_id, source, created_at)
VALUES ('mlib_1', 'org_1', 'user_1', 'mtrack_1', 'own', now()), ('mlib_2', 'org_1', 'user_2', 'mtrack_1', 'own', now());
"""


async def test_entries_from_before_the_search_are_searchable(service_urls: tuple[str, str], worker_id: str) -> None:
    name = f"older_{worker_id}"
    admin = await asyncpg.connect(service_urls[0])
    await admin.execute(f"CREATE DATABASE {name}")
    address = service_urls[0].rpartition("/")[0] + "/" + name
    older = Database(address, pooled=False)
    try:
        async with older.engine.begin() as connection:
            await connection.run_sync(lambda sync: command.upgrade(migrations.config(sync), "2026_11_21"))
        plain = await asyncpg.connect(address)
        await plain.execute(_ROWS_BEFORE)
        await plain.close()
        await migrations.upgrade(older)
        async with older.transaction() as session:
            rows = await session.execute(text("SELECT about, tags, is_favourite FROM library_entries ORDER BY id"))
            assert [tuple(row) for row in rows] == [
                ('Harbour warm piano ["jazz hop"]', [], False),
                ("Harbour", [], False),
            ]
            query = text("SELECT id FROM library_entries WHERE words @@ to_tsquery('simple', 'jazz & har:*')")
            assert (await session.scalars(query)).all() == ["mlib_1"]
    finally:
        await older.close()
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()
