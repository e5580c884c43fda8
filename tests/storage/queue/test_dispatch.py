"""Fair dispatch: the order in which workers claim jobs."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import text

from core import clock, ids
from core.focus import Goal
from core.jobs import Status
from resolvers.access import accounts
from storage.postgres.database import Database
from storage.queries import generations, owned
from storage.queue import dispatch
from storage.tables import FocusSession, Generation, Role
from tests.support.jobs.queued_jobs import build_queued, put_queued
from tests.support.users import Cast, Person

pytestmark = pytest.mark.usefixtures("no_server")

LEASE = timedelta(minutes=5)


async def claim(database: Database, lease: timedelta = LEASE) -> Generation | None:
    async with database.transaction() as session:
        return await dispatch.claim(session, lease)


async def claim_in_order(database: Database, count: int, *, workers: int = 1) -> Sequence[str]:
    """Return prompts in the order of the claims; when all workers are busy, the oldest running job ends."""
    running: list[Generation] = []
    prompts = []
    for _ in range(count):
        if len(running) == workers:
            await end(database, running.pop(0))
        row = await claim(database)
        assert row is not None
        prompts.append(row.prompt)
        running.append(row)
    for row in running:
        await end(database, row)
    return prompts


async def end(database: Database, row: Generation) -> None:
    async with database.transaction() as session:
        assert await generations.finish(session, row.id, row.fence, Status.CANCELLED, row.created_at) is not None


async def test_a_claim_has_a_fencing_number_and_a_lease(database: Database, cast: Cast) -> None:
    job_id = await put_queued(database, cast.ada, "x")
    row = await claim(database)
    assert row is not None
    assert (row.id, row.status, row.fence, row.attempts, row.sequence) == (job_id, Status.RUNNING, 1, 1, 1)
    assert row.lease_expires_at is not None
    assert row.started_at is not None
    assert row.lease_expires_at - row.started_at >= LEASE
    assert await claim(database) is None


async def test_jobs_of_one_user_are_claimed_in_the_order_of_submission(database: Database, cast: Cast) -> None:
    for prompt in "abc":
        await put_queued(database, cast.ada, prompt)
    assert await claim_in_order(database, 3) == ["a", "b", "c"]


async def test_an_organization_with_many_jobs_delays_another_by_the_running_ones_only(
    database: Database, cast: Cast
) -> None:
    async with database.transaction() as session:
        session.add_all([build_queued(cast.ada, f"ada {number}") for number in range(500)])
    running = [await claim(database) for _ in range(2)]
    await put_queued(database, cast.cid, "cid")
    for row in running:
        assert row is not None
        await end(database, row)
    # the other organization is next as soon as one of the running jobs has ended
    assert (await claim_in_order(database, 2))[0] == "cid"


async def test_organizations_are_served_round_robin(database: Database, cast: Cast) -> None:
    for number in range(3):
        await put_queued(database, cast.ada, f"ada {number}")
    for number in range(3):
        await put_queued(database, cast.cid, f"cid {number}")
    claimed = await claim_in_order(database, 6)
    assert [prompt.split()[0] for prompt in claimed] in (["ada", "cid"] * 3, ["cid", "ada"] * 3)


async def test_the_organization_with_fewer_running_jobs_is_next(database: Database, cast: Cast) -> None:
    for number in range(4):
        await put_queued(database, cast.ada, f"ada {number}")
    first, second = await claim(database), await claim(database)
    assert first is not None
    assert second is not None
    await put_queued(database, cast.cid, "cid 0")
    await put_queued(database, cast.cid, "cid 1")
    claimed = [row.prompt for _ in range(3) if (row := await claim(database))]
    assert claimed == ["cid 0", "cid 1", "ada 2"]


async def test_users_of_an_organization_are_served_round_robin(database: Database, cast: Cast) -> None:
    for number in range(3):
        await put_queued(database, cast.ada, f"ada {number}")
    await put_queued(database, cast.bea, "bea 0")
    claimed = await claim_in_order(database, 4)
    assert claimed.index("bea 0") <= 1
    assert [prompt for prompt in claimed if prompt.startswith("ada")] == ["ada 0", "ada 1", "ada 2"]


async def test_focus_sessions_and_other_jobs_of_a_user_are_served_round_robin(database: Database, cast: Cast) -> None:
    for number in range(4):
        await put_queued(database, cast.ada, f"plain {number}")
    assert await claim_in_order(database, 1) == ["plain 0"]
    for name in "ab":
        await put_queued(database, cast.ada, name, await put_focus_session(database, cast.ada))
    claimed = await claim_in_order(database, 5)
    assert {claimed[0], claimed[1]} == {"a", "b"}
    assert claimed[2:] == ["plain 1", "plain 2", "plain 3"]


async def put_focus_session(database: Database, person: Person) -> str:
    """Insert a focus session of this user that no server's loop schedules; return its id."""
    session_id = ids.new(ids.Kind.FOCUS_SESSION)
    row = FocusSession(
        id=session_id,
        organization_id=person.organization_id,
        user_id=person.user_id,
        goal=Goal.FOCUS,
        engine="studio",
        target_minutes=30,
        seed=1,
        fingerprint="",
        last_listened_at=clock.now() - timedelta(hours=1),
    )
    async with database.transaction() as session:
        session.add(row)
    return session_id


async def test_each_organization_is_served_before_one_is_served_twice(database: Database, cast: Cast) -> None:
    people = [cast.ada, cast.cid]
    for number in range(6):
        organization = await accounts.create_organization(database, f"Organization {number}")
        user = await accounts.create_user(database, "User", organization.id, Role.MEMBER)
        people.append(Person(user.id, organization.id, ""))
    for person in people:
        for _ in range(3):
            await put_queued(database, person, person.organization_id)
    organization_ids = {person.organization_id for person in people}
    for workers in (1, 3):
        assert set(await claim_in_order(database, len(people), workers=workers)) == organization_ids


async def test_concurrent_claims_never_share_a_job(database: Database, cast: Cast) -> None:
    for number in range(8):
        await put_queued(database, (cast.ada, cast.cid)[number % 2], str(number))
    rows = await asyncio.gather(*(claim(database) for _ in range(8)))
    assert sorted(row.prompt for row in rows if row) == [str(number) for number in range(8)]
    assert await claim(database) is None


async def test_concurrent_claims_are_shared_evenly(database: Database, cast: Cast) -> None:
    for number in range(8):
        await put_queued(database, cast.ada, f"ada {number}")
    for number in range(8):
        await put_queued(database, cast.cid, f"cid {number}")
    rows = await asyncio.gather(*(claim(database) for _ in range(4)))
    claimed = sorted(row.prompt for row in rows if row)
    assert claimed == ["ada 0", "ada 1", "cid 0", "cid 1"]


async def test_a_job_with_an_expired_lease_is_claimed_first_under_a_new_number(database: Database, cast: Cast) -> None:
    lost = await put_queued(database, cast.ada, "lost")
    assert await claim(database, timedelta(seconds=-1)) is not None
    await put_queued(database, cast.cid, "cid")
    again = await claim(database)
    assert again is not None
    assert (again.id, again.fence, again.attempts) == (lost, 2, 2)


async def test_a_delayed_job_is_not_due(database: Database, cast: Cast) -> None:
    await put_queued(database, cast.ada, "x")
    row = await claim(database)
    assert row is not None
    async with database.transaction() as session:
        await generations.requeue(session, row.id, row.fence, counts_as_attempt=False, delay=timedelta(hours=1))
        assert (await dispatch.count_due(session)).total == 0
    assert await claim(database) is None
    async with database.transaction() as session:
        await session.execute(text("UPDATE generations SET retry_at = now() - interval '1 second'"))
    again = await claim(database)
    assert again is not None
    assert (again.attempts, again.retry_at) == (1, None)


async def test_a_claim_skips_a_locked_job_without_waiting(database: Database, cast: Cast) -> None:
    cancelled = await put_queued(database, cast.ada, "being cancelled")
    await put_queued(database, cast.ada, "next")
    async with database.transaction() as session:
        scope = [cast.ada.organization_id]
        assert (
            await owned.lock(session, Generation, cancelled, cast.ada.user_id, scope, generations.is_listed())
            is not None
        )
        row = await claim(database)
        assert row is not None
        assert row.prompt == "next"


async def test_count_due_includes_queued_and_lost_jobs(database: Database, cast: Cast) -> None:
    for prompt in "abc":
        await put_queued(database, cast.ada, prompt)
    await claim(database)
    async with database.transaction() as session:
        assert (await dispatch.count_due(session)).total == 2
        assert await dispatch.count_queued(session, [cast.ada.organization_id]) == (2, {cast.ada.organization_id: 2})
        assert await dispatch.count_queued(session, [cast.cid.organization_id]) == (2, {})
    assert await claim(database, timedelta(seconds=-1)) is not None
    async with database.transaction() as session:
        assert (await dispatch.count_due(session)).total == 2
        organizations = [cast.ada.organization_id, cast.cid.organization_id]
        assert await dispatch.count_queued(session, organizations) == (1, {cast.ada.organization_id: 1})
