"""Work that Postgres ends in favour of another's is refused for the moment, and has changed nothing."""

import asyncio

import pytest
from sqlalchemy import text

from core.errors import Unavailable
from storage.postgres.database import Database
from tests.support.users import Cast

LOCK = text("SELECT pg_advisory_xact_lock(:key)")


async def test_of_two_who_wait_for_each_other_one_is_told_to_come_again(database: Database, cast: Cast) -> None:
    both_hold_one = asyncio.Barrier(2)

    async def rename(name: str, first: int, second: int) -> None:
        async with database.transaction() as session:
            await session.execute(text("INSERT INTO turns (queue, owner) VALUES (:name, '')"), {"name": name})
            await session.execute(LOCK, {"key": first})
            await both_hold_one.wait()
            await session.execute(LOCK, {"key": second})

    outcomes = await asyncio.gather(rename("a", 1, 2), rename("b", 2, 1), return_exceptions=True)
    refusals = [outcome for outcome in outcomes if outcome is not None]
    assert [(type(each), getattr(each, "retry_after", None)) for each in refusals] == [(Unavailable, 1)]
    async with database.transaction() as session:
        kept = (await session.scalars(text("SELECT queue FROM turns"))).all()
    assert kept == [name for name, outcome in zip("ab", outcomes, strict=True) if outcome is None]


async def test_a_single_statement_that_may_not_wait_is_told_to_come_again(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(text("INSERT INTO turns (queue, owner) VALUES ('a', '')"))
    async with database.transaction() as session:
        await session.execute(text("SELECT * FROM turns FOR UPDATE"))
        with pytest.raises(Unavailable) as refused:
            await database.fetch("SELECT * FROM turns FOR UPDATE NOWAIT", ())
    assert refused.value.retry_after == 1


async def test_a_transaction_that_lasts_too_long_lets_go_of_what_it_holds(
    database: Database, database_url: str
) -> None:
    bounded = Database(database_url, max_transaction_seconds=1)

    async def hold() -> None:
        async with bounded.transaction() as session:
            await session.execute(LOCK, {"key": 3})
            await session.execute(text("SELECT pg_sleep(100)"))

    with pytest.raises(Unavailable):
        await hold()
    async with database.transaction() as session:
        assert await session.scalar(text("SELECT pg_try_advisory_xact_lock(3)"))
    await bounded.close()
