"""Save segments of focus sessions to the library as tracks."""

from dataclasses import dataclass
from typing import NoReturn

from sqlalchemy.ext.asyncio import AsyncSession

from core import focus, ids
from core.activity import ActivityKind
from core.errors import Conflict, NotFound
from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from resolvers.focus import sessions
from resolvers.focus.commands import PromoteFocusSegment
from storage.queries import focus as focus_rows
from storage.queries import libraries, tracks
from storage.queries.tracks import Lock
from storage.tables import FocusSession, LibraryEntry, Track


@dataclass(frozen=True, slots=True)
class Promotion:
    """A segment's track with its entry in the caller's library."""

    entry: LibraryEntry
    track: Track
    is_new: bool


async def promote(
    ctx: Context,
    session_id: str,
    index: str,
    request: Unvalidated[PromoteFocusSegment],
    organization_id: str | None = None,
) -> Promotion:
    """Save the track of a ready segment to the library, and rename it if a title is given.

    If the track is saved already, nothing changes.

    Raises NotFound (session, index, deleted track), InvalidInput, Conflict (not ready).
    """
    scope = ctx.scope(organization_id)
    async with ctx.services.database.transaction() as session:
        row = await sessions.lock(ctx, session, session_id, scope)
        segment_index = _parse_index(row, index)
        title = request.validate().title
        ctx.services.policy.require({"title": title})
        ready = await focus_rows.find_ready_segment(session, row.id, segment_index)
        if ready is None:
            raise Conflict("Focus segment is not ready")
        track = await tracks.find_readable(session, ready[1].id, row.user_id, [row.organization_id], Lock.UPDATE)
        if track is None:
            _raise_not_found(index)
        promotion = await _save(session, row, track, title)
    if promotion.is_new:
        await ctx.publish_activity(row.organization_id, ActivityKind.LIBRARY_ENTRY, track.id)
    return promotion


async def _save(session: AsyncSession, row: FocusSession, track: Track, title: str | None) -> Promotion:
    existing = await libraries.find_entry(session, track.id, row.user_id)
    if existing is not None:
        return Promotion(existing[0], track, is_new=False)
    if title is not None:
        track.title = title
        await session.flush()
        await libraries.update_search_text(session, track.id)
    new = LibraryEntry(
        id=ids.new(ids.Kind.LIBRARY_ENTRY),
        organization_id=row.organization_id,
        user_id=row.user_id,
        track_id=track.id,
    )
    entry, is_new = await tracks.save_to_library(session, new)
    return Promotion(entry, track, is_new)


def _parse_index(row: FocusSession, index: str) -> int:
    """Parse the index of a segment that the session has or will have, in canonical decimal form. Raises NotFound."""
    indices = {str(number): number for number in range(focus.total_segments(row.target_minutes))}
    return indices[index] if index in indices else _raise_not_found(index)


def _raise_not_found(index: str) -> NoReturn:
    """Refuse a segment that the session will never have, or whose track was deleted; both get the same response."""
    raise NotFound("Music focus segment", segment_index=index)
