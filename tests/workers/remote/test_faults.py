"""Jobs of remote engines when workers die, and when peers fail, lose jobs or are slow."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlmodel import col

from core import clock
from core.jobs import Status
from core.settings import Settings
from resolvers.generations import generations as use_cases
from storage.postgres.database import Database
from storage.queries import generations
from storage.queue import dispatch
from storage.tables import Generation, Track
from tests.support.jobs import worker_jobs
from tests.support.jobs.worker_jobs import context
from tests.support.remote.installation import RemoteInstallation, remote_installation, worker_process
from tests.support.remote.peer import Fault, Peer
from tests.support.remote.peer_engine import KEY
from tests.support.storage.full_disk import mount_small_disk
from tests.support.users import Cast
from workers.jobs.generation import run

pytestmark = pytest.mark.usefixtures("no_server")

LOST = Fault(404, "unknown job")
BUSY = Fault(503, "busy")
CLOSED = Fault()
ACCEPTED_AND_CLOSED = Fault(acts=True)


async def count_tracks(database: Database) -> int:
    async with database.transaction() as session:
        return await session.scalar(select(func.count()).select_from(Track)) or 0


async def seconds_until_next_step(database: Database, job: Generation) -> float:
    statement = select(func.extract("epoch", col(Generation.next_step_at) - func.now())).where(
        col(Generation.id) == job.id
    )
    async with database.transaction() as session:
        return float(await session.scalar(statement) or 0)


@asynccontextmanager
async def without_keys(
    settings: Settings, database: Database, cast: Cast, peer: Peer
) -> AsyncIterator[RemoteInstallation]:
    """An installation whose peer accepts no idempotency keys."""
    options = {"idempotent": False}
    async with remote_installation(settings, database, cast, peer, options=options) as studio:
        yield studio


@pytest.mark.parametrize("operation", ["submit", "poll", "fetch"])
async def test_a_worker_that_is_killed_in_a_step_costs_neither_job_nor_money(
    studio: RemoteInstallation, peer: Peer, tmp_path: Path, operation: str
) -> None:
    job = await studio.submit()
    if operation != "submit":
        await studio.step(job)
    with peer.hold(operation), worker_process(studio.services.settings, tmp_path / "log"):
        await asyncio.to_thread(peer.wait_for, operation)
    assert (await studio.load(job)).status is Status.RUNNING
    assert (await studio.finish(job)).status is Status.SUCCEEDED
    assert len(peer.jobs) == 1
    assert await count_tracks(studio.database) == 1
    assert await worker_jobs.sum_spending(studio.database, job) == Decimal("0.06")


async def test_an_uncertain_submission_is_repeated_under_the_same_key(studio: RemoteInstallation, peer: Peer) -> None:
    peer.faults["submit"] += [ACCEPTED_AND_CLOSED, CLOSED]
    job = await studio.submit()
    row = await studio.finish(job)
    assert (row.status, peer.count("submit"), len(peer.jobs)) == (Status.SUCCEEDED, 3, 1)


async def test_an_uncertain_submission_to_a_peer_without_keys_fails_and_is_never_repeated(
    isolated_settings: Settings, database: Database, cast: Cast, peer: Peer
) -> None:
    peer.faults["submit"].append(ACCEPTED_AND_CLOSED)
    async with without_keys(isolated_settings, database, cast, peer) as studio:
        job = await studio.submit()
        row = await studio.step(job)
    assert (row.status, peer.count("submit")) == (Status.FAILED, 1)
    assert row.error_message == (
        "The engine did not confirm the request, which may have been lost. You were not charged. Please try again."
    )
    assert await worker_jobs.sum_spending(database, job) == 0


async def test_a_worker_that_is_killed_while_it_submits_to_a_peer_without_keys_fails_the_job(
    isolated_settings: Settings, database: Database, cast: Cast, peer: Peer, tmp_path: Path
) -> None:
    async with without_keys(isolated_settings, database, cast, peer) as studio:
        job = await studio.submit()
        with peer.hold("submit"), worker_process(studio.services.settings, tmp_path / "log"):
            await asyncio.to_thread(peer.wait_for, "submit")
        row = await studio.step(job)
    assert (row.status, peer.count("submit")) == (Status.FAILED, 1)
    assert await worker_jobs.sum_spending(database, job) == 0


async def test_a_submission_under_a_lost_lease_is_cancelled_at_a_peer_without_keys(
    isolated_settings: Settings, database: Database, cast: Cast, peer: Peer
) -> None:
    async with without_keys(isolated_settings, database, cast, peer) as studio:
        job = await studio.submit()
        with peer.hold("submit"):
            late = asyncio.create_task(run(studio.services))
            await asyncio.to_thread(peer.wait_for, "submit")
            row = await studio.step(job)
        await late
    assert row.status is Status.FAILED
    assert peer.jobs["job-1"].is_cancelled
    assert (await studio.load(job)).fence == row.fence


async def test_a_lost_job_is_submitted_under_a_new_key(studio: RemoteInstallation, peer: Peer) -> None:
    job = await studio.submit()
    await studio.step(job)
    peer.faults["poll"] += [LOST, LOST, LOST]
    row = await studio.finish(job)
    assert row.status is Status.SUCCEEDED
    assert [peer_job.key for peer_job in peer.jobs.values()] == [f"{job.id}-1", f"{job.id}-2"]


async def test_a_job_that_the_peer_forgets_for_a_moment_is_not_lost(studio: RemoteInstallation, peer: Peer) -> None:
    job = await studio.submit()
    await studio.step(job)
    peer.faults["poll"] += [LOST, LOST]
    row = await studio.finish(job)
    assert (row.status, len(peer.jobs)) == (Status.SUCCEEDED, 1)


async def test_a_job_of_a_restarted_peer_fails_after_all_attempts(studio: RemoteInstallation, peer: Peer) -> None:
    peer.faults["poll"] += [LOST] * 9
    job = await studio.submit()
    row = await studio.finish(job)
    assert (row.status, len(peer.jobs)) == (Status.FAILED, 3)
    assert row.error_message == "The engine has lost the request. You were not charged. Please try again."


async def test_an_outage_of_the_peer_counts_as_no_attempt(studio: RemoteInstallation, peer: Peer) -> None:
    peer.faults["submit"] += [BUSY] * 4
    peer.faults["poll"] += [BUSY, CLOSED, BUSY, BUSY]
    peer.faults["fetch"] += [BUSY, CLOSED, BUSY, BUSY]
    job = await studio.submit()
    row = await studio.finish(job)
    assert (row.status, len(peer.jobs)) == (Status.SUCCEEDED, 1)


@pytest.mark.parametrize("operation", ["submit", "poll", "fetch"])
async def test_the_pause_that_the_peer_requests_is_kept(studio: RemoteInstallation, peer: Peer, operation: str) -> None:
    peer.faults[operation].append(Fault(429, "slow down", {"Retry-After": "240"}))
    job = await studio.submit()
    while peer.count(operation) == 0:
        await studio.step(job)
    assert 200 < await seconds_until_next_step(studio.database, job) <= 240
    # the settings' job_seconds are counted from the submission
    assert (await studio.finish(job)).status is Status.SUCCEEDED


async def test_a_slow_peer_is_polled_at_growing_intervals_until_its_time_is_over(
    isolated_settings: Settings, database: Database, cast: Cast, peer: Peer
) -> None:
    peer.states = [{"state": "running"}]
    limits = {"poll_seconds": 100, "max_poll_seconds": 500, "job_seconds": 1000}
    async with remote_installation(isolated_settings, database, cast, peer, **limits) as studio:
        job = await studio.submit()
        intervals = []
        for _ in range(5):
            await studio.step(job)
            intervals.append(await seconds_until_next_step(database, job))
        async with database.transaction() as session:
            await session.execute(text("UPDATE remote_jobs SET submitted_at = now() - interval '1001 seconds'"))
        row = await studio.step(job)
    assert intervals == pytest.approx([100, 100, 200, 400, 500], abs=20)
    assert (row.status, row.error_message) == (
        Status.FAILED,
        "The engine took too long. You were not charged. Please try again.",
    )
    assert peer.jobs["job-1"].is_cancelled
    assert await worker_jobs.sum_spending(database, job) == 0


async def test_a_peer_that_is_silent_is_left_after_its_timeout(
    isolated_settings: Settings, database: Database, cast: Cast, peer: Peer
) -> None:
    async with (
        remote_installation(isolated_settings, database, cast, peer) as patient,
        remote_installation(isolated_settings, database, cast, peer, response_seconds=0.2) as hasty,
    ):
        job = await patient.submit()
        await patient.step(job)
        with peer.hold("poll"):
            row = await hasty.step(job)
        assert (row.status, row.attempts, row.next_step_at is not None) == (Status.RUNNING, 0, True)
        assert (await patient.finish(job)).status is Status.SUCCEEDED


async def test_cancelling_a_parked_job_makes_it_due_and_reaches_the_peer(
    isolated_settings: Settings, database: Database, cast: Cast, peer: Peer
) -> None:
    peer.states = [{"state": "running"}]
    async with remote_installation(isolated_settings, database, cast, peer, poll_seconds=300) as studio:
        job = await studio.submit()
        await studio.step(job)
        assert not await run(studio.services)
        waiting = await studio.services.queue.count_waiting()
        await use_cases.cancel(context(studio.services, cast), job.id)
        assert await studio.services.queue.count_waiting() == waiting + 1
        assert await run(studio.services)
        row = await studio.load(job)
    assert row.status is Status.CANCELLED
    assert peer.jobs["job-1"].is_cancelled
    assert await worker_jobs.sum_spending(database, job) == 0


async def test_a_job_is_cancelled_here_also_if_the_peer_cannot_be_reached(
    studio: RemoteInstallation, peer: Peer
) -> None:
    peer.faults["cancel"].append(CLOSED)
    job = await studio.submit()
    await studio.step(job)
    async with studio.database.transaction() as session:
        await generations.request_cancel(session, job.id, clock.now())
    assert (await studio.step(job)).status is Status.CANCELLED
    assert peer.count("cancel") == 1


async def test_a_download_ends_when_the_job_is_cancelled(studio: RemoteInstallation, peer: Peer) -> None:
    job = await studio.submit()
    await studio.step(job)
    with peer.hold("fetch"):
        step = asyncio.create_task(studio.step(job))
        await asyncio.to_thread(peer.wait_for, "fetch")
        async with studio.database.transaction() as session:
            await generations.request_cancel(session, job.id, clock.now())
        assert (await step).status is Status.CANCELLED
    assert peer.jobs["job-1"].is_cancelled
    assert await count_tracks(studio.database) == 0


async def test_a_job_waits_while_the_disk_is_full_and_is_not_made_again(
    isolated_settings: Settings, database: Database, cast: Cast, peer: Peer, tmp_path: Path
) -> None:
    disk = tmp_path / "small"
    with mount_small_disk(disk, "600k"):
        workers = isolated_settings.workers.model_copy(update={"scratch_dir": disk, "min_free_bytes": 0})
        small = isolated_settings.model_copy(update={"workers": workers})
        async with remote_installation(small, database, cast, peer) as studio:
            job = await studio.submit()
            rows = [await studio.step(job) for _ in range(6)]
    assert [(row.status, row.attempts) for row in rows] == [(Status.RUNNING, 0)] * 6
    async with remote_installation(isolated_settings, database, cast, peer) as studio:
        assert (await studio.finish(job)).status is Status.SUCCEEDED
    assert len(peer.jobs) == 1


async def test_a_job_survives_a_restart_of_all_workers(
    isolated_settings: Settings, database: Database, cast: Cast, peer: Peer
) -> None:
    peer.states = [{"state": "running"}, {"state": "succeeded"}]
    async with remote_installation(isolated_settings, database, cast, peer) as studio:
        job = await studio.submit()
        await studio.step(job)
    async with remote_installation(isolated_settings, database, cast, peer) as studio:
        assert (await studio.finish(job)).status is Status.SUCCEEDED
    assert len(peer.jobs) == 1


async def test_jobs_beyond_the_limit_of_the_peer_wait_in_the_queue(
    isolated_settings: Settings, database: Database, cast: Cast, peer: Peer
) -> None:
    async with remote_installation(isolated_settings, database, cast, peer, max_jobs=2, poll_seconds=300) as studio:
        rows = [await studio.submit() for _ in range(3)]
        local = await studio.submit(engine="studio", prompt="local")
        async with database.transaction() as session:
            assert (await dispatch.count_due(session, {KEY: 2})).total == 3
            claimed = [await dispatch.claim(session, timedelta(seconds=60), {KEY: 2}) for _ in range(4)]
            assert (await dispatch.count_due(session, {KEY: 2})).total == 0
            assert (await dispatch.count_due(session, {KEY: 3})).total == 1
    assert {row.id for row in claimed if row} == {rows[0].id, rows[1].id, local.id}
    assert claimed[3] is None


async def test_the_end_of_a_job_wakes_a_worker_for_the_next(studio: RemoteInstallation, peer: Peer) -> None:
    first, second = await studio.submit(), await studio.submit()
    await studio.step(first)
    waiting = await studio.services.queue.count_waiting()
    await studio.finish(first)
    assert await studio.services.queue.count_waiting() == waiting + 1
    assert (await studio.load(second)).status is Status.QUEUED
    assert (await studio.finish(second)).status is Status.SUCCEEDED
    assert [name for name, _ in peer.requests] == ["submit", "poll", "fetch"] * 2
