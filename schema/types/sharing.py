"""Sharing: create, revoke and open share links, and save shared tracks."""

from datetime import datetime
from functools import partial
from typing import Annotated

import strawberry

from core import clock
from core.sharing import Target, Visibility
from resolvers.library import tracks
from resolvers.sharing import sharing
from resolvers.sharing.sharing import ShareRequest
from schema.limits.field_costs import ListSize
from schema.relay import slices
from schema.relay.connections import MAX_FIRST, First
from schema.relay.node import Node
from schema.runtime.context import Info
from schema.runtime.dataloaders import Page
from schema.runtime.row_types import RowBacked, row_backed
from schema.types.collections import Collection
from schema.types.errors import ForbiddenError, InvalidInputError, NotFoundError
from schema.types.libraries import LibraryEntry
from schema.types.mutations import Input, mutation, to_command
from schema.types.tracks import SharedTrack, Track
from storage import tables
from storage.queries.share_links import Filter, OpenStats


@row_backed()
@strawberry.type(description="A public link to a track or collection. Its token is returned only on creation.")
class ShareLink(RowBacked[tables.ShareLink], Node):
    user_id: strawberry.ID = strawberry.field(description="The ID of the user who created the link.")
    target_type: Target = strawberry.field(description="What the link shares.")
    visibility: Visibility = strawberry.field(description="Who can find the link.")
    created_at: datetime = strawberry.field(description="The time when the link was created.")
    expires_at: datetime | None = strawberry.field(description="The time when the link expires, or null for never.")
    revoked_at: datetime | None = strawberry.field(description="The time when the link was revoked.")

    @strawberry.field(description="Whether the link works: it is neither revoked nor expired.")
    def is_active(self) -> bool:
        is_expired = self.row.expires_at is not None and self.row.expires_at <= clock.now()
        return self.row.revoked_at is None and not is_expired

    @strawberry.field(description="The shared track, or null if you cannot read it or the link shares a collection.")
    async def track(self, info: Info) -> Track | None:
        return await Track.load(info, self.row.track_id)

    @strawberry.field(description="The shared collection, or null if it is not yours or the link shares a track.")
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


@row_backed("row.collection")
@strawberry.type(description="The public view of a shared collection.")
class SharedCollection(RowBacked[sharing.Shared]):
    id: strawberry.ID = strawberry.field(description="The ID of the collection.")
    name: str = strawberry.field(description="The name.")
    description: str | None = strawberry.field(description="The description.")

    @strawberry.field(description="The number of tracks in the collection.")
    async def track_count(self, info: Info) -> int:
        return await info.context.loaders.collection_track_count.load(self.id)

    @strawberry.field(
        directives=[ListSize(slicing_arguments=["first"])], description="The tracks, in order, from `offset` on."
    )
    async def tracks(
        self,
        info: Info,
        first: First = MAX_FIRST,
        offset: Annotated[int | None, strawberry.argument(description="The number of tracks to skip, 0 or more.")] = 0,
    ) -> list[SharedTrack] | None:
        page = slices.checked(first, offset, MAX_FIRST)
        rows = await info.context.loaders.collection_tracks.load(Page(self.id, page.stop - page.start, page.start))
        return [SharedTrack.of_link(track, self.row.link.id) for _, track in rows]


@row_backed(
    kind="row.link.target_type",
    visibility="row.link.visibility",
    expires_at="row.link.expires_at",
    track=lambda shared: SharedTrack.of_link(shared.row.track, shared.row.link.id) if shared.row.track else None,
    collection=lambda shared: SharedCollection.from_row(shared.row) if shared.row.collection else None,
)
@strawberry.type(description="The content of a share link.")
class SharedLink(RowBacked[sharing.Shared]):
    kind: Target = strawberry.field(description="What the link shares.")
    visibility: Visibility = strawberry.field(description="Who can find the link.")
    is_available: bool = strawberry.field(description="Whether the content still exists.")
    message: str | None = strawberry.field(description="A human-readable message if the content no longer exists.")
    expires_at: datetime | None = strawberry.field(description="The time when the link expires, or null for never.")
    track: SharedTrack | None = strawberry.field(description="The shared track, or null for a collection.")
    collection: SharedCollection | None = strawberry.field(description="The shared collection, or null for a track.")


@strawberry.input(description="The parameters of `shareTrack` and `shareCollection`.")
class ShareInput:
    id: strawberry.ID = strawberry.field(description="The ID of a track that you created or of your collection.")
    visibility: Visibility | None = strawberry.field(default=Visibility.LINK_ONLY, description="Who can find the link.")
    expires_in_days: int | None = strawberry.field(
        default=None,
        description="The lifetime in days, 1 or more. Values above 90 count as 90. Default: no expiry.",
    )


@strawberry.input(description="The parameters of `revokeShare`.")
class RevokeShareInput:
    id: strawberry.ID = strawberry.field(description="The ID of the share link.")


@strawberry.input(description="The parameters of `saveSharedTrack`.")
class SaveSharedTrackInput:
    token: str = strawberry.field(description="The token of the share link: shr_ and 32 hexadecimal digits.")
    track_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The ID of a track of the collection. Required if the link shares a collection.",
    )


@row_backed(link=lambda new: ShareLink.from_row(new.row.row))
@strawberry.type(description="The new share link with its token, which is not returned again.")
class SharePayload(RowBacked[sharing.NewLink]):
    link: ShareLink = strawberry.field(description="The share link.")
    token: str = strawberry.field(description="The secret token. It is not stored and cannot be retrieved later.")
    url: str = strawberry.field(description="The public URL, which contains the token.")


@strawberry.type(description="The link was revoked. Users who saved the track keep it.")
class RevokeSharePayload:
    link: ShareLink = strawberry.field(description="The share link.")


@strawberry.type(description="The shared track is in your library.")
class SaveSharedTrackPayload:
    entry: LibraryEntry = strawberry.field(description="The library entry, new or existing.")


_share = partial(
    mutation,
    errors=NotFoundError | InvalidInputError,
    union=strawberry.union("ShareResult", description="The result of `shareTrack` and `shareCollection`."),
)


@strawberry.type
class SharingMutations:
    @_share("Create a public link to a track that you created.")
    async def share_track(self, info: Info, input: Input[ShareInput]) -> SharePayload:
        command = to_command(ShareRequest, input, "id")
        return SharePayload.from_row(await sharing.share_track(info.context.ctx, input.id, command))

    @_share("Create a public link to one of your collections.")
    async def share_collection(self, info: Info, input: Input[ShareInput]) -> SharePayload:
        command = to_command(ShareRequest, input, "id")
        return SharePayload.from_row(await sharing.share_collection(info.context.ctx, input.id, command))

    @mutation(
        "Revoke a share link; admins can revoke those of all members. This cannot be undone. Revoking it again changes "
        "nothing.",
        NotFoundError,
    )
    async def revoke_share(self, info: Info, input: Input[RevokeShareInput]) -> RevokeSharePayload:
        return RevokeSharePayload(link=ShareLink.from_row(await sharing.revoke(info.context.ctx, input.id)))

    @mutation(
        "Save a shared track in your library. Repeating the mutation returns the same entry.",
        NotFoundError | InvalidInputError | ForbiddenError,
    )
    async def save_shared_track(self, info: Info, input: Input[SaveSharedTrackInput]) -> SaveSharedTrackPayload:
        entry, _ = await sharing.save(info.context.ctx, input.token, input.track_id or None)
        track = await tracks.get(info.context.ctx, entry.track_id)
        return SaveSharedTrackPayload(entry=LibraryEntry.from_rows(entry, track))
