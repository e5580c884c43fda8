"""Keeping a segment of a focus session as a track of its own."""

from dataclasses import dataclass
from typing import NoReturn

from sqlalchemy.ext.asyncio import AsyncSession

from core import focus, ids
from core.activity import ActivityKind
from core.errors import Conflict, NotFound
from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from resolvers.focus import sessions as use_cases
from resolvers.focus.commands import PromoteFocusSegment
from resolvers.organizations import activity
from storage.queries import focus as sessions
from storage.queries import libraries, tracks
from storage.tables import FocusSession, LibraryEntry, Track


@dataclass(frozen=True, slots=True)
class Promotion:
    """A segment's track in the caller's library."""

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
    """Keep a ready segment's track in the library, under a title if one is given. Again, it stays as it is.

    Raises Unauthenticated, NotAMember, NotFound (session, index, deleted track), InvalidInput, Conflict (not ready).
    """
    scope = ctx.scope(organization_id)
    async with ctx.services.database.transaction() as session:
        row = await use_cases.lock(ctx, session, session_id, scope)
        number = _number(row, index)
        title = request.validate().title
        use_cases.check_policy(ctx, "title", title)
        made = await sessions.find_ready_segment(session, row.id, number)
        if made is None:
            raise Conflict("Focus segment is not ready")
        track = await tracks.lock_shared(session, made[1].id) or _refuse_missing(index)
        promoted = await _keep(session, row, track, title)
    if promoted.is_new:
        await activity.publish(ctx, row.organization_id, ActivityKind.LIBRARY_ENTRY, track.id)
    return promoted


async def _keep(session: AsyncSession, row: FocusSession, track: Track, title: str | None) -> Promotion:
    kept = await libraries.find_entry(session, track.id, row.user_id)
    if kept is not None:
        return Promotion(kept[0], track, is_new=False)
    if title is not None:
        track.title = title
        await session.flush()
        await libraries.update_search_text(session, track.id)
    entry = LibraryEntry(
        id=ids.new(ids.Kind.LIBRARY_ENTRY),
        organization_id=row.organization_id,
        user_id=row.user_id,
        track_id=track.id,
    )
    entry, is_new = await tracks.save_to_library(session, entry)
    return Promotion(entry, track, is_new)


def _number(row: FocusSession, index: str) -> int:
    """The index of a segment that the session has or will have. Raises NotFound, for any other text too."""
    numbers = {str(number): number for number in range(focus.total_segments(row.target_minutes))}
    return numbers[index] if index in numbers else _refuse_missing(index)


def _refuse_missing(index: str) -> NoReturn:
    """The one answer for a segment that a session will never have, or whose track was deleted."""
    raise NotFound("Music focus segment", segment_index=index)
