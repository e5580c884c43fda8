"""Exports: archives of a user's tracks and library in an organization; workers write them, and they expire."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from core import clock, ids
from core.errors import Conflict
from resolvers.access.context import Context
from storage.queries import exports, owned
from storage.tables import Export


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


async def list_page(
    ctx: Context, organization_id: str, *, limit: int, after: tuple[datetime, str] | None = None
) -> Sequence[Export]:
    """Return the caller's exports, newest first."""
    caller = ctx.require_member(organization_id)
    async with ctx.services.database.transaction() as session:
        return await owned.page(session, Export, organization_id, caller.user_id, limit=limit, after=after)


async def count(ctx: Context, organization_id: str) -> int:
    """Return how many exports ``list_page`` has in all."""
    caller = ctx.require_member(organization_id)
    async with ctx.services.database.transaction() as session:
        return await owned.count(session, Export, organization_id, caller.user_id)


async def find_many(ctx: Context, export_ids: Collection[str]) -> dict[str, Export]:
    """Return those of the exports that are the caller's, by id."""
    caller = ctx.caller
    async with ctx.services.database.transaction() as session:
        valid_ids = [export_id for export_id in export_ids if ids.is_a(ids.Kind.EXPORT, export_id)]
        rows = await owned.find_many(session, Export, valid_ids, caller.user_id, caller.roles.keys())
    return {row.id: row for row in rows}


def is_expired(row: Export) -> bool:
    return row.expires_at is not None and row.expires_at <= clock.now()


async def sign_url(ctx: Context, row: Export) -> str | None:
    """Return a new signed URL of the archive; None while it is unfinished and once it expired. Raises Unavailable."""
    if row.blob_key is None or row.expires_at is None or is_expired(row):
        return None
    lifetime = timedelta(seconds=ctx.services.settings.server.playback_seconds)
    name = f"music-studio {row.created_at:%Y-%m-%d}.zip"
    expires_at = min(clock.now() + lifetime, row.expires_at)
    return await ctx.services.blobs.url(row.blob_key, name, expires_at, row.organization_id)
