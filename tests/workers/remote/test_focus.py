"""Focus sessions whose segments a peer makes: joined, paid once, cancelled; gaps are reported if the peer is slow."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
import soundfile
from sqlalchemy import select

from core import focus
from core.errors import InvalidInput
from core.focus import EndReason, SessionStatus
from core.jobs import Status
from core.settings import Settings
from core.spend_windows import Window
from engines.port import SAMPLE_RATE
from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from resolvers.focus import sessions
from resolvers.focus.commands import StartFocusSessionGraphQL
from resolvers.focus.snapshots import ReadySegment, Snapshot
from resolvers.organizations import spending
from storage.postgres.database import Database
from storage.queries import focus as focus_rows
from storage.queries import tracks
from storage.tables import FileRole, Generation
from tests.support.graphql.focus_client import age_session
from tests.support.jobs import worker_jobs
from tests.support.jobs.worker_jobs import context
from tests.support.remote import segment_sounds
from tests.support.remote.installation import RemoteInstallation, remote_installation
from tests.support.remote.peer import Fault, Peer
from tests.support.remote.peer_engine import KEY
from tests.support.users import Cast
from workers import mpeg
from workers.loops import focus as focus_loop

FOCUS: dict[str, Any] = {"options": {"focus": True}}


@dataclass(frozen=True, slots=True)
class Listener:
    """A listener of an installation whose focus engine is the peer."""

    ctx: Context
    installation: RemoteInstallation

    async def start(self, **fields: Any) -> str:  # noqa: ANN401  fields of any command
        request = Unvalidated(
            StartFocusSessionGraphQL, {"goal": "focus", "target_minutes": 3, "engine": KEY, "seed": 7, **fields}
        )
        snapshot, _ = await sessions.start(self.ctx, self.installation.cast.ada.organization_id, request)
        return snapshot.row.id

    async def view(self, session_id: str) -> Snapshot:
        return await sessions.poll_or_raise(self.ctx, session_id)

    async def job(self, session_id: str) -> Generation | None:
        """Return the job of the segment in progress."""
        async with self.installation.database.transaction() as session:
            jobs = await focus_rows.list_segments_in_progress(session, [session_id])
        return jobs[0] if jobs else None

    async def finish_segment(self, session_id: str) -> Generation:
        """Run the steps of the segment in progress until it has ended."""
        job = await self.job(session_id)
        assert job is not None
        return await self.installation.finish(job)

    async def finish(self, session_id: str) -> Snapshot:
        while await self.job(session_id):
            await self.finish_segment(session_id)
        return await self.view(session_id)

    async def spent(self, session_id: str) -> Decimal:
        view = await self.view(session_id)
        return await worker_jobs.sum_spending(self.installation.database, view.row)

    async def file(self, segment: ReadySegment, role: FileRole) -> list[bytes]:
        """Return the files of a segment in a role, in order."""
        async with self.installation.database.transaction() as session:
            files = await tracks.list_files(session, [segment.track.id])
        chosen = sorted((file for file in files if file.role is role), key=lambda file: file.name)
        blobs = self.installation.services.blobs
        return [b"".join([block async for block in blobs.read(file.blob_key)]) for file in chosen]


@asynccontextmanager
async def listening(installation: RemoteInstallation) -> AsyncIterator[Listener]:
    yield Listener(context(installation.services, installation.cast), installation)


@pytest_asyncio.fixture
async def here(isolated_settings: Settings, database: Database, cast: Cast, peer: Peer) -> AsyncIterator[Listener]:
    peer.render = segment_sounds.requested_beat
    async with (
        remote_installation(isolated_settings, database, cast, peer, **FOCUS) as installation,
        listening(installation) as listener,
    ):
        yield listener


def left_channel(file: bytes) -> segment_sounds.Wave:
    audio, _ = soundfile.read(io.BytesIO(file), dtype="float64", always_2d=True)
    return np.asarray(audio[:, 0])


async def test_a_session_is_played_on_the_beat_from_start_to_end(here: Listener, peer: Peer) -> None:
    session_id = await here.start(prefetch=True)
    view = await here.finish(session_id)
    assert (view.row.status, view.row.end_reason) == (SessionStatus.ENDED, EndReason.COMPLETE)
    first, second = view.ready
    assert next(iter(peer.jobs.values())).payload["seconds"] == 27.0
    assert [job.payload["prompt"].partition(",")[0] for job in peer.jobs.values()] == ["Lofi hip hop"] * 2
    grids = first.plan.grid, second.plan.grid
    assert all(grid.is_beat_known for grid in grids)
    assert second.plan.before == grids[0]
    assert second.start_seconds == pytest.approx(grids[0].duration_seconds - grids[0].overlap_ms / 1000)
    assert sum(grid.duration_seconds - grid.overlap_ms / 1000 for grid in grids) == pytest.approx(180, rel=0.01)
    assert view.row.ready_seconds == pytest.approx(180, rel=0.01)
    assert first.track.tempo_bpm == grids[0].tempo_bpm == grids[1].tempo_bpm
    assert second.track.report["notes"][-1] == "It is joined to the segment before on a beat of both."
    assert [segment.track.title for segment in view.ready] == ["Focus 1", "Focus 2"]
    # the price of a minute is 0.6, for the time that both add to the session
    assert await here.spent(session_id) == Decimal("1.8000")

    masters = [left_channel((await here.file(segment, FileRole.LOSSLESS))[0]) for segment in view.ready]
    assert [len(master) for master in masters] == [round(grid.duration_seconds * SAMPLE_RATE) for grid in grids]
    middle = grids[0].overlap_ms / 2000
    assert np.abs(segment_sounds.strokes(masters[0]) - (grids[0].duration_seconds - middle)).min() < 0.015
    assert np.abs(segment_sounds.strokes(masters[1]) - middle).min() < 0.015
    # the peer's files are kept as they came
    original = (await here.file(second, FileRole.ORIGINAL))[0]
    assert original == segment_sounds.requested_beat(list(peer.jobs.values())[1].payload)


async def test_the_stream_keeps_its_level_through_the_crossfade(here: Listener, peer: Peer) -> None:
    peer.render = lambda payload: segment_sounds.requested_noise(segment_sounds.shortened(payload))
    view = await here.finish(await here.start(prefetch=True))
    chunks = [chunk for segment in view.ready for chunk in await here.file(segment, FileRole.STREAM)]
    # the chunks are one stream of MP3 frames after their tags
    stream = left_channel(b"".join(map(mpeg.strip_id3, chunks)))
    assert len(stream) / SAMPLE_RATE == pytest.approx(view.row.ready_seconds, abs=1.5)
    join = view.ready[1].start_seconds
    overlap = view.ready[0].plan.grid.overlap_ms / 1000
    around = stream[round((join - 4) * SAMPLE_RATE) : round((join + overlap + 4) * SAMPLE_RATE)]
    size = SAMPLE_RATE // 2
    levels = 10 * np.log10(np.square(around[: len(around) // size * size].reshape(-1, size)).mean(axis=1))
    assert levels.max() - levels.min() < 1.0
    assert not any(segment.plan.grid.is_beat_known for segment in view.ready)


async def test_engines_that_do_not_support_focus_are_refused_before_anything_is_paid(
    isolated_settings: Settings, database: Database, cast: Cast, peer: Peer
) -> None:
    async with (
        remote_installation(isolated_settings, database, cast, peer) as installation,
        listening(installation) as listener,
    ):
        with pytest.raises(InvalidInput) as caught:
            await listener.start()
    [problem] = caught.value.problems
    assert (problem.path, problem.message) == (
        ("engine",),
        "Must be an enabled engine that supports focus: studio.",
    )
    async with database.transaction() as session:
        assert (await session.scalars(select(Generation))).all() == []
    assert peer.requests == []


async def test_ending_the_session_cancels_its_job_at_the_peer(here: Listener, peer: Peer) -> None:
    peer.states = [{"state": "running"}]
    session_id = await here.start()
    job = await here.job(session_id)
    assert job is not None
    await here.installation.step(job)
    await sessions.end(here.ctx, session_id)
    assert (await here.installation.step(job)).status is Status.CANCELLED
    assert [each.is_cancelled for each in peer.jobs.values()] == [True]
    assert await here.spent(session_id) == 0
    assert await here.job(session_id) is None


async def test_a_lost_job_and_a_pause_delay_a_segment_without_ending_the_session(here: Listener, peer: Peer) -> None:
    session_id = await here.start()
    peer.faults["submit"].append(Fault(429, "busy", {"Retry-After": "0"}))
    peer.faults["poll"].extend([Fault(404, "unknown")] * 3)
    job = await here.finish_segment(session_id)
    assert job.status is Status.SUCCEEDED
    assert [each.key for each in peer.jobs.values()] == [f"{job.id}-1", f"{job.id}-2"]
    view = await here.view(session_id)
    assert (view.row.status, len(view.ready)) == (SessionStatus.ACTIVE, 1)
    assert await here.spent(session_id) == Decimal("0.2000") + Decimal("1.6000")


async def test_a_refused_prompt_ends_the_session_with_the_sentence_of_the_peer(here: Listener, peer: Peer) -> None:
    peer.faults["submit"].extend([Fault(400, "no polka")] * 2)
    session_id = await here.start()
    await here.finish_segment(session_id)
    await here.finish_segment(session_id)
    view = await here.view(session_id)
    assert (view.row.status, view.row.end_reason) == (SessionStatus.ENDED, EndReason.BROKEN)
    assert view.row.problem == "The peer answered 400: no polka You were not charged."
    assert await here.spent(session_id) == 0


async def test_music_too_short_for_its_crossfades_ends_the_session(here: Listener, peer: Peer) -> None:
    peer.render = lambda _: segment_sounds.wav(segment_sounds.noise(9, 1))
    session_id = await here.start()
    view = await here.finish(session_id)
    assert (view.row.end_reason, len(view.ready)) == (EndReason.BROKEN, 0)
    assert view.row.problem is not None
    assert view.row.problem.startswith(
        "The engine delivered no usable audio. The engine delivered 9.0 s of music, and the segment needs "
    )


async def test_the_cap_stops_the_session_before_the_next_job_reaches_the_peer(
    here: Listener, peer: Peer, database: Database
) -> None:
    session_id = await here.start()
    await spending.set_limit_as_operator(
        database, here.installation.cast.ada.organization_id, Window.DAY, Decimal("0.3")
    )
    await here.finish_segment(session_id)
    view = await here.view(session_id)
    assert (view.row.status, view.row.end_reason) == (SessionStatus.STOPPED_CAP, EndReason.CAP)
    assert len(peer.jobs) == 1


async def test_a_peer_slower_than_playback_leaves_a_gap_that_is_reported(
    here: Listener, peer: Peer, database: Database
) -> None:
    peer.render = lambda payload: segment_sounds.requested_beat(segment_sounds.shortened(payload))
    session_id = await here.start()
    await here.finish_segment(session_id)
    ready = (await here.view(session_id)).row.ready_seconds
    assert 18 < ready < 21
    job = await here.job(session_id)
    assert job is not None
    peer.states = [{"state": "running"}]
    await here.installation.step(job)
    # a minute later the listener has played all of the first segment
    await age_session(database, session_id, 60)
    before = (await here.view(session_id)).row.sequence
    view = await here.view(session_id)
    assert (view.is_stalled, view.row.is_stalled, view.row.status) == (True, True, SessionStatus.ACTIVE)
    assert view.playhead_seconds == ready
    assert view.gap_seconds >= 60 - ready
    # a change that subscribers receive once
    assert view.row.sequence == before == 2

    peer.states = [{"state": "succeeded"}]
    await here.installation.finish(job)
    view = await here.view(session_id)
    assert (view.is_stalled, len(view.ready), view.row.end_reason) == (False, 2, EndReason.COMPLETE)
    # playback went on where it had stopped, and the gap does not grow any more
    assert view.gap_seconds == view.row.gap_seconds >= 60 - ready
    assert ready <= view.playhead_seconds < view.row.ready_seconds


async def test_a_session_of_short_segments_gets_its_next_one_before_it_runs_dry(
    here: Listener, peer: Peer, database: Database
) -> None:
    """A peer that delivers less than a third of what is requested must not end the look-ahead too early."""
    peer.render = lambda payload: segment_sounds.wav(segment_sounds.noise(40, payload["seed"]))
    session_id = await here.start(target_minutes=40)
    view = await here.finish(session_id)
    count, ready = view.rendered_count, view.row.ready_seconds
    assert ready / count < 40
    # by the plan one of the first segments plays now, and the next one would be far ahead of it
    await age_session(database, session_id, 60)
    assert count > focus.segment_at(40, 60.0) + here.ctx.services.settings.focus.look_ahead
    assert await focus_loop.sweep(here.ctx.services) == 1
    view = await here.finish(session_id)
    assert view.rendered_count > count
    assert not view.is_stalled
