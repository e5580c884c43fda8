"""Single statements: served in turn, whatever became of the one before on the same connection."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from storage.postgres.database import asyncpg_url
from storage.postgres.pool import StatementPool

WHO = "SELECT pg_backend_pid()"


@pytest_asyncio.fixture
async def two(database_url: str) -> AsyncIterator[StatementPool]:
    """A pool of two."""
    connections = StatementPool(asyncpg_url(database_url), 2, {"application_name": "test"})
    yield connections
    await connections.close()


async def pids(connections: StatementPool, times: int) -> list[int]:
    rows = await asyncio.gather(*(connections.fetch(WHO, ()) for _ in range(times)))
    return [row[0][0] for row in rows]


async def test_no_more_connections_than_the_pool_has_serve_everybody(two: StatementPool) -> None:
    assert len(set(await pids(two, 50))) == 2


async def test_who_comes_first_is_served_first(database_url: str) -> None:
    one, served = StatementPool(asyncpg_url(database_url), 1, {}), list[int]()

    async def ask(number: int) -> None:
        await one.fetch("SELECT pg_sleep(0.001)", ())
        served.append(number)

    await asyncio.gather(*map(ask, range(20)))
    await one.close()
    assert served == list(range(20))


async def test_a_statement_that_fails_leaves_its_connection_as_it_was(two: StatementPool) -> None:
    before = await pids(two, 2)
    for _ in range(5):
        with pytest.raises(asyncpg.DivisionByZeroError):
            await two.fetch("SELECT 1 / $1::int", (0,))
    assert set(await pids(two, 2)) == set(before)


async def test_a_connection_that_is_cut_is_replaced(two: StatementPool) -> None:
    first, second = await pids(two, 2)
    await two.fetch(
        "SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid WHERE pid <> pg_backend_pid()",
        ([first, second],),
    )
    with pytest.raises(asyncpg.PostgresError):
        await two.fetch("SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(1)", ())
    after = await pids(two, 10)
    assert len(set(after)) == 2
    assert not {first, second} & set(after)


async def test_a_statement_that_is_given_up_takes_its_connection_along_and_no_place(two: StatementPool) -> None:
    sleeping = [asyncio.create_task(two.fetch("SELECT pg_sleep(60)", ())) for _ in range(2)]
    waiting = asyncio.create_task(two.fetch(WHO, ()))
    given_up = asyncio.create_task(two.fetch(WHO, ()))
    await asyncio.sleep(0)
    given_up.cancel()
    for task in sleeping:
        task.cancel()
    await asyncio.gather(given_up, *sleeping, return_exceptions=True)
    assert (await waiting)[0][0] > 0
    assert len(set(await pids(two, 10))) == 2


async def test_a_pool_that_cannot_connect_says_so_each_time(two: StatementPool, database_url: str) -> None:
    nowhere = StatementPool(asyncpg_url(database_url).rpartition("/")[0] + "/no_such_database", 1, {})
    for _ in range(3):
        with pytest.raises(asyncpg.InvalidCatalogNameError):
            await nowhere.fetch(WHO, ())
