"""The place of a job in the queue, held against the order in which jobs are claimed; and when it may be ready."""

import random
from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.jobs import Status
from storage.postgres.database import Database
from storage.queue import dispatch, positions
from storage.tables import Generation
from tests.support.finished_jobs import LEASE, experience, job
from tests.support.users import Cast


async def added(session: AsyncSession, *rows: Generation) -> list[str]:
    """Nobody sees them but this transaction."""
    session.add_all(rows)
    await session.flush()
    return [row.id for row in rows]


async def places(session: AsyncSession, generation_ids: list[str]) -> list[int | None]:
    found = await positions.load_positions(session, generation_ids)
    return [found[generation_id].position for generation_id in generation_ids]


async def claimed(session: AsyncSession) -> list[str]:
    """All that wait, in the order in which workers would take them if nothing ended."""
    order = []
    while (row := await dispatch.claim(session, LEASE)) is not None:
        order.append(row.id)
    return order


@pytest.mark.parametrize("seed", range(5))
async def test_jobs_are_claimed_in_the_order_of_their_places(database: Database, cast: Cast, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  the same dice each time
    async with database.transaction() as session:
        waiting = await added(session, *(job(dice.choice([cast.ada, cast.ada, cast.bea, cast.cid])) for _ in range(12)))
        told = dict(zip(waiting, await places(session, waiting), strict=True))
        assert [told[generation_id] for generation_id in await claimed(session)] == list(range(1, 13))
        await session.rollback()


@pytest.mark.parametrize("seed", range(5))
async def test_who_runs_much_already_waits_longer(database: Database, cast: Cast, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  the same dice each time
    everybody = [cast.ada, cast.ada, cast.bea, cast.cid]
    async with database.transaction() as session:
        await added(session, *(job(dice.choice(everybody), Status.RUNNING) for _ in range(4)))
        waiting = await added(session, *(job(dice.choice(everybody)) for _ in range(12)))
        told = dict(zip(waiting, await places(session, waiting), strict=True))
        order = [told[generation_id] for generation_id in await claimed(session)]
        await session.rollback()
    assert sorted(place for place in order if place is not None) == list(range(1, 13))
    # those who come to stand alike take turns from where the last turn was, which nobody knows beforehand
    assert all(abs(number - (place or 0)) <= 3 for number, place in enumerate(order, start=1))


async def test_one_organization_with_many_jobs_does_not_push_another_back(database: Database, cast: Cast) -> None:
    async with database.transaction() as session:
        many = await added(session, *(job(cast.ada) for _ in range(50)))
        [single] = await added(session, job(cast.cid))
        assert (await places(session, [single]))[0] in {1, 2}
        assert max(place or 0 for place in await places(session, many)) == 51
        await session.rollback()


async def waits(session: AsyncSession, generation_ids: list[str]) -> list[float | None]:
    """Seconds until each may be ready."""
    now = await session.scalar(select(func.now()))
    assert isinstance(now, datetime)
    found = await positions.load_positions(session, generation_ids)
    moments = [found[generation_id].ready_at for generation_id in generation_ids]
    return [None if moment is None else round((moment - now).total_seconds(), 3) for moment in moments]


async def test_without_experience_nothing_is_promised(database: Database, cast: Cast) -> None:
    async with database.transaction() as session:
        ours = await added(session, job(cast.ada), job(cast.ada, Status.RUNNING), experience(cast.ada, 6, attempts=2))
        assert await waits(session, ours[:2]) == [None, None]
        assert (await positions.load_positions(session, ours)).keys() == set(ours[:2])
        await session.rollback()


async def test_the_pace_of_late_tells_when_a_job_may_be_ready(database: Database, cast: Cast) -> None:
    async with database.transaction() as session:
        await added(session, *(experience(cast.bea, 6) for _ in range(5)))
        running = await added(session, job(cast.ada, Status.RUNNING, progress=50))
        assert await waits(session, running) == [3.0]
        waiting = []
        for _ in range(2):
            waiting += await added(session, job(cast.ada))
        assert await waits(session, waiting) == [3.0 + 6.0, 3.0 + 6.0 + 6.0]
        await added(session, job(cast.cid, Status.RUNNING, progress=50))
        assert await waits(session, waiting) == [(3.0 + 3.0) / 2 + 6.0, (3.0 + 3.0 + 6.0) / 2 + 6.0]
        await session.rollback()


async def test_work_of_unknown_length_ahead_promises_nothing(database: Database, cast: Cast) -> None:
    async with database.transaction() as session:
        await added(session, experience(cast.ada, 6))
        first, unknown, behind = [
            (await added(session, job(cast.ada, engine=engine)))[0] for engine in ("studio", "other", "studio")
        ]
        assert await waits(session, [first, unknown, behind]) == [6.0, None, None]
        await session.rollback()


async def test_nine_of_ten_jobs_are_ready_when_it_was_told(database: Database, cast: Cast) -> None:
    async with database.transaction() as session:
        await added(session, *(experience(cast.ada, seconds) for seconds in range(1, 12)))
        waiting = [(await added(session, job(cast.ada)))[0] for _ in range(2)]
        assert await waits(session, waiting) == [10.0, 6.0 + 10.0]
        await session.rollback()
