"""The share links that a user created. Tokens are not stored, so none can be shown again."""

from collections.abc import Collection, Sequence
from datetime import datetime

from core import clock, ids
from resolvers.access.context import Context
from storage.queries import owned, share_links
from storage.queries.share_links import Filter, OpenStats
from storage.tables import ShareLink


async def list_page(
    ctx: Context, organization_id: str, filters: Filter, *, limit: int, after: tuple[datetime, str] | None = None
) -> Sequence[ShareLink]:
    """Return the caller's links, newest first; none for a target that is not the caller's."""
    caller = ctx.require_member(organization_id)
    if not _is_target(filters.target_id):
        return []
    async with ctx.services.database.transaction() as session:
        conditions = share_links.conditions(filters, clock.now())
        return await owned.page(
            session, ShareLink, organization_id, caller.user_id, *conditions, limit=limit, after=after
        )


async def count(ctx: Context, organization_id: str, filters: Filter) -> int:
    """Return how many links ``list_page`` has in all."""
    caller = ctx.require_member(organization_id)
    if not _is_target(filters.target_id):
        return 0
    async with ctx.services.database.transaction() as session:
        conditions = share_links.conditions(filters, clock.now())
        return await owned.count(session, ShareLink, organization_id, caller.user_id, *conditions)


async def find_many(ctx: Context, share_ids: Collection[str]) -> dict[str, ShareLink]:
    """Return those of the links that the caller created, by id."""
    caller = ctx.caller
    async with ctx.services.database.transaction() as session:
        valid_ids = [share_id for share_id in share_ids if ids.is_a(ids.Kind.SHARE_LINK, share_id)]
        rows = await owned.find_many(session, ShareLink, valid_ids, caller.user_id, caller.roles.keys())
    return {row.id: row for row in rows}


async def load_open_stats(ctx: Context, share_ids: Collection[str]) -> dict[str, OpenStats]:
    """Return how often each link was opened, and when last. The caller must own the links."""
    async with ctx.services.database.transaction() as session:
        return await share_links.load_open_stats(session, share_ids)


def _is_target(target_id: str | None) -> bool:
    return target_id is None or ids.kind_of(target_id) in {ids.Kind.TRACK, ids.Kind.COLLECTION}
