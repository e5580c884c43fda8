"""Migrations: the resulting schema, conflicts, upgrades of existing rows."""

import asyncio

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from storage import migrations
from storage.postgres.database import Database
from storage.tables import metadata
from tests.support.storage.temporary_database import empty_database, older_database

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
    async with empty_database(service_urls[0], f"models_{worker_id}_{kind}") as other:
        async with other.engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        assert await _describe(other, kind) == await _describe(database, kind)


def test_the_revisions_in_the_source_are_those_of_alembic() -> None:
    scripts = ScriptDirectory.from_config(migrations.config())
    assert migrations.head() == scripts.get_current_head()
    assert migrations.revisions() == {script.revision for script in scripts.walk_revisions()}


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
    async with empty_database(service_urls[0], f"concurrent_{worker_id}") as other:
        await asyncio.gather(*(migrations.upgrade(other) for _ in range(3)))
        assert await migrations.current(other) == migrations.head()


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
    async with older_database(service_urls[0], f"older_{worker_id}", "2026_11_21") as older:
        async with older.engine.begin() as connection:
            for statement in _ROWS_BEFORE.strip().split(";\n"):
                await connection.execute(text(statement))
        await migrations.upgrade(older)
        async with older.transaction() as session:
            rows = await session.execute(text("SELECT about, tags, is_favourite FROM library_entries ORDER BY id"))
            assert [tuple(row) for row in rows] == [
                ('Harbour warm piano ["jazz hop"]', [], False),
                ("Harbour", [], False),
            ]
            query = text("SELECT id FROM library_entries WHERE words @@ to_tsquery('simple', 'jazz & har:*')")
            assert (await session.scalars(query)).all() == ["mlib_1"]
