"""The generation pipeline with engines that fail."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from core import activity, clock
from core.activity import ActivityKind
from core.jobs import Status
from core.settings import Settings
from engines.port import EngineInfo, ProgressMonitor, RenderRequest, RenderResult
from engines.registry import EngineRegistry, RegisteredEngine
from engines.studio.info import STUDIO_INFO
from storage.postgres.database import Database
from storage.queries import generations, libraries
from storage.queries.libraries import Filter
from storage.queue import dispatch
from storage.tables import LibraryEntry, Track
from tests.support.jobs import instant_engine
from tests.support.jobs.worker_jobs import load_generation, submit_directly
from tests.support.polling import wait_for
from tests.support.users import Cast
from workers.jobs.generation import run
from workers.services import WorkerServices, connect

pytestmark = pytest.mark.usefixtures("no_server")


@dataclass(frozen=True, slots=True)
class FailingEngine:
    """An engine that calls the test's function and then fails."""

    act: Callable[[ProgressMonitor], None]
    info: EngineInfo = STUDIO_INFO

    def render(self, request: RenderRequest, workspace: Path, monitor: ProgressMonitor) -> RenderResult:  # noqa: ARG002  the port's
        self.act(monitor)
        raise ValueError("secret detail /srv/engine.py")


@pytest.fixture
def isolated_settings(settings: Settings, quiet_redis_url: str) -> Settings:
    """Settings with a queue without workers."""
    return settings.model_copy(update={"redis_url": quiet_redis_url})


@asynccontextmanager
async def worker(settings: Settings, act: Callable[[ProgressMonitor], None]) -> AsyncIterator[WorkerServices]:
    registry = EngineRegistry(installed={STUDIO_INFO.key: RegisteredEngine(STUDIO_INFO, lambda: FailingEngine(act))})
    async with connect(settings, registry) as services:
        yield services


def nothing(monitor: ProgressMonitor) -> None:
    monitor.report("composing", 0.5)


async def test_a_failing_job_is_tried_three_times_and_fails_without_details(
    isolated_settings: Settings, database: Database, cast: Cast
) -> None:
    async with worker(isolated_settings, nothing) as services:
        job = await submit_directly(services, cast)
        for attempt in (1, 2):
            await run(services)
            row = await load_generation(database, job.id)
            assert (row.status, row.attempts) == (Status.QUEUED, attempt)
        await run(services)
    row = await load_generation(database, job.id)
    assert row.status is Status.FAILED
    assert row.error_message == "The music could not be made. You were not charged. Please try again."
    assert row.finished_at is not None
    assert row.lease_expires_at is None


async def test_a_job_that_killed_three_workers_fails_without_another_attempt(
    isolated_settings: Settings, database: Database, cast: Cast
) -> None:
    def never(monitor: ProgressMonitor) -> None:
        raise AssertionError("the job was rendered again")

    async with worker(isolated_settings, never) as services:
        job = await submit_directly(services, cast)
        for _ in range(3):
            async with database.transaction() as session:
                assert await dispatch.claim(session, timedelta(seconds=-1)) is not None
        await run(services)
    assert (await load_generation(database, job.id)).status is Status.FAILED


async def test_a_job_with_a_valid_lease_is_not_claimed(
    isolated_settings: Settings, database: Database, cast: Cast
) -> None:
    async with worker(isolated_settings, nothing) as services:
        job = await submit_directly(services, cast)
        async with database.transaction() as session:
            held = await dispatch.claim(session, timedelta(seconds=60))
        assert held is not None
        await run(services)
    row = await load_generation(database, job.id)
    assert (row.status, row.fence, row.sequence) == (Status.RUNNING, held.fence, held.sequence)


async def test_a_claim_that_postgres_ends_is_repeated(
    isolated_settings: Settings, database: Database, cast: Cast
) -> None:
    async def end_waiting_claim() -> bool | None:
        statement = """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event = 'advisory'
        """
        async with database.transaction() as session:
            return bool(await session.scalar(text(statement))) or None

    async with connect(isolated_settings, instant_engine.build_registry()) as services:
        job = await submit_directly(services, cast)
        async with database.transaction() as session:
            await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": dispatch._DISPATCH_LOCK})
            running = asyncio.create_task(run(services))
            assert await wait_for(end_waiting_claim)
        assert await running
    row = await load_generation(database, job.id)
    assert (row.status, row.attempts) == (Status.SUCCEEDED, 1)


async def test_a_result_under_a_lost_lease_is_dropped(
    isolated_settings: Settings, database: Database, cast: Cast
) -> None:
    async with worker(isolated_settings, nothing) as services:
        job = await submit_directly(services, cast)
        async with database.transaction() as session:
            lost = await dispatch.claim(session, timedelta(seconds=-1))
        async with database.transaction() as session:
            assert await dispatch.claim(session, timedelta(seconds=60)) is not None
        assert lost is not None
        async with database.transaction() as session:
            assert await generations.finish(session, job.id, lost.fence, Status.SUCCEEDED, clock.now()) is None
    row = await load_generation(database, job.id)
    assert (row.status, row.fence) == (Status.RUNNING, lost.fence + 1)


async def test_no_files_are_stored_under_a_lost_lease(
    isolated_settings: Settings, database: Database, cast: Cast, tmp_path: Path
) -> None:
    loop, empty = asyncio.get_running_loop(), isolated_settings.model_copy(update={"storage": str(tmp_path)})

    async def lose() -> None:
        async with database.transaction() as session:
            await session.execute(text("UPDATE generations SET lease_expires_at = now() - interval '1 second'"))
        async with database.transaction() as session:
            assert await dispatch.claim(session, timedelta(seconds=60)) is not None

    def act(_: RenderRequest) -> None:
        asyncio.run_coroutine_threadsafe(lose(), loop).result()

    async with connect(empty, instant_engine.build_registry(act)) as services:
        job = await submit_directly(services, cast)
        await run(services)
        assert [blob async for blob in services.blobs.walk()] == []
    row = await load_generation(database, job.id)
    assert (row.status, row.fence) == (Status.RUNNING, 2)


@pytest.mark.parametrize("is_saved", [True, False])
async def test_a_finished_track_is_saved_on_request(
    isolated_settings: Settings, database: Database, cast: Cast, *, is_saved: bool
) -> None:
    async with connect(isolated_settings, instant_engine.build_registry()) as services:
        job = await submit_directly(services, cast, save_to_library=is_saved)
        await run(services)
        feed = activity.feed_name(cast.ada.organization_id, cast.ada.user_id)
        events = [event.fields for event in await services.events.since(feed, 0)]
    saves = [fields for fields in events if fields.get("kind") == ActivityKind.LIBRARY_ENTRY]
    async with database.transaction() as session:
        entries = (await session.scalars(select(LibraryEntry))).all()
        [track] = (await session.scalars(select(Track).where(col(Track.generation_id) == job.id))).all()
        found = await libraries.count(session, cast.ada.organization_id, cast.ada.user_id, Filter(query=track.title))
    assert [(entry.track_id, entry.user_id) for entry in entries] == [(track.id, cast.ada.user_id)] * is_saved
    assert found == int(is_saved)
    assert [fields["id"] for fields in saves] == [track.id] * is_saved


@pytest.mark.parametrize("wrong", ["status = 'done'", "progress = 101", "status = 'succeeded'", "finished_at = now()"])
async def test_constraints_reject_invalid_states(
    isolated_settings: Settings, database: Database, cast: Cast, wrong: str
) -> None:
    async with worker(isolated_settings, nothing) as services:
        job = await submit_directly(services, cast)
    with pytest.raises(Exception, match="violates check constraint"):
        async with database.transaction() as session:
            await session.execute(text(f"UPDATE generations SET {wrong} WHERE id = :id"), {"id": job.id})  # noqa: S608
