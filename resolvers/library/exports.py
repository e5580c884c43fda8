"""Exports: archives of what a caller has in an organization, made by workers, to be fetched for a while."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from core import clock, ids
from core.errors import Conflict
from resolvers.access.context import Context
from storage.queries import exports
from storage.tables import Export


async def create(ctx: Context, organization_id: str) -> Export:
    """Ask for an archive; the one in the making if there is one. Workers look for it by themselves.

    Raises NotAMember, Conflict while one is made of another organization.
    """
    caller = ctx.member(organization_id)
    row = Export(id=ids.new(ids.Kind.EXPORT), organization_id=organization_id, user_id=caller.user_id)
    async with ctx.services.database.transaction() as session:
        found = await exports.request(session, row)
    if found.organization_id != organization_id:
        raise Conflict("An export of another organization is in the making: one at a time")
    return found


async def page(
    ctx: Context, organization_id: str, *, limit: int, after: tuple[datetime, str] | None = None
) -> Sequence[Export]:
    """The caller's exports, newest first. Raises NotAMember."""
    caller = ctx.member(organization_id)
    async with ctx.services.database.transaction() as session:
        return await exports.page(session, organization_id, caller.user_id, limit=limit, after=after)


async def count(ctx: Context, organization_id: str) -> int:
    """How many exports ``page`` has in all. Raises NotAMember."""
    caller = ctx.member(organization_id)
    async with ctx.services.database.transaction() as session:
        return await exports.count(session, organization_id, caller.user_id)


async def owned(ctx: Context, export_ids: Collection[str]) -> dict[str, Export]:
    """Those of the exports that are the caller's, by id. Raises Unauthenticated."""
    caller = ctx.caller
    async with ctx.services.database.transaction() as session:
        named = [export_id for export_id in export_ids if ids.is_a(ids.Kind.EXPORT, export_id)]
        rows = await exports.list_owned(session, named, caller.user_id, caller.roles.keys())
    return {row.id: row for row in rows}


def is_expired(row: Export) -> bool:
    """Whether its time is over."""
    return row.expires_at is not None and row.expires_at <= clock.now()


async def url(ctx: Context, row: Export) -> str | None:
    """A fresh signed link to the archive; None until it is made and when it has expired. Raises Unavailable."""
    if row.blob_key is None or row.expires_at is None or is_expired(row):
        return None
    lifetime = timedelta(seconds=ctx.services.settings.server.playback_seconds)
    name = f"music-studio {row.created_at:%Y-%m-%d}.zip"
    ends_at = min(clock.now() + lifetime, row.expires_at)
    return await ctx.services.blobs.url(row.blob_key, name, ends_at, row.organization_id)
