"""Transactions that Postgres ends: rolled back, and reported as unavailable with a retry delay."""

import asyncio

import pytest
from sqlalchemy import text

from core.errors import Unavailable
from core.settings import Settings
from storage.postgres.database import Database
from tests.support.users import Cast

LOCK = text("SELECT pg_advisory_xact_lock(:key)")


async def test_one_of_two_deadlocked_transactions_is_unavailable(database: Database, cast: Cast) -> None:
    both_have_locked = asyncio.Barrier(2)

    async def insert(name: str, first: int, second: int) -> None:
        async with database.transaction() as session:
            await session.execute(text("INSERT INTO turns (queue, owner) VALUES (:name, '')"), {"name": name})
            await session.execute(LOCK, {"key": first})
            await both_have_locked.wait()
            await session.execute(LOCK, {"key": second})

    outcomes = await asyncio.gather(insert("a", 1, 2), insert("b", 2, 1), return_exceptions=True)
    errors = [outcome for outcome in outcomes if outcome is not None]
    assert [(type(error), getattr(error, "retry_after", None)) for error in errors] == [(Unavailable, 1)]
    async with database.transaction() as session:
        names = (await session.scalars(text("SELECT queue FROM turns"))).all()
    assert names == [name for name, outcome in zip("ab", outcomes, strict=True) if outcome is None]


async def test_a_single_statement_that_meets_a_lock_is_unavailable(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(text("INSERT INTO turns (queue, owner) VALUES ('a', '')"))
    async with database.transaction() as session:
        await session.execute(text("SELECT * FROM turns FOR UPDATE"))
        with pytest.raises(Unavailable) as error:
            await database.fetch("SELECT * FROM turns FOR UPDATE NOWAIT", ())
    assert error.value.retry_after == 1


async def test_a_transaction_that_lasts_too_long_releases_its_locks(database: Database, database_url: str) -> None:
    limited = Database(database_url, max_transaction_seconds=1)

    async def hold() -> None:
        async with limited.transaction() as session:
            await session.execute(LOCK, {"key": 3})
            await session.execute(text("SELECT pg_sleep(100)"))

    with pytest.raises(Unavailable):
        await hold()
    async with database.transaction() as session:
        assert await session.scalar(text("SELECT pg_try_advisory_xact_lock(3)"))
    await limited.close()


async def test_a_url_with_the_parameters_that_providers_print_connects(settings: Settings) -> None:
    database = Database(f"{settings.database_url}?sslmode=prefer&channel_binding=prefer&connect_timeout=10")
    async with database.transaction() as session:
        assert await session.scalar(text("SELECT 1")) == 1
    await database.close()
