"""Exports: archives of a user's tracks and library in an organization; workers write them, and they expire."""

from datetime import timedelta
from typing import Final

from core import clock, ids
from core.errors import Conflict
from resolvers.access.context import Context
from resolvers.access.own_rows import OwnRows
from storage.queries import exports
from storage.tables import Export

_ROWS: Final = OwnRows(Export, ids.Kind.EXPORT, "Export", "export_id")

find_many, list_page, count = _ROWS.find_many, _ROWS.list_page, _ROWS.count


async def request(ctx: Context, organization_id: str) -> Export:
    """Queue an export, or return the unfinished one that the caller has. Workers poll for exports.

    Raises Conflict (the unfinished export is of another organization).
    """
    caller = ctx.require_member(organization_id)
    new = Export(id=ids.new(ids.Kind.EXPORT), organization_id=organization_id, user_id=caller.user_id)
    async with ctx.services.database.transaction() as session:
        row = await exports.request(session, new)
    if row.organization_id != organization_id:
        raise Conflict("An export of another organization is in progress: a user has one at a time")
    return row


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
