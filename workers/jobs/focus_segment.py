"""The steps of a generation job that are specific to segments of focus sessions."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.focus import SessionStatus
from core.jobs import Status
from resolvers.focus import scheduling
from resolvers.focus.scheduling import SchedulingServices
from storage.blobs.port import BlobNotFound
from storage.queries import focus, tracks
from storage.tables import FileRole, FocusSession, Generation
from workers.files import track_files
from workers.files.hls_chunks import PreviousSegment
from workers.services import WorkerServices


@dataclass(frozen=True, slots=True)
class SessionStep:
    """A session after one of its jobs changed: its sequence before the change, and its next job if there is one."""

    session: FocusSession
    previous_sequence: int
    next_job: Generation | None


async def load_previous(services: WorkerServices, job: Generation, workspace: Path) -> PreviousSegment | None:
    """Load the segment before this one and download its master. Return None for the first segment."""
    if not job.segment_index:
        return None
    async with services.database.transaction() as session:
        ready = await focus.list_ready_segments(session, [str(job.session_id)])
        earlier = [(other, track) for other, track in ready if (other.segment_index or 0) < job.segment_index]
        files = await tracks.list_files(session, [earlier[-1][1].id])
    grids = [scheduling.segment_from_row(other).grid for other, _ in earlier]
    masters = [file for file in files if file.role is FileRole.MASTER]
    try:
        master = await track_files.download(services.blobs, masters[0], workspace / "before.mp3")
    except (BlobNotFound, IndexError):
        master = None
    return PreviousSegment(master, grids[-1], sum(map(scheduling.stride_seconds, grids[:-1])))


async def lock_session(session: AsyncSession, job: Generation) -> FocusSession | None:
    """Lock the job's session before the job changes, like all code that schedules it. Return None if it has none."""
    return None if job.session_id is None else await focus.lock(session, job.session_id)


async def is_session_active(session: AsyncSession, job: Generation) -> bool:
    """Return whether a result may be saved: the job has no session or an active one. The session must be locked."""
    row = await session.get(FocusSession, job.session_id) if job.session_id else None
    return row is None or row.status is SessionStatus.ACTIVE


async def advance_session(
    session: AsyncSession, parts: SchedulingServices, row: FocusSession | None, job: Generation | None
) -> SessionStep | None:
    """Advance a locked session after a change of its job. Return None without a session or if the lease was lost."""
    if row is None or job is None:
        return None
    previous_sequence, now = row.sequence, clock.now()
    if job.status is Status.SUCCEEDED:
        row.sequence += 1
        row.first_ready_at = row.first_ready_at or now
        job.ready_sequence = row.sequence
        await session.flush()
    return SessionStep(row, previous_sequence, await scheduling.advance(session, parts, row, now))
