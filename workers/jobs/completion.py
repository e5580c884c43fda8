"""Save the track of a generation together with the job's success."""

from dataclasses import asdict

from sqlalchemy.ext.asyncio import AsyncSession

from core import activity, clock, ids
from core.activity import ActivityKind
from core.focus import SessionStatus
from core.jobs import Status
from engines.focus_port import Segment
from storage.queries import generations, tracks
from storage.tables import FocusSession, Generation, LibraryEntry, Track, TrackFile
from workers.jobs.leases import Lease


async def succeed(lease: Lease, track: Track, files: list[TrackFile], segment: Segment | None = None) -> None:
    """Save the track and the job's success in one transaction, if the lease is still held.

    ``segment`` is the final one if its grid differs from the plan, as that of an engine at a peer.
    """
    job = lease.row
    track.created_at = clock.now()
    entry = LibraryEntry(
        id=ids.new(ids.Kind.LIBRARY_ENTRY),
        organization_id=track.organization_id,
        user_id=track.user_id,
        track_id=track.id,
    )
    is_saved = False

    async def write(session: AsyncSession) -> Generation | None:
        nonlocal is_saved
        # locked by ``Lease.write``
        focus_session = await session.get(FocusSession, job.session_id) if job.session_id else None
        is_active = focus_session is None or focus_session.status is SessionStatus.ACTIVE
        finish = generations.succeed if is_active else generations.cancel
        row = await finish(session, job.id, job.fence, clock.now())
        if row is not None and row.status is Status.SUCCEEDED:
            if segment is not None:
                row.segment = asdict(segment)
            await tracks.add(session, track, files)
            if row.save_to_library:
                _, is_saved = await tracks.save_to_library(session, entry)
        return row

    await lease.write(write)
    if is_saved:
        feed = activity.feed_name(track.organization_id, track.user_id)
        fields = {"kind": ActivityKind.LIBRARY_ENTRY.value, "id": track.id}
        await lease.services.events.append_to_feed(feed, fields)
