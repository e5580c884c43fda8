"""The statement pool: order, limits, broken connections."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from storage.postgres.connector import Connector
from storage.postgres.failures import DatabaseConnectionError
from storage.postgres.pool import StatementPool

BACKEND_PID = "SELECT pg_backend_pid()"


@pytest_asyncio.fixture
async def pool(database_url: str) -> AsyncIterator[StatementPool]:
    """A pool of two connections."""
    connections = StatementPool(Connector(database_url), 2)
    yield connections
    await connections.close()


async def backend_pids(connections: StatementPool, times: int) -> list[int]:
    rows = await asyncio.gather(*(connections.fetch(BACKEND_PID, ()) for _ in range(times)))
    return [row[0][0] for row in rows]


async def test_the_pool_opens_at_most_its_number_of_connections(pool: StatementPool) -> None:
    assert len(set(await backend_pids(pool, 50))) == 2


async def test_callers_are_served_in_order(database_url: str) -> None:
    single, served = StatementPool(Connector(database_url), 1), list[int]()

    async def run(number: int) -> None:
        await single.fetch("SELECT pg_sleep(0.001)", ())
        served.append(number)

    await asyncio.gather(*map(run, range(20)))
    await single.close()
    assert served == list(range(20))


async def test_a_failed_statement_keeps_its_connection(pool: StatementPool) -> None:
    before = await backend_pids(pool, 2)
    for _ in range(5):
        with pytest.raises(asyncpg.DivisionByZeroError):
            await pool.fetch("SELECT 1 / $1::int", (0,))
    assert set(await backend_pids(pool, 2)) == set(before)


async def test_a_lost_connection_is_replaced(pool: StatementPool) -> None:
    first, second = await backend_pids(pool, 2)
    await pool.fetch(
        "SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid WHERE pid <> pg_backend_pid()",
        ([first, second],),
    )
    with pytest.raises(asyncpg.PostgresError):
        await pool.fetch("SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(1)", ())
    after = await backend_pids(pool, 10)
    assert len(set(after)) == 2
    assert not {first, second} & set(after)


async def test_a_cancelled_statement_closes_its_connection_and_frees_its_slot(pool: StatementPool) -> None:
    sleeping = [asyncio.create_task(pool.fetch("SELECT pg_sleep(60)", ())) for _ in range(2)]
    waiting = asyncio.create_task(pool.fetch(BACKEND_PID, ()))
    cancelled = asyncio.create_task(pool.fetch(BACKEND_PID, ()))
    await asyncio.sleep(0)
    cancelled.cancel()
    for task in sleeping:
        task.cancel()
    await asyncio.gather(cancelled, *sleeping, return_exceptions=True)
    assert (await waiting)[0][0] > 0
    assert len(set(await backend_pids(pool, 10))) == 2


async def test_a_failed_connection_is_reported_each_time(pool: StatementPool, database_url: str) -> None:
    unconnected = StatementPool(Connector(database_url.rpartition("/")[0] + "/no_such_database"), 1)
    for _ in range(3):
        with pytest.raises(DatabaseConnectionError, match="no_such_database"):
            await unconnected.fetch(BACKEND_PID, ())


async def test_a_generic_plan_is_made_once_for_all_values(database_url: str) -> None:
    single, statement = StatementPool(Connector(database_url), 1), "SELECT count(*) FROM unnest($1::text[]) AS item"
    plans = "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement = $1"
    for length in range(8):
        [row] = await single.fetch(statement, (["x"] * length,), generic_plan=True)
        assert row[0] == length
    # this statement uses the same connection without generic plans
    assert [tuple(row) for row in await single.fetch(plans, (statement,))] == [(8, 0)]
    await single.fetch(statement, ([],))
    assert [tuple(row) for row in await single.fetch(plans, (statement,))] == [(8, 1)]
    assert len({*await backend_pids(single, 2)}) == 1
    await single.close()


async def test_statements_with_and_without_generic_plans_share_the_connections(pool: StatementPool) -> None:
    calls = (pool.fetch(BACKEND_PID, (), generic_plan=number % 3 == 0) for number in range(60))
    assert len({rows[0][0] for rows in await asyncio.gather(*calls)}) == 2
