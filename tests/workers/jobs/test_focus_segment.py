"""Focus sessions from start to end through the real pipeline, with an instant engine."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select, text

from core.focus import EndReason, SessionStatus
from core.jobs import Status
from core.settings import Settings, WorkerSettings
from engines.focus_port import Segment
from engines.port import RenderRequest
from resolvers.access.validation import Unvalidated
from resolvers.focus import sessions
from resolvers.generations import generations
from resolvers.generations.commands import CreateGeneration
from storage.postgres.database import Database
from storage.tables import FileRole, LibraryEntry, TrackFile
from tests.support.graphql.focus_client import list_generations
from tests.support.jobs import instant_engine
from tests.support.jobs.focus_worker import focus_studio
from tests.support.polling import wait_until
from tests.support.processes import process_fork_server
from tests.support.users import Cast
from workers.jobs.generation import run

pytestmark = pytest.mark.usefixtures("no_server")


@pytest.fixture
def isolated_settings(settings: Settings, quiet_redis_url: str) -> Settings:
    """Settings with a queue without workers, and leases that are long enough for slow machines."""
    workers = WorkerSettings(lease_seconds=300)
    return settings.model_copy(update={"redis_url": quiet_redis_url, "workers": workers})


async def test_a_complete_session_has_a_track_with_files_for_each_segment(
    isolated_settings: Settings, database: Database, cast: Cast
) -> None:
    segments: list[Segment] = []

    def note(request: RenderRequest) -> None:
        assert request.segment is not None
        assert request.duration_seconds == request.segment.grid.duration_seconds
        segments.append(request.segment)

    async with focus_studio(isolated_settings, cast, note) as here:
        session_id = await here.start(seed=7, divergence=0.3)
        await here.run_until_idle(database)
        view = await here.view(session_id)

    assert (view.row.status, view.row.end_reason) == (SessionStatus.ENDED, EndReason.COMPLETE)
    assert [segment.plan for segment in view.ready] == segments
    assert [segment.index for segment in segments] == [0, 1, 2]
    assert [segment.is_last for segment in segments] == [False, False, True]
    assert [segment.before for segment in segments] == [None, segments[0].grid, segments[1].grid]
    assert {segment.session_seed for segment in segments} == {7}
    assert [segment.start_seconds for segment in view.ready] == [0.0, 2.0, 4.0]
    assert [segment.job.ready_sequence for segment in view.ready] == [1, 2, 3]
    async with database.transaction() as session:
        files = (await session.scalars(select(TrackFile))).all()
        assert (await session.scalars(select(LibraryEntry))).all() == []
    roles = Counter(file.role for file in files)
    assert roles[FileRole.MASTER] == roles[FileRole.STREAM] == roles[FileRole.SCORE] == 3
    # two seconds each, and the decoder delay at the end
    assert sorted(file.frames or 0 for file in files if file.role is FileRole.STREAM) == [76, 77, 78]


async def test_a_segment_of_a_session_that_ended_meanwhile_is_dropped(
    isolated_settings: Settings, database: Database, cast: Cast
) -> None:
    ids: list[str] = []

    def end(request: RenderRequest) -> None:
        if request.segment and request.segment.index == 1:
            asyncio.run(_end(isolated_settings, cast, ids[0]))

    async with focus_studio(isolated_settings, cast, end) as here:
        ids.append(await here.start())
        await here.run_until_idle(database)
        view = await here.view(ids[0])
    assert (view.row.status, view.row.end_reason, view.rendered_count) == (SessionStatus.ENDED, EndReason.LISTENER, 1)
    assert [job.status for job in await list_generations(database, ids[0])] == [Status.SUCCEEDED, Status.CANCELLED]


async def _end(settings: Settings, cast: Cast, session_id: str) -> None:
    async with focus_studio(settings, cast) as elsewhere:
        await sessions.end(elsewhere.ctx, session_id)


async def test_a_segment_that_fails_ends_the_session_with_the_ready_segments(
    isolated_settings: Settings, database: Database, cast: Cast
) -> None:
    def break_second(request: RenderRequest) -> None:
        if request.segment and request.segment.index == 1:
            raise ValueError("it breaks")

    async with focus_studio(isolated_settings, cast, break_second) as here:
        session_id = await here.start()
        await here.run_until_idle(database)
        view = await here.view(session_id)
    assert (view.row.end_reason, view.rendered_count) == (EndReason.BROKEN, 1)
    jobs = await list_generations(database, session_id)
    assert [(job.segment_index, job.status, job.attempts) for job in jobs] == [
        (0, Status.SUCCEEDED, 1),
        (1, Status.FAILED, 3),
        (1, Status.FAILED, 3),
    ]


async def test_the_segment_of_a_killed_worker_is_rendered_again(
    isolated_settings: Settings, database: Database, cast: Cast, tmp_path: Path
) -> None:
    async with focus_studio(isolated_settings, cast) as here:
        session_id = await here.start()
        await run(here.services)
        environment, log = process_fork_server.environment(isolated_settings), tmp_path / "log"
        child = process_fork_server.shared().fork(["module", instant_engine.__name__], environment, log)
        await asyncio.to_thread(wait_until, lambda: "rendering" in log.read_text())
        child.kill()
        await asyncio.to_thread(child.wait, 100)
        async with database.transaction() as session:
            await session.execute(text("UPDATE generations SET lease_expires_at = now() WHERE status = 'running'"))
        await here.run_until_idle(database)
        view = await here.view(session_id)
    assert view.row.end_reason is EndReason.COMPLETE
    jobs = await list_generations(database, session_id)
    assert [(job.segment_index, job.status, job.attempts) for job in jobs] == [
        (0, Status.SUCCEEDED, 1),
        (1, Status.SUCCEEDED, 2),
        (2, Status.SUCCEEDED, 1),
    ]


async def test_five_sessions_and_twenty_generations_share_two_workers(
    isolated_settings: Settings, database: Database, cast: Cast
) -> None:
    order: list[str] = []

    def note(request: RenderRequest) -> None:
        order.append(f"session {request.seed}" if request.segment else "generation")

    async with focus_studio(isolated_settings, cast, note) as here:
        request = Unvalidated(CreateGeneration, {"engine": "studio", "prompt": "x", "duration_seconds": 1})
        for _ in range(20):
            await generations.create(here.ctx, here.organization_id, request)
        sessions = [await here.start(seed=seed) for seed in range(5)]
        await asyncio.gather(here.run_until_idle(database), here.run_until_idle(database))
        views = [await here.view(session_id) for session_id in sessions]

    assert [view.rendered_count for view in views] == [3] * 5
    counts = Counter(order)
    assert counts["generation"] == 20
    assert all(counts[f"session {seed}"] == 3 for seed in range(5))
    # owners take turns: no first segment waits for another session's third or for all generations
    rounds = order[:14]
    assert all(f"session {seed}" in rounds for seed in range(5))
    assert 1 <= rounds.count("generation") <= 6
