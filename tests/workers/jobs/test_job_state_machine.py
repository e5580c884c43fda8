"""Random job histories against the real tables, with all guarantees checked after each step."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock, ids, jobs
from core.jobs import Status
from core.licence import LicenceClass
from storage.postgres.database import Database
from storage.queries import generations, owned, spending, tracks
from storage.queue import dispatch
from storage.tables import Generation, Track, metadata
from tests.support.users import Cast, Person

pytestmark = pytest.mark.usefixtures("no_server")

LEASE: Final = timedelta(minutes=5)
PRICE: Final = Decimal("0.2000")


@dataclass
class ObservedJob:
    """The state of a job at the last check."""

    status: Status
    fence: int
    sequence: int


@dataclass(frozen=True)
class Claim:
    """A claim of a worker, which may have been lost since."""

    job_id: str
    fence: int


@dataclass
class World:
    """The database, and the last observed state of each job."""

    loop: asyncio.AbstractEventLoop
    database: Database
    users: list[Person]
    observed: dict[str, ObservedJob] = field(default_factory=dict)

    def run(self, work: Any) -> Any:  # noqa: ANN401  of a coroutine
        return self.loop.run_until_complete(work)


class JobHistories(RuleBasedStateMachine):
    """Submit, claim, progress, crash, recover, cancel, requeue, deliver twice and finish in any order."""

    world: World
    claims: Bundle[Claim] = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        self.world.observed.clear()
        self.world.run(empty(self.world.database, self.world.users))

    @rule(person=st.integers(0, 2))
    def submit(self, person: int) -> None:
        self.world.run(self._submit(self.world.users[person]))

    @rule(target=claims, workers=st.integers(1, 3))
    def deliver(self, workers: int) -> Any:  # noqa: ANN401  hypothesis' own
        """Deliver one wake-up to one or several workers at once."""
        rows = self.world.run(self._claim_at_once(workers))
        assert len({row.id for row in rows}) == len(rows)
        for row in rows:
            before = self.world.observed[row.id]
            assert before.status in {Status.QUEUED, Status.RUNNING}
            assert row.fence == before.fence + 1
        return multiple(*[Claim(row.id, row.fence) for row in rows])

    @rule(claim=claims, progress=st.integers(0, 99))
    def progress(self, claim: Claim, progress: int) -> None:
        async def write(session: AsyncSession) -> Generation | None:
            return await generations.renew_lease(
                session, claim.job_id, claim.fence, progress=progress, stage="rendering", lease=LEASE
            )

        self._write(claim, write)

    @rule(claim=claims)
    def crash(self, claim: Claim) -> None:
        """Let the lease expire; the worker may only be frozen, so it keeps its claim."""
        statement = (
            "UPDATE generations SET lease_expires_at = now() - interval '1 second' WHERE id = :id AND fence = :f"
        )

        async def write() -> None:
            async with self.world.database.transaction() as session:
                running = " AND status = 'running'"
                await session.execute(text(statement + running), {"id": claim.job_id, "f": claim.fence})

        self.world.run(write())

    @rule(claim=consumes(claims))
    def succeed(self, claim: Claim) -> None:
        async def write(session: AsyncSession) -> Generation | None:
            row = await generations.succeed(session, claim.job_id, claim.fence, clock.now())
            if row is not None and row.status is Status.SUCCEEDED:
                await tracks.add(session, track_of(row), [])
            return row

        self._write(claim, write)

    @rule(claim=claims, status=st.sampled_from([Status.FAILED, Status.CANCELLED]))
    def end(self, claim: Claim, status: Status) -> None:
        async def write(session: AsyncSession) -> Generation | None:
            return await generations.finish(session, claim.job_id, claim.fence, status, clock.now())

        self._write(claim, write)

    @rule(claim=claims, counts=st.booleans(), is_delayed=st.booleans())
    def requeue(self, claim: Claim, counts: bool, is_delayed: bool) -> None:  # noqa: FBT001  hypothesis draws them
        delay = timedelta(seconds=-1) if is_delayed else None

        async def write(session: AsyncSession) -> Generation | None:
            return await generations.requeue(session, claim.job_id, claim.fence, counts_as_attempt=counts, delay=delay)

        self._write(claim, write)

    @rule(number=st.integers(0, 19))
    def cancel(self, number: int) -> None:
        if self.world.observed:
            self.world.run(self._cancel(sorted(self.world.observed)[number % len(self.world.observed)]))

    @invariant()
    def guarantees_hold(self) -> None:
        self.world.run(self._check_all())

    def _write(self, claim: Claim, write: Any) -> None:  # noqa: ANN401  a coroutine function
        """Check that a write takes effect only under the newest claim of a running job."""

        async def work() -> Generation | None:
            async with self.world.database.transaction() as session:
                row: Generation | None = await write(session)
            return row

        before = self.world.observed[claim.job_id]
        is_held = before.status is Status.RUNNING and before.fence == claim.fence
        assert (self.world.run(work()) is not None) is is_held

    async def _submit(self, person: Person) -> None:
        row = Generation(
            # hypothesis replays histories and needs the same ids
            id=f"mgen_{len(self.world.observed):024}",
            organization_id=person.organization_id,
            user_id=person.user_id,
            engine="studio",
            prompt="x",
            duration_seconds=60,
            seed=1,
            fingerprint="",
            cost_chf=PRICE,
        )
        async with self.world.database.transaction() as session:
            assert await owned.insert_new(session, [row])
        self.world.observed[row.id] = ObservedJob(Status.QUEUED, 0, 0)

    async def _claim_at_once(self, workers: int) -> list[Generation]:
        async def claim() -> Generation | None:
            async with self.world.database.transaction() as session:
                return await dispatch.claim(session, LEASE)

        rows = await asyncio.gather(*(claim() for _ in range(workers)))
        async with self.world.database.transaction() as session:
            due = await dispatch.count_due(session)
        found = sorted((row for row in rows if row is not None), key=lambda row: row.id)
        # every worker gets a job while any is due
        assert due.total == 0 or len(found) == workers
        return found

    async def _cancel(self, job_id: str) -> None:
        async with self.world.database.transaction() as session:
            row = await session.get(Generation, job_id)
            assert row is not None
            if row.status is Status.QUEUED:
                assert await generations.cancel_queued(session, job_id, clock.now()) is not None
            else:
                await generations.request_cancel(session, job_id, clock.now())

    async def _check_all(self) -> None:
        async with self.world.database.transaction() as session:
            rows = {row.id: row for row in (await session.scalars(select(Generation))).all()}
            made = (await session.scalars(text("SELECT generation_id FROM tracks"))).all()
            organizations = {person.organization_id for person in self.world.users}
            committed = [
                (await spending.sum_committed(session, organization, clock.now() - timedelta(days=1)))[0]
                for organization in organizations
            ]
        assert rows.keys() == self.world.observed.keys(), "an accepted job is lost, or an unknown one exists"
        for row in rows.values():
            self._compare(row)
        succeeded = {row.id for row in rows.values() if row.status is Status.SUCCEEDED}
        assert sorted(made) == sorted(succeeded), "exactly one track for each that succeeded, none for others"
        counting = {Status.QUEUED, Status.RUNNING, Status.SUCCEEDED}
        expected = PRICE * sum(row.status in counting for row in rows.values())
        assert sum(committed) == expected, "charged once, or released"

    def _compare(self, row: Generation) -> None:
        before = self.world.observed[row.id]
        is_the_same = row.status is before.status
        assert is_the_same or before.status in jobs.source_states(row.status), f"{before.status} became {row.status}"
        assert not jobs.is_terminal(before.status) or (is_the_same and row.sequence == before.sequence)
        assert row.fence >= before.fence
        assert row.sequence >= before.sequence
        assert is_the_same or row.sequence > before.sequence, "a change without a new sequence number"
        assert row.attempts <= row.fence
        assert row.status is not Status.SUCCEEDED or row.cancel_requested_at is None, "charged although cancelled"
        self.world.observed[row.id] = ObservedJob(row.status, row.fence, row.sequence)


def track_of(row: Generation) -> Track:
    return Track(
        id=ids.new(ids.Kind.TRACK),
        organization_id=row.organization_id,
        user_id=row.user_id,
        generation_id=row.id,
        engine="studio",
        engine_version="1",
        mode=row.mode,
        seed=1,
        instrumental=True,
        licence_class=LicenceClass.PERSONAL_ONLY,
        licence_version="1",
        commercial_use=False,
        requires_attribution=False,
    )


async def empty(database: Database, users: list[Person]) -> None:
    """Remove all jobs but no users."""
    async with database.transaction() as session:
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        for name in ("track_files", "tracks", "generations", "daily_spends", "turns"):
            await session.execute(metadata.tables[name].delete())


@pytest.mark.timeout(7200)
def test_random_job_histories_keep_all_guarantees(database_url: str, cast: Cast, pytestconfig: pytest.Config) -> None:
    """Run a hundred histories, or as many as ``--life-examples`` states."""
    loop = asyncio.new_event_loop()
    database = Database(database_url)
    JobHistories.world = World(loop, database, [cast.ada, cast.bea, cast.cid])
    chosen = settings(
        max_examples=pytestconfig.getoption("--life-examples"),
        stateful_step_count=20,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(JobHistories, settings=chosen)
    finally:
        loop.run_until_complete(database.close())
        loop.close()
