"""Whose turn it is."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import text

from core import ids
from core.focus import Goal
from core.jobs import Status
from resolvers.access import accounts
from storage.postgres.database import Database
from storage.queries import generations
from storage.queue import dispatch
from storage.tables import FocusSession, Generation, Role
from tests.support.queued_jobs import put_queued, queued
from tests.support.users import Cast, Person

LEASE = timedelta(minutes=5)


async def claim(database: Database, lease: timedelta = LEASE) -> Generation | None:
    async with database.transaction() as session:
        return await dispatch.claim(session, lease)


async def order(database: Database, count: int, *, workers: int = 1) -> Sequence[str]:
    """The prompts in the order in which so many workers take them; the oldest running job ends whenever all work."""
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


async def test_a_claim_takes_a_number_and_a_lease(database: Database, cast: Cast) -> None:
    job_id = await put_queued(database, cast.ada, "x")
    row = await claim(database)
    assert row is not None
    assert (row.id, row.status, row.fence, row.attempts, row.sequence) == (job_id, Status.RUNNING, 1, 1, 1)
    assert row.lease_expires_at is not None
    assert row.started_at is not None
    assert row.lease_expires_at - row.started_at >= LEASE
    assert await claim(database) is None


async def test_jobs_of_one_user_are_taken_in_the_order_of_their_acceptance(database: Database, cast: Cast) -> None:
    for prompt in "abc":
        await put_queued(database, cast.ada, prompt)
    assert await order(database, 3) == ["a", "b", "c"]


async def test_an_organization_with_many_jobs_delays_anothers_by_no_more_than_what_runs(
    database: Database, cast: Cast
) -> None:
    async with database.transaction() as session:
        session.add_all([queued(cast.ada, f"ada {number}") for number in range(500)])
    running = [await claim(database) for _ in range(2)]
    await put_queued(database, cast.cid, "cid")
    for row in running:
        assert row is not None
        await end(database, row)
    # as soon as one of those that ran has ended, it is the other's turn
    assert (await order(database, 2))[0] == "cid"


async def test_organizations_take_turns_when_both_have_much_to_do(database: Database, cast: Cast) -> None:
    for number in range(3):
        await put_queued(database, cast.ada, f"ada {number}")
    for number in range(3):
        await put_queued(database, cast.cid, f"cid {number}")
    taken = await order(database, 6)
    assert [prompt.split()[0] for prompt in taken] in (["ada", "cid"] * 3, ["cid", "ada"] * 3)


async def test_who_runs_less_is_next_however_often_others_were_served(database: Database, cast: Cast) -> None:
    for number in range(4):
        await put_queued(database, cast.ada, f"ada {number}")
    first, second = await claim(database), await claim(database)
    assert first is not None
    assert second is not None
    await put_queued(database, cast.cid, "cid 0")
    await put_queued(database, cast.cid, "cid 1")
    taken = [row.prompt for _ in range(3) if (row := await claim(database))]
    assert taken == ["cid 0", "cid 1", "ada 2"]


async def test_users_of_an_organization_take_turns(database: Database, cast: Cast) -> None:
    for number in range(3):
        await put_queued(database, cast.ada, f"ada {number}")
    await put_queued(database, cast.bea, "bea 0")
    taken = await order(database, 4)
    assert taken.index("bea 0") <= 1
    assert [prompt for prompt in taken if prompt.startswith("ada")] == ["ada 0", "ada 1", "ada 2"]


async def test_focus_sessions_of_a_user_take_turns_with_each_other_and_with_its_other_jobs(
    database: Database, cast: Cast
) -> None:
    for number in range(4):
        await put_queued(database, cast.ada, f"plain {number}")
    assert await order(database, 1) == ["plain 0"]
    for name in "ab":
        await put_queued(database, cast.ada, name, await listen(database, cast.ada))
    taken = await order(database, 5)
    assert {taken[0], taken[1]} == {"a", "b"}
    assert taken[2:] == ["plain 1", "plain 2", "plain 3"]


async def listen(database: Database, person: Person) -> str:
    """A focus session of this person's; its id."""
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
    )
    async with database.transaction() as session:
        session.add(row)
    return session_id


async def test_everybody_is_served_before_anybody_is_served_twice(database: Database, cast: Cast) -> None:
    people = [cast.ada, cast.cid]
    for number in range(6):
        organization = await accounts.create_organization(database, f"Organization {number}")
        user = await accounts.create_user(database, "Somebody", organization.id, Role.MEMBER)
        people.append(Person(user.id, organization.id, ""))
    for person in people:
        for _ in range(3):
            await put_queued(database, person, person.organization_id)
    everybody = {person.organization_id for person in people}
    for workers in (1, 3):
        assert set(await order(database, len(people), workers=workers)) == everybody


async def test_workers_that_claim_at_the_same_moment_never_share_a_job(database: Database, cast: Cast) -> None:
    for number in range(8):
        await put_queued(database, (cast.ada, cast.cid)[number % 2], str(number))
    rows = await asyncio.gather(*(claim(database) for _ in range(8)))
    assert sorted(row.prompt for row in rows if row) == [str(number) for number in range(8)]
    assert await claim(database) is None


async def test_four_workers_at_once_are_shared_out_evenly(database: Database, cast: Cast) -> None:
    for number in range(8):
        await put_queued(database, cast.ada, f"ada {number}")
    for number in range(8):
        await put_queued(database, cast.cid, f"cid {number}")
    rows = await asyncio.gather(*(claim(database) for _ in range(4)))
    taken = sorted(row.prompt for row in rows if row)
    assert taken == ["ada 0", "ada 1", "cid 0", "cid 1"]


async def test_a_job_whose_lease_is_over_is_taken_before_any_other_with_a_new_number(
    database: Database, cast: Cast
) -> None:
    lost = await put_queued(database, cast.ada, "lost")
    assert await claim(database, timedelta(seconds=-1)) is not None
    await put_queued(database, cast.cid, "cid")
    again = await claim(database)
    assert again is not None
    assert (again.id, again.fence, again.attempts) == (lost, 2, 2)


async def test_a_job_that_rests_is_not_due_until_its_rest_is_over(database: Database, cast: Cast) -> None:
    await put_queued(database, cast.ada, "x")
    row = await claim(database)
    assert row is not None
    async with database.transaction() as session:
        await generations.requeue(session, row.id, row.fence, counts_as_attempt=False, delay=timedelta(hours=1))
        assert await dispatch.count_due(session) == 0
    assert await claim(database) is None
    async with database.transaction() as session:
        await session.execute(text("UPDATE generations SET retry_at = now() - interval '1 second'"))
    again = await claim(database)
    assert again is not None
    assert (again.attempts, again.retry_at) == (1, None)


async def test_a_job_that_is_being_cancelled_is_passed_over_and_nobody_waits(database: Database, cast: Cast) -> None:
    cancelled = await put_queued(database, cast.ada, "being cancelled")
    await put_queued(database, cast.ada, "next")
    async with database.transaction() as session:
        scope = [cast.ada.organization_id]
        assert await generations.lock_owned(session, cancelled, cast.ada.user_id, scope) is not None
        row = await claim(database)
        assert row is not None
        assert row.prompt == "next"


async def test_what_is_due_counts_waiting_jobs_and_lost_ones(database: Database, cast: Cast) -> None:
    for prompt in "abc":
        await put_queued(database, cast.ada, prompt)
    await claim(database)
    async with database.transaction() as session:
        assert await dispatch.count_due(session) == 2
        assert await dispatch.count_queued(session, cast.ada.organization_id) == (2, 2)
        assert await dispatch.count_queued(session, cast.cid.organization_id) == (2, 0)
    assert await claim(database, timedelta(seconds=-1)) is not None
    async with database.transaction() as session:
        assert await dispatch.count_due(session) == 2
        assert await dispatch.count_queued(session, cast.ada.organization_id) == (1, 1)
