"""The share links that a user created. Tokens are not stored, so none can be shown again."""

from collections.abc import Sequence
from typing import Final

from core import clock, ids
from resolvers.access import own_rows
from resolvers.access.context import Context
from resolvers.access.own_rows import OwnRows
from storage.queries import share_links
from storage.queries.pagination import Position
from storage.queries.share_links import Filter
from storage.tables import ShareLink

LINKS: Final = OwnRows(ShareLink, ids.Kind.SHARE_LINK, "Music share link", "share_id")

find_many = LINKS.find_many


async def list_page(
    ctx: Context, organization_id: str, filters: Filter, *, limit: int, after: Position | None = None
) -> Sequence[ShareLink]:
    """Return the caller's links, newest first; none for a target that is not the caller's."""
    ctx.require_member(organization_id)
    if not _is_target(filters.target_id):
        return []
    conditions = share_links.conditions(filters, clock.now())
    return await LINKS.list_page(ctx, organization_id, *conditions, limit=limit, after=after)


async def count(ctx: Context, organization_id: str, filters: Filter) -> int:
    """Return how many links ``list_page`` has in all."""
    ctx.require_member(organization_id)
    if not _is_target(filters.target_id):
        return 0
    return await LINKS.count(ctx, organization_id, *share_links.conditions(filters, clock.now()))


load_open_stats = own_rows.unchecked(share_links.load_open_stats)
"""Return how often each link was opened, and when last. The caller must own the links."""


def _is_target(target_id: str | None) -> bool:
    return target_id is None or ids.kind_of(target_id) in {ids.Kind.TRACK, ids.Kind.COLLECTION}
