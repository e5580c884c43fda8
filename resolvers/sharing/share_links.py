"""The links that a caller made: which, to what, and how often they were opened. Their tokens are known to nobody."""

from collections.abc import Collection, Sequence
from datetime import datetime

from core import clock, ids
from resolvers.access.context import Context
from storage.queries import share_links
from storage.queries.share_links import Filter, OpenStats
from storage.tables import ShareLink


async def page(
    ctx: Context, organization_id: str, only: Filter, *, limit: int, after: tuple[datetime, str] | None = None
) -> Sequence[ShareLink]:
    """The caller's links, newest first; none for a target that is not the caller's. Raises NotAMember."""
    caller = ctx.member(organization_id)
    if not _is_target(only.target_id):
        return []
    async with ctx.services.database.transaction() as session:
        return await share_links.page(
            session, organization_id, caller.user_id, only, clock.now(), limit=limit, after=after
        )


async def count(ctx: Context, organization_id: str, only: Filter) -> int:
    """How many links ``page`` has in all. Raises NotAMember."""
    caller = ctx.member(organization_id)
    if not _is_target(only.target_id):
        return 0
    async with ctx.services.database.transaction() as session:
        return await share_links.count(session, organization_id, caller.user_id, only, clock.now())


async def owned(ctx: Context, share_ids: Collection[str]) -> dict[str, ShareLink]:
    """Those of the links that the caller made, by id. Raises Unauthenticated."""
    caller = ctx.caller
    async with ctx.services.database.transaction() as session:
        named = [share_id for share_id in share_ids if ids.is_a(ids.Kind.SHARE_LINK, share_id)]
        rows = await share_links.list_owned(session, named, caller.user_id, caller.roles.keys())
    return {row.id: row for row in rows}


async def opens(ctx: Context, share_ids: Collection[str]) -> dict[str, OpenStats]:
    """How often links were opened that were found to be the caller's before."""
    async with ctx.services.database.transaction() as session:
        return await share_links.load_open_stats(session, share_ids)


def _is_target(target_id: str | None) -> bool:
    return target_id is None or ids.kind_of(target_id) in {ids.Kind.TRACK, ids.Kind.COLLECTION}
