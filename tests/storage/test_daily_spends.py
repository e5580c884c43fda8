"""What an organization has committed per day: triggers keep it equal to the sum over its jobs."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import pytest
from sqlalchemy import event, text

from core import clock
from core.jobs import Status
from core.spend_windows import Window
from resolvers.organizations import spending
from storage import migrations
from storage.postgres.database import Database
from storage.queries import generations, members, owned
from storage.queries import spending as queries
from storage.tables import Generation, Organization, User
from tests.support.jobs.queued_jobs import build_queued
from tests.support.storage import derived_rows
from tests.support.storage.lock_waits import wait_until_blocked
from tests.support.storage.temporary_database import older_database
from tests.support.users import Cast, Person

pytestmark = pytest.mark.usefixtures("no_server")

NOON: Final = datetime(2026, 3, 31, 12, tzinfo=UTC)
CHANGES: Final = (
    "cost_chf = cost_chf * 3 + 0.0001",
    "cost_chf = 0",
    "created_at = created_at + interval '11 hours'",
    "created_at = created_at - interval '3 days'",
    "imported_at = now()",
    "imported_at = NULL",
    "organization_id = :other",
    "status = 'running', lease_expires_at = now(), finished_at = NULL, progress = 50, refusal_reason = NULL",
    "status = 'succeeded', lease_expires_at = NULL, finished_at = now(), progress = 100, refusal_reason = NULL",
    "status = 'cancelled', lease_expires_at = NULL, finished_at = now(), progress = 0, refusal_reason = NULL",
    "status = 'refused', lease_expires_at = NULL, finished_at = now(), progress = 0, refusal_reason = 'x'",
    "prompt = 'y'",
)
RECOUNT: Final = """
SELECT organization_id, (created_at AT TIME ZONE 'UTC')::date AS day, sum(cost_chf) FROM generations
WHERE status IN ('queued', 'running', 'succeeded') AND imported_at IS NULL
GROUP BY 1, 2 HAVING sum(cost_chf) <> 0 ORDER BY 1, 2
"""
DAILY: Final = "SELECT organization_id, day, cost_chf FROM daily_spends WHERE cost_chf <> 0 ORDER BY 1, 2"


def build(person: Person, cost_chf: str, created_at: datetime = NOON) -> Generation:
    row = build_queued(person, "x")
    row.cost_chf, row.created_at = Decimal(cost_chf), created_at
    return row


async def insert(database: Database, *rows: Generation) -> None:
    async with database.transaction() as session:
        assert await owned.insert_new(session, rows) == {row.id for row in rows}


async def load_daily(database: Database) -> list[tuple[Any, ...]]:
    """Return the rows of all days, after a comparison with the jobs."""
    return await derived_rows.load_equal(database, DAILY, RECOUNT)


async def sum_month(database: Database, person: Person) -> Decimal:
    async with database.transaction() as session:
        [total] = await queries.sum_committed(session, person.organization_id, NOON.replace(day=1, hour=0))
    return total


async def test_the_jobs_of_a_day_are_counted_until_they_end_without_success(database: Database, cast: Cast) -> None:
    first, second, late = (build(cast.ada, cost) for cost in ("0.1000", "0.2500", "4.0000"))
    late.created_at = NOON + timedelta(hours=12)
    await insert(database, first, second, late, build(cast.cid, "7"), build(cast.ada, "0"))
    organization = cast.ada.organization_id
    today, tomorrow = NOON.date(), late.created_at.date()
    assert [row for row in await load_daily(database) if row[0] == organization] == [
        (organization, today, Decimal("0.3500")),
        (organization, tomorrow, Decimal("4.0000")),
    ]
    assert await sum_month(database, cast.ada) == Decimal("4.3500")
    async with database.transaction() as session:
        assert await generations.cancel_queued(session, first.id, clock.now()) is not None
        # counted at the end of the transaction
        assert await queries.sum_committed(session, organization, NOON) == [Decimal("4.3500")]
    assert await sum_month(database, cast.ada) == Decimal("4.2500")
    await load_daily(database)


async def test_a_job_that_is_rolled_back_is_not_counted(database: Database, cast: Cast) -> None:
    async with database.transaction() as session:
        await owned.insert_new(session, [build(cast.ada, "0.1")])
        await session.rollback()
    assert await load_daily(database) == []


async def test_an_earlier_job_under_the_same_key_is_counted_once(database: Database, cast: Cast) -> None:
    first, again = build(cast.ada, "0.1"), build(cast.ada, "0.1")
    first.idempotency_key = again.idempotency_key = "once"
    await insert(database, first)
    async with database.transaction() as session:
        assert await owned.insert_new(session, [again]) == set()
    assert await load_daily(database) == [(cast.ada.organization_id, NOON.date(), Decimal("0.1000"))]


@pytest.mark.parametrize("seed", range(6))
async def test_any_changes_keep_the_days_equal_to_the_sums(seed: int, database: Database, cast: Cast) -> None:
    chosen = random.Random(seed)  # noqa: S311  no secret
    people = [cast.ada, cast.bea, cast.cid]
    rows = [
        build(chosen.choice(people), f"{chosen.randint(0, 50_000)}e-4", NOON + timedelta(hours=9 * number))
        for number in range(12)
    ]
    await insert(database, *rows)
    totals = {tuple(await load_daily(database))}
    for _ in range(25):
        async with database.transaction() as session:
            # several changes of the same jobs in one transaction, of one or many in each
            for change in chosen.choices(CHANGES, k=chosen.randint(1, 3)):
                ids = [row.id for row in chosen.sample(rows, chosen.randint(1, 5))]
                values = {
                    "ids": ids,
                    **({"other": chosen.choice(people).organization_id} if ":other" in change else {}),
                }
                await session.execute(text(f"UPDATE generations SET {change} WHERE id = ANY(:ids)"), values)  # noqa: S608  constants only
        totals.add(tuple(await load_daily(database)))
    assert len(totals) > 10
    async with database.transaction() as session:
        await session.execute(text("DELETE FROM generations"))
    assert await load_daily(database) == []


async def test_concurrent_bulk_changes_do_not_block_each_other_for_good(database: Database, cast: Cast) -> None:
    """Two cancel all jobs one by one, as the end of a membership does, while others end and insert single jobs."""
    rows = [build(cast.ada, "0.1", NOON + timedelta(hours=8 * number)) for number in range(12)]
    await insert(database, *rows)

    async def cancel(chosen: list[Generation]) -> int:
        async with database.transaction() as session:
            done = [await generations.cancel_queued(session, row.id, clock.now()) for row in chosen]
        return sum(row is not None for row in done)

    async def add() -> int:
        await insert(database, build(cast.ada, "1"))
        return 0

    ended = await asyncio.gather(cancel(rows), *(cancel([row]) for row in rows), cancel(rows), add())
    assert sum(ended) == len(rows)
    assert await load_daily(database) == [(cast.ada.organization_id, NOON.date(), Decimal("1.0000"))]


async def test_reading_what_is_committed_visits_no_job(database: Database, cast: Cast) -> None:
    await spending.set_limit_as_operator(database, cast.ada.organization_id, Window.MONTH, Decimal(1))
    await insert(database, build(cast.ada, "0.1", clock.now()))
    statements: list[str] = []

    def add(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", add)
    try:
        async with database.transaction() as session:
            assert await spending.reserve_each(session, [(cast.ada.organization_id, Decimal("0.9"))]) == [None]
            [refusal] = await spending.reserve_each(session, [(cast.ada.organization_id, Decimal("0.9001"))])
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", add)
    assert refusal is not None
    assert refusal.spent_chf == Decimal("0.1")
    assert len(statements) == 4
    assert [statement for statement in statements if "generations" in statement] == []


async def test_a_job_that_is_replaced_is_released_in_the_windows_that_count_it(database: Database, cast: Cast) -> None:
    organization, now = cast.ada.organization_id, clock.now()
    await spending.set_limit_as_operator(database, organization, Window.DAY, Decimal(1))
    today, earlier = build(cast.ada, "0.9", now), build(cast.ada, "0.9", now - timedelta(days=1))
    await insert(database, today, earlier)
    for replaced, fits in ((None, False), (earlier, False), (today, True)):
        async with database.transaction() as session:
            [refusal] = await spending.reserve_each(session, [(organization, Decimal("0.9"))], replaced)
        assert (refusal is None) is fits


async def test_users_with_jobs_in_the_same_organizations_are_disabled_together(database: Database, cast: Cast) -> None:
    """Both transactions lock the days of two organizations in one order, whatever the ids of their jobs are."""
    owners = [(cast.ada, cast.ada), (cast.ada, cast.cid), (cast.bea, cast.cid), (cast.bea, cast.ada)]
    organizations = {cast.ada.organization_id, cast.cid.organization_id}
    rows = []
    for number, (person, owner) in enumerate(owners):
        row = build(person, "0.1")
        row.id, row.organization_id = f"mgen_{number:024}", owner.organization_id
        rows.append(row)
    await insert(database, *rows)

    async def cancel(person: Person) -> None:
        async with database.transaction() as session:
            for job_id in await members.list_unfinished_job_ids(session, person.user_id, organizations):
                await generations.cancel_queued(session, job_id, clock.now())

    async with database.transaction() as session:
        lock = text("SELECT FROM daily_spends WHERE organization_id = :id FOR UPDATE")
        await session.execute(lock, {"id": min(organizations)})
        both = asyncio.gather(cancel(cast.ada), cancel(cast.bea))
        await wait_until_blocked(database, 2)
    await both
    assert await load_daily(database) == []


@pytest.fixture
async def older(service_urls: tuple[str, str], worker_id: str, cast: Cast) -> AsyncIterator[Database]:
    """Return a database with the schema of the earlier version, an organization and a user."""
    async with older_database(service_urls[0], f"unspent_{worker_id}", "2026_12_10_sources") as database:
        async with database.transaction() as session:
            session.add(Organization(id=cast.ada.organization_id, name="Studio"))
            session.add(User(id=cast.ada.user_id, name="Ada"))
        yield database


async def test_the_jobs_of_an_earlier_version_are_counted(older: Database, cast: Cast) -> None:
    rows = [build(cast.ada, cost) for cost in ("0.1", "0.2", "0.4", "0.8")]
    rows[1].created_at += timedelta(hours=12)
    rows[2].imported_at = NOON
    rows[3].status, rows[3].finished_at = Status.CANCELLED, NOON
    await insert(older, *rows)
    await migrations.upgrade(older)
    organization = cast.ada.organization_id
    assert await load_daily(older) == [
        (organization, NOON.date(), Decimal("0.1000")),
        (organization, NOON.date() + timedelta(days=1), Decimal("0.2000")),
    ]


async def test_jobs_that_a_server_of_an_earlier_version_writes_during_the_migration_are_counted(
    older: Database, cast: Cast
) -> None:
    before, cancelled = build(cast.ada, "0.1"), build(cast.ada, "0.2")
    await insert(older, before, cancelled)

    async with older.transaction() as session:
        await owned.insert_new(session, [build(cast.ada, "0.4")])
        await generations.cancel_queued(session, cancelled.id, clock.now())
        upgrade = asyncio.create_task(migrations.upgrade(older))
        await wait_until_blocked(older, table="generations")
        await owned.insert_new(session, [build(cast.ada, "0.8")])
    await upgrade
    assert await load_daily(older) == [(cast.ada.organization_id, NOON.date(), Decimal("1.3000"))]
    await insert(older, build(cast.ada, "1.6"))
    assert await load_daily(older) == [(cast.ada.organization_id, NOON.date(), Decimal("2.9000"))]
