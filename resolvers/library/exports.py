"""Exports: archives of a user's tracks and library in an organization; workers write them, and they expire."""

from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock, ids
from core.errors import Conflict, InvalidInput, Problem
from resolvers.access.context import Context
from resolvers.access.own_rows import OwnRows
from resolvers.access.validation import Unvalidated
from resolvers.library.commands import CreateExport
from storage.queries import archives, exports
from storage.queries.archives import Owner
from storage.tables import Export

_ROWS: Final = OwnRows(Export, ids.Kind.EXPORT, "Export", "export_id")

find_many, list_page, count = _ROWS.find_many, _ROWS.list_page, _ROWS.count


async def request(ctx: Context, organization_id: str, command: Unvalidated[CreateExport]) -> Export:
    """Queue an export, or return the unfinished one that the caller has. Workers poll for exports.

    Raises InvalidInput (a selected track is not the caller's own), Conflict (the unfinished export is another one).
    """
    caller = ctx.require_member(organization_id)
    selected = command.validate().track_ids
    track_ids = None if selected is None else list(dict.fromkeys(selected))
    new = Export(
        id=ids.new(ids.Kind.EXPORT), organization_id=organization_id, user_id=caller.user_id, track_ids=track_ids
    )
    async with ctx.services.database.transaction() as session:
        if track_ids is not None:
            await _require_own(session, Owner(caller.user_id, [organization_id], track_ids), track_ids)
        row = await exports.request(session, new)
    if (row.organization_id, row.track_ids) != (organization_id, track_ids):
        raise Conflict("Another export is in progress: a user has one at a time")
    return row


async def _require_own(session: AsyncSession, owner: Owner, track_ids: list[str]) -> None:
    present = {*await archives.list_track_ids(session, owner)}
    problems = [
        Problem(("track_ids", place), "You made no track with this ID in this organization.")
        for place, track_id in enumerate(track_ids)
        if track_id not in present
    ]
    if problems:
        raise InvalidInput(problems)


def is_expired(row: Export) -> bool:
    return row.expires_at is not None and row.expires_at <= clock.now()


async def sign_url(ctx: Context, row: Export) -> str | None:
    """Return a new signed URL of the archive; None while it is unfinished and once it expired. Raises Unavailable."""
    if row.blob_key is None or row.expires_at is None or is_expired(row):
        return None
    lifetime = timedelta(seconds=ctx.services.settings.server.playback_seconds)
    name = f"music-studio {row.created_at:%Y-%m-%d}.zip"
    expires_at = min(clock.now() + lifetime, row.expires_at)
    return await ctx.services.blobs.url(row.blob_key, name, expires_at, row.organization_id, base_url=ctx.base_url)
