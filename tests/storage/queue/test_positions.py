"""Queue positions, compared with the order of claims, and estimated completion times."""

import random
from datetime import datetime, timedelta
from typing import Final

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.jobs import Status
from storage.postgres.database import Database
from storage.queue import dispatch, positions
from storage.tables import Generation
from tests.support.jobs.finished_jobs import LEASE, build_finished_generation, build_generation
from tests.support.users import Cast, Person

REMOTE: Final = {"far": 2}
"""The places of the remote engine."""

pytestmark = pytest.mark.usefixtures("no_server")


async def add(session: AsyncSession, *rows: Generation) -> list[str]:
    """Insert rows that only this transaction sees; return their ids."""
    session.add_all(rows)
    await session.flush()
    return [row.id for row in rows]


async def load_positions(session: AsyncSession, generation_ids: list[str]) -> list[int | None]:
    loaded = await positions.load_positions(session, generation_ids)
    return [loaded[generation_id].position for generation_id in generation_ids]


async def claim_all(session: AsyncSession) -> list[str]:
    """Claim all queued jobs; return their ids in order."""
    order = []
    while (row := await dispatch.claim(session, LEASE)) is not None:
        order.append(row.id)
    return order


@pytest.mark.parametrize("seed", range(5))
async def test_jobs_are_claimed_in_the_order_of_their_positions(database: Database, cast: Cast, seed: int) -> None:
    generator = random.Random(seed)  # noqa: S311  reproducible
    async with database.transaction() as session:
        waiting = await add(
            session, *(build_generation(generator.choice([cast.ada, cast.ada, cast.bea, cast.cid])) for _ in range(12))
        )
        expected = dict(zip(waiting, await load_positions(session, waiting), strict=True))
        assert [expected[generation_id] for generation_id in await claim_all(session)] == list(range(1, 13))
        await session.rollback()


@pytest.mark.parametrize("seed", range(5))
async def test_running_jobs_worsen_the_position(database: Database, cast: Cast, seed: int) -> None:
    generator = random.Random(seed)  # noqa: S311  reproducible
    people = [cast.ada, cast.ada, cast.bea, cast.cid]
    async with database.transaction() as session:
        await add(session, *(build_generation(generator.choice(people), Status.RUNNING) for _ in range(4)))
        waiting = await add(session, *(build_generation(generator.choice(people)) for _ in range(12)))
        expected = dict(zip(waiting, await load_positions(session, waiting), strict=True))
        order = [expected[generation_id] for generation_id in await claim_all(session)]
        await session.rollback()
    assert sorted(position for position in order if position is not None) == list(range(1, 13))
    # equals are served round-robin after the owner served last, which is unknown here
    assert all(abs(number - (position or 0)) <= 3 for number, position in enumerate(order, start=1))


async def test_an_organization_with_many_jobs_does_not_worsen_the_position_of_another(
    database: Database, cast: Cast
) -> None:
    async with database.transaction() as session:
        many = await add(session, *(build_generation(cast.ada) for _ in range(50)))
        [single] = await add(session, build_generation(cast.cid))
        assert (await load_positions(session, [single]))[0] in {1, 2}
        assert max(position or 0 for position in await load_positions(session, many)) == 51
        await session.rollback()


async def load_wait_seconds(session: AsyncSession, generation_ids: list[str]) -> list[float | None]:
    """Return the estimated seconds until each job is ready."""
    now = await session.scalar(select(func.now()))
    assert isinstance(now, datetime)
    loaded = await positions.load_positions(session, generation_ids)
    times = [loaded[generation_id].ready_at for generation_id in generation_ids]
    return [None if time is None else round((time - now).total_seconds(), 3) for time in times]


async def test_there_is_no_estimate_without_recent_first_attempts(database: Database, cast: Cast) -> None:
    async with database.transaction() as session:
        rows = await add(
            session,
            build_generation(cast.ada),
            build_generation(cast.ada, Status.RUNNING),
            build_finished_generation(cast.ada, 6, attempts=2),
        )
        assert await load_wait_seconds(session, rows[:2]) == [None, None]
        assert (await positions.load_positions(session, rows)).keys() == set(rows[:2])
        await session.rollback()


async def test_the_estimate_follows_recent_render_speeds(database: Database, cast: Cast) -> None:
    async with database.transaction() as session:
        await add(session, *(build_finished_generation(cast.bea, 6) for _ in range(5)))
        running = await add(session, build_generation(cast.ada, Status.RUNNING, progress=50))
        assert await load_wait_seconds(session, running) == [3.0]
        waiting = []
        for _ in range(2):
            waiting += await add(session, build_generation(cast.ada))
        assert await load_wait_seconds(session, waiting) == [3.0 + 6.0, 3.0 + 6.0 + 6.0]
        await add(session, build_generation(cast.cid, Status.RUNNING, progress=50))
        assert await load_wait_seconds(session, waiting) == [(3.0 + 3.0) / 2 + 6.0, (3.0 + 3.0 + 6.0) / 2 + 6.0]
        await session.rollback()


async def test_there_is_no_estimate_behind_a_job_of_unknown_speed(database: Database, cast: Cast) -> None:
    async with database.transaction() as session:
        await add(session, build_finished_generation(cast.ada, 6))
        first, unknown, behind = [
            (await add(session, build_generation(cast.ada, engine=engine)))[0]
            for engine in ("studio", "other", "studio")
        ]
        assert await load_wait_seconds(session, [first, unknown, behind]) == [6.0, None, None]
        await session.rollback()


async def test_the_estimate_uses_the_ninetieth_percentile_for_the_job_itself(database: Database, cast: Cast) -> None:
    async with database.transaction() as session:
        await add(session, *(build_finished_generation(cast.ada, seconds) for seconds in range(1, 12)))
        waiting = [(await add(session, build_generation(cast.ada)))[0] for _ in range(2)]
        assert await load_wait_seconds(session, waiting) == [10.0, 6.0 + 10.0]
        await session.rollback()


async def load_remote(session: AsyncSession, *generation_ids: str) -> list[tuple[int | None, float | None]]:
    """Return positions, and the estimated seconds until each job is ready, with a remote engine."""
    now = await session.scalar(select(func.now()))
    assert isinstance(now, datetime)
    loaded = await positions.load_positions(session, generation_ids, REMOTE)
    found = [loaded[generation_id] for generation_id in generation_ids]
    waits = [None if each.ready_at is None else round((each.ready_at - now).total_seconds(), 1) for each in found]
    return [(each.position, wait) for each, wait in zip(found, waits, strict=True)]


def build_parked(person: Person, **changes: object) -> Generation:
    """Build a job that a peer works on."""
    now = clock.now()
    times = {"next_step_at": now + LEASE, "lease_expires_at": now + LEASE, "started_at": now}
    return build_generation(person, Status.RUNNING, **{"engine": "far", **times, **changes})


async def test_jobs_of_a_remote_engine_wait_for_its_places_and_others_for_workers(
    database: Database, cast: Cast
) -> None:
    async with database.transaction() as session:
        await add(session, build_finished_generation(cast.bea, 6))
        await add(session, build_finished_generation(cast.bea, 100, engine="far"))
        await add(session, *(build_parked(cast.ada, progress=50) for _ in range(2)))
        [running] = await add(session, build_generation(cast.ada, Status.RUNNING, progress=50))
        first = await add(session, build_generation(cast.ada, engine="far"))
        local = await add(session, build_generation(cast.ada))
        second = await add(session, build_generation(cast.ada, engine="far"))
        # two halves of a job of 100 s are left at two places, then the jobs ahead
        assert await load_remote(session, *first, *second) == [(1, 50.0 + 100.0), (2, (100.0 + 100.0) / 2 + 100.0)]
        assert await load_remote(session, *local, running) == [(1, 3.0 + 6.0), (None, 3.0)]
        await session.rollback()


async def test_a_job_for_which_the_peer_has_a_place_waits_for_a_worker_only(database: Database, cast: Cast) -> None:
    async with database.transaction() as session:
        await add(session, build_finished_generation(cast.bea, 6))
        await add(session, build_finished_generation(cast.bea, 100, engine="far"))
        await add(session, build_parked(cast.ada, progress=50))
        await add(session, build_generation(cast.ada, Status.RUNNING, progress=50))
        remote = await add(session, build_generation(cast.ada, engine="far"))
        assert await load_remote(session, *remote) == [(1, 100.0)]
        # with queued jobs all workers are busy
        await add(session, build_generation(cast.cid))
        assert await load_remote(session, *remote) == [(1, 3.0 + 100.0)]
        await session.rollback()


async def test_parked_jobs_do_not_worsen_the_position_of_their_owner(database: Database, cast: Cast) -> None:
    async with database.transaction() as session:
        await add(session, *(build_parked(cast.ada) for _ in range(2)))
        await add(session, build_generation(cast.cid, Status.RUNNING))
        await add(session, build_generation(cast.cid))
        [waiting] = await add(session, build_generation(cast.ada))
        assert await load_remote(session, waiting) == [(1, None)]
        claimed = await dispatch.claim(session, LEASE, REMOTE)
        assert claimed is not None
        assert claimed.id == waiting
        await session.rollback()


async def test_the_time_of_a_job_without_progress_counts_from_its_start(database: Database, cast: Cast) -> None:
    async with database.transaction() as session:
        await add(session, build_finished_generation(cast.bea, 100, engine="far"))
        started = await session.scalar(select(func.now() - timedelta(seconds=30)))
        late = await session.scalar(select(func.now() - timedelta(seconds=300)))
        jobs = await add(session, *(build_parked(cast.ada, started_at=at) for at in (started, late)))
        assert await load_remote(session, *jobs) == [(None, 70.0), (None, 0.0)]
        await session.rollback()
