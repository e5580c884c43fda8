"""Jobs that are submitted at the same moment share a transaction, and nothing else."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core.errors import Conflict, InvalidInput, SpendCapExceeded, Unavailable
from core.jobs import Status
from core.spend_windows import Window
from resolvers.access.context import Caller, Context, Services
from resolvers.access.validation import Unvalidated
from resolvers.generations import generations
from resolvers.generations.commands import CreateGeneration
from resolvers.organizations import spending
from storage.postgres.database import Database
from storage.queries import spending as queries
from storage.tables import Generation, Role
from tests.support.graphql.cost import recorded_statements
from tests.support.users import Cast, Person

REQUEST = {"engine": "studio", "prompt": "calm piano", "duration_seconds": 30}  # 0.10 CHF


async def submit(services: Services, person: Person, **fields: object) -> tuple[Generation, bool]:
    caller = Caller(person.user_id, {person.organization_id: Role.MEMBER})
    request = Unvalidated(CreateGeneration, {**REQUEST, **fields})
    return await generations.create(Context(services, caller), person.organization_id, request)


async def gather(services: Services, *requests: tuple[Person, dict[str, Any]]) -> list[Any]:
    """Submit at the same moment: up to 16 requests of an organization share a transaction."""
    calls = (submit(services, person, **fields) for person, fields in requests)
    return await asyncio.gather(*calls, return_exceptions=True)


async def stored(database: Database) -> int:
    async with database.transaction() as session:
        return await session.scalar(text("SELECT count(*) FROM generations")) or 0


async def transactions(database: Database) -> list[set[str]]:
    """Return the organizations of the stored jobs by transaction, in the order of the transactions."""
    async with database.transaction() as session:
        rows = await session.execute(
            text("SELECT array_agg(organization_id) FROM generations GROUP BY xmin::text ORDER BY min(xmin::text::int)")
        )
        return [set(row[0]) for row in rows]


@pytest.mark.parametrize(("has_cap", "statements"), [(False, 4), (True, 5)])
async def test_a_submission_runs_this_number_of_statements(
    services: Services, database: Database, cast: Cast, *, has_cap: bool, statements: int
) -> None:
    if has_cap:
        for window in Window:
            await spending.set_limit_as_operator(database, cast.ada.organization_id, window, Decimal(9))
            await spending.set_limit_as_operator(database, cast.cid.organization_id, window, Decimal(9))
    with recorded_statements() as alone:
        await submit(services, cast.ada)
    assert len(alone) == statements
    with recorded_statements() as together:
        await gather(services, *[(cast.ada, {}), (cast.bea, {}), (cast.cid, {})] * 8)
    assert len(together) == statements
    assert await stored(database) == 25


async def test_concurrent_submissions_are_accepted_up_to_the_cap(
    services: Services, database: Database, cast: Cast
) -> None:
    await spending.set_limit_as_operator(database, cast.ada.organization_id, Window.DAY, Decimal("0.45"))
    refused = {"prompt": "make it sound exactly like Taylor Swift singing"}
    requests: list[tuple[Person, dict[str, Any]]] = [(cast.ada, {}), (cast.bea, {}), (cast.ada, refused)]
    results = await gather(services, *requests, *[(cast.ada, {"duration_seconds": 60}), (cast.ada, {})] * 2)
    costs = [result if isinstance(result, Exception) else result[0].cost_chf for result in results]
    # 60 s cost 0.20, which fit once
    assert [cost if isinstance(cost, Decimal) else type(cost) for cost in costs] == [
        Decimal("0.1"),
        Decimal("0.1"),
        Decimal(0),
        Decimal("0.2"),
        SpendCapExceeded,
        SpendCapExceeded,
        SpendCapExceeded,
    ]
    assert results[2][0].status is Status.REFUSED
    assert results[4].details["spent_chf"] == 0.4
    assert await stored(database) == 4


async def test_the_same_key_in_concurrent_submissions_makes_one_job(
    services: Services, database: Database, cast: Cast
) -> None:
    key = {"idempotency_key": "once"}
    other = {**key, "prompt": "loud drums"}
    results = await gather(services, (cast.ada, {}), *[(cast.ada, key)] * 3, (cast.ada, other), (cast.bea, key))
    assert isinstance(results[4], Conflict)
    replays = [results[number][1] for number in (0, 1, 2, 3, 5)]
    assert replays == [False, False, True, True, False]
    assert results[1][0].id == results[2][0].id == results[3][0].id
    assert await stored(database) == 3


async def test_a_key_whose_first_use_exceeds_the_cap_remains_unused(
    services: Services, database: Database, cast: Cast
) -> None:
    await spending.set_limit_as_operator(database, cast.ada.organization_id, Window.DAY, Decimal("0.15"))
    key = {"idempotency_key": "once", "duration_seconds": 60}
    results = await gather(services, *[(cast.ada, key)] * 3)
    assert [type(result) for result in results] == [SpendCapExceeded] * 3
    assert await stored(database) == 0


async def test_an_unreadable_seed_track_is_refused_alone(services: Services, database: Database, cast: Cast) -> None:
    seeded = {"seed_track_id": "mtrack_000000000000000000000000"}
    results = await gather(services, (cast.ada, {}), (cast.ada, seeded), (cast.ada, {}))
    assert [type(result) for result in results] == [tuple, InvalidInput, tuple]
    assert await stored(database) == 2


async def test_a_row_that_violates_a_constraint_does_not_affect_the_others(
    services: Services, database: Database, cast: Cast
) -> None:
    erased = replace(cast.ada, user_id="user_000000000000000000000000")
    results = await gather(services, (cast.ada, {}), (cast.ada, {}), (erased, {}), (cast.bea, {}))
    assert [type(result) for result in results] == [tuple, tuple, IntegrityError, tuple]
    assert await stored(database) == 3


def limited(services: Services, **limits: int) -> Services:
    """Return services with other limits of the queue."""
    workers = services.settings.workers.model_copy(update=limits)
    return replace(services, settings=services.settings.model_copy(update={"workers": workers}))


async def test_jobs_beyond_the_capacity_of_the_queue_are_refused(
    services: Services, database: Database, cast: Cast
) -> None:
    results = await gather(limited(services, max_queued_per_organization=4), *[(cast.ada, {})] * 6)
    assert [type(result) for result in results] == [tuple] * 4 + [Unavailable] * 2
    assert await stored(database) == 4


async def test_the_caps_of_each_organization_apply_to_its_own_jobs(
    services: Services, database: Database, cast: Cast
) -> None:
    await spending.set_limit_as_operator(database, cast.ada.organization_id, Window.WEEK, Decimal("0.25"))
    await spending.set_limit_as_operator(database, cast.cid.organization_id, Window.DAY, Decimal("0.1"))
    results = await gather(services, *[(cast.ada, {}), (cast.cid, {})] * 2, (cast.bea, {}))
    assert [type(result) for result in results] == [tuple, tuple, tuple, SpendCapExceeded, SpendCapExceeded]
    assert [result.details["window"] for result in results[3:]] == ["day", "week"]
    assert await transactions(database) == [{cast.ada.organization_id, cast.cid.organization_id}]


async def test_organizations_together_fill_the_queue_and_not_more(
    services: Services, database: Database, cast: Cast
) -> None:
    results = await gather(limited(services, max_queued=5), *[(cast.ada, {}), (cast.cid, {})] * 4)
    assert sorted(type(result).__name__ for result in results) == ["Unavailable"] * 3 + ["tuple"] * 5
    assert await stored(database) == 5


async def test_an_organization_with_many_jobs_delays_no_other(
    services: Services, database: Database, cast: Cast
) -> None:
    await gather(services, *[(cast.ada, {})] * 40, (cast.cid, {}))
    both = {cast.ada.organization_id, cast.cid.organization_id}
    assert await transactions(database) == [both, {cast.ada.organization_id}, {cast.ada.organization_id}]


async def test_a_locked_organization_delays_no_other(services: Services, database: Database, cast: Cast) -> None:
    for person in (cast.ada, cast.cid):
        await spending.set_limit_as_operator(database, person.organization_id, Window.DAY, Decimal(9))
    async with database.transaction() as session:
        await queries.lock_organization(session, cast.ada.organization_id)
        waiting = asyncio.create_task(submit(services, cast.ada))
        for _ in range(2):
            await submit(services, cast.cid)
        assert await stored(database) == 2
        assert not waiting.done()
    await waiting
    assert await stored(database) == 3


async def test_an_error_of_an_organization_fails_no_other(services: Services, database: Database, cast: Cast) -> None:
    erased = replace(cast.ada, user_id="user_000000000000000000000000")
    results = await gather(services, (erased, {}), (cast.cid, {}), (cast.bea, {}))
    assert [type(result) for result in results] == [IntegrityError, tuple, tuple]
    assert await stored(database) == 2
