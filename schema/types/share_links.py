"""The links that a caller made: what they lead to, whether they work, and how often they were opened."""

from datetime import datetime
from typing import Self

import strawberry

from core import clock
from core.sharing import Target, Visibility
from resolvers.sharing import share_links
from schema.relay import connections
from schema.relay.connections import Connection
from schema.relay.node import Node
from schema.runtime import row_types
from schema.runtime.context import Info
from schema.types.collections import Collection
from schema.types.tracks import Track
from storage import tables
from storage.queries.share_links import Filter, OpenStats


@row_types.row_backed()
@strawberry.type(description="A public link of yours; its token was told once, when it was made.")
class ShareLink(Node):
    """From a row that the caller owns."""

    target_type: Target = strawberry.field(description="What it leads to.")
    visibility: Visibility = strawberry.field(description="Who may find it.")
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime | None = strawberry.field(description="When it ends; null for never.")
    revoked_at: datetime | None = strawberry.field(description="When it was revoked.")
    row: strawberry.Private[tables.ShareLink]

    @strawberry.field(description="Whether it may be opened: neither revoked nor over.")
    def is_active(self) -> bool:
        """From the row and the clock."""
        is_over = self.row.expires_at is not None and self.row.expires_at <= clock.now()
        return self.row.revoked_at is None and not is_over

    @strawberry.field(description="The track that it leads to; null for a collection, or when it was deleted.")
    async def track(self, info: Info) -> Track | None:
        """Batched over the page."""
        if self.row.track_id is None:
            return None
        row = await info.context.loaders.track.load(self.row.track_id)
        return Track.from_row(row) if row else None

    @strawberry.field(description="The collection that it leads to; null for a track, or when it was deleted.")
    async def collection(self, info: Info) -> Collection | None:
        """Batched over the page."""
        if self.row.collection_id is None:
            return None
        row = await info.context.loaders.collection.load(self.row.collection_id)
        return Collection.from_row(row) if row else None

    @strawberry.field(description="How often its content was seen by anybody.")
    async def open_count(self, info: Info) -> int:
        """Batched over the page."""
        return (await self._opens(info)).count

    @strawberry.field(description="When its content was seen last; null for never.")
    async def last_opened_at(self, info: Info) -> datetime | None:
        """Batched over the page."""
        return (await self._opens(info)).last_at

    async def _opens(self, info: Info) -> OpenStats:
        return await info.context.loaders.share_link_opens.load(self.row.id) or OpenStats()

    @classmethod
    def from_row(cls, row: tables.ShareLink) -> Self:
        """The row as a type."""
        return row_types.build(cls, row=row)


@strawberry.input(description="Narrows a list of links; every condition holds.")
class ShareLinkFilter:
    """Decoded into Only."""

    is_active: bool | None = strawberry.field(
        default=None, description="Only links that may be opened, or only those revoked or over."
    )
    target_type: Target | None = strawberry.field(default=None, description="Only links to this kind of thing.")
    target_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only links to this track or collection."
    )

    def to_filter(self) -> Filter:
        """The filter as resolvers know it."""
        return Filter(self.is_active, self.target_type, self.target_id)


async def connection(
    info: Info, organization_id: str, only: Filter, *, first: int, after: str | None
) -> Connection[ShareLink]:
    """The page behind a cursor."""
    ctx, limit = info.context.ctx, connections.page_size(first)
    rows = await share_links.page(ctx, organization_id, only, limit=limit + 1, after=connections.decode_position(after))

    def edge(row: tables.ShareLink) -> tuple[connections.Position, ShareLink]:
        return (row.created_at, row.id), ShareLink.from_row(row)

    return connections.from_rows(rows, limit, after, edge, lambda: share_links.count(ctx, organization_id, only))
