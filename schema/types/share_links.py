"""Share links of the caller, with their state and number of views."""

from datetime import datetime

import strawberry

from core import clock
from core.sharing import Target, Visibility
from schema.relay.node import Node
from schema.runtime.context import Info
from schema.runtime.row_types import RowBacked, row_backed
from schema.types.collections import Collection
from schema.types.tracks import Track
from storage import tables
from storage.queries.share_links import Filter, OpenStats


@row_backed()
@strawberry.type(description="A public link to a track or collection. Its token is returned only on creation.")
class ShareLink(RowBacked[tables.ShareLink], Node):
    target_type: Target = strawberry.field(description="What the link shares.")
    visibility: Visibility = strawberry.field(description="Who can find the link.")
    created_at: datetime = strawberry.field(description="The time when the link was created.")
    expires_at: datetime | None = strawberry.field(description="The time when the link expires, or null for never.")
    revoked_at: datetime | None = strawberry.field(description="The time when the link was revoked.")

    @strawberry.field(description="Whether the link works: it is neither revoked nor expired.")
    def is_active(self) -> bool:
        is_expired = self.row.expires_at is not None and self.row.expires_at <= clock.now()
        return self.row.revoked_at is None and not is_expired

    @strawberry.field(description="The shared track, or null if it was deleted or the link shares a collection.")
    async def track(self, info: Info) -> Track | None:
        return await Track.load(info, self.row.track_id)

    @strawberry.field(description="The shared collection, or null if it was deleted or the link shares a track.")
    async def collection(self, info: Info) -> Collection | None:
        if self.row.collection_id is None:
            return None
        return Collection.from_optional(await info.context.loaders.collection.load(self.row.collection_id))

    @strawberry.field(description="How often the link was opened while its content was available.")
    async def open_count(self, info: Info) -> int:
        return (await self._load_opens(info)).count

    @strawberry.field(description="The time when the link was last opened, or null if it never was.")
    async def last_opened_at(self, info: Info) -> datetime | None:
        return (await self._load_opens(info)).last_at

    async def _load_opens(self, info: Info) -> OpenStats:
        return await info.context.loaders.share_link_opens.load(self.row.id) or OpenStats()


@strawberry.input(description="Filters for share links. A link must match all of them.")
class ShareLinkFilter:
    is_active: bool | None = strawberry.field(default=None, description="Links that work if true, others if false.")
    target_type: Target | None = strawberry.field(default=None, description="Links that share this type of object.")
    target_id: strawberry.ID | None = strawberry.field(default=None, description="Links to this track or collection.")

    def to_filter(self) -> Filter:
        return Filter(self.is_active, self.target_type, self.target_id)
