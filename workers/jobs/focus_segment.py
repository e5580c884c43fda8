"""What is special about the job of a focus session's segment: what it is joined to, and what its end means."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.focus import SessionStatus
from core.jobs import Status
from engines.focus_port import Segment
from engines.port import ProgressMonitor, RenderResult
from resolvers.focus import scheduling
from resolvers.focus.scheduling import Parts
from storage.blobs.port import BlobNotFound
from storage.queries import focus, tracks
from storage.tables import FileRole, FocusSession, Generation, TrackFile
from workers.files import hls_chunks
from workers.files.hls_chunks import PreviousSegment
from workers.files.track_files import File
from workers.services import WorkerServices


@dataclass(frozen=True, slots=True)
class SessionStep:
    """A session after one of its jobs moved; ``job`` is the next one."""

    session: FocusSession
    before: int
    job: Generation | None

    async def publish(self, services: WorkerServices) -> None:
        """After the commit."""
        if self.session.sequence > self.before:
            await services.events.publish(scheduling.event(self.session))


def plan(job: Generation) -> Segment | None:
    """What to make, if it is a segment."""
    return None if job.session_id is None else scheduling.segment_of(job)


async def load_previous(services: WorkerServices, job: Generation, workspace: Path) -> PreviousSegment | None:
    """The segment that this one goes on from, its master fetched; None for the first."""
    if not job.segment_index:
        return None
    async with services.database.transaction() as session:
        made = [
            pair
            for pair in await focus.list_ready_segments(session, [str(job.session_id)])
            if _index(pair[0]) < _index(job)
        ]
        files = await tracks.list_files(session, [made[-1][1].id])
    grids = [scheduling.segment_of(earlier).grid for earlier, _ in made]
    master = await _fetched(services, files, workspace / "before.mp3")
    begins = sum(map(scheduling.stride_seconds, grids[:-1]))
    return PreviousSegment(master, grids[-1], begins)


def write_stream(
    rendering: RenderResult,
    encoded: Sequence[File],
    segment: Segment,
    joined_to: PreviousSegment | None,
    monitor: ProgressMonitor,
) -> list[File]:
    """The segment's part of the session's stream, in pieces."""
    [master] = [file.path for file in encoded if file.role is FileRole.MASTER]
    chunks = hls_chunks.write_chunks(rendering.master, master, segment, joined_to, master.parent, monitor)
    return [
        File(FileRole.STREAM, f"{number:03}", chunk.path, "audio/mpeg", chunk.frames)
        for number, chunk in enumerate(chunks)
    ]


async def lock_session(session: AsyncSession, job: Generation) -> FocusSession | None:
    """The job's session, held before the job moves, as everybody does who plans for it; None if it is no segment."""
    return None if job.session_id is None else await focus.lock(session, job.session_id)


async def is_session_active(session: AsyncSession, job: Generation) -> bool:
    """Whether a result may still be written: nothing comes to a session that ended. Whoever asks holds it."""
    held = await session.get(FocusSession, job.session_id) if job.session_id else None
    return held is None or held.status is SessionStatus.ACTIVE


async def advance_session(
    session: AsyncSession, parts: Parts, held: FocusSession | None, job: Generation | None
) -> SessionStep | None:
    """What a job's move means for the session that was held; None if it is no segment, or its claim was lost."""
    if held is None or job is None:
        return None
    known, now = held.sequence, clock.now()
    if job.status is Status.SUCCEEDED:
        held.sequence += 1
        held.first_ready_at = held.first_ready_at or now
        job.ready_sequence = held.sequence
        await session.flush()
    return SessionStep(held, known, await scheduling.advance(session, parts, held, now))


async def _fetched(services: WorkerServices, files: Sequence[TrackFile], target: Path) -> Path | None:
    masters = [file for file in files if file.role is FileRole.MASTER]
    try:
        with target.open("wb") as file:
            async for block in services.blobs.read(masters[0].blob_key):
                file.write(block)
    except (BlobNotFound, IndexError):
        return None
    return target


def _index(job: Generation) -> int:
    return -1 if job.segment_index is None else job.segment_index
