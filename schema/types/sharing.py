"""Sharing: create, revoke and open share links, and save shared tracks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

import strawberry

from core.sharing import Target, Visibility
from resolvers.library import tracks
from resolvers.sharing import sharing
from resolvers.sharing.commands import ShareRequest
from schema.runtime.context import Info
from schema.types.errors import ForbiddenError, InvalidInputError, NotFoundError, UnavailableError
from schema.types.inputs import Input, to_command
from schema.types.libraries import LibraryEntry
from schema.types.share_links import ShareLink
from schema.types.tracks import SharedTrack
from storage import tables


@strawberry.type(description="The public view of a shared collection.")
class SharedCollection:
    id: strawberry.ID = strawberry.field(description="The ID of the collection.")
    name: str = strawberry.field(description="The name.")
    description: str | None = strawberry.field(description="The description.")
    tracks: list[SharedTrack] = strawberry.field(description="The tracks, in order.")

    @classmethod
    def from_rows(cls, row: tables.Collection, tracks: Sequence[tables.Track]) -> Self:
        return cls(
            id=strawberry.ID(row.id),
            name=row.name,
            description=row.description,
            tracks=[SharedTrack.from_row(track) for track in tracks],
        )


@strawberry.type(description="The content of a share link.")
class SharedLink:
    kind: Target = strawberry.field(description="What the link shares.")
    is_available: bool = strawberry.field(description="Whether the content still exists.")
    message: str | None = strawberry.field(description="A human-readable message if the content no longer exists.")
    expires_at: datetime | None = strawberry.field(description="The time when the link expires, or null for never.")
    track: SharedTrack | None = strawberry.field(description="The shared track, or null for a collection.")
    collection: SharedCollection | None = strawberry.field(description="The shared collection, or null for a track.")

    @classmethod
    def from_shared(cls, shared: sharing.Shared) -> Self:
        return cls(
            kind=shared.link.target_type,
            is_available=shared.is_available,
            message=shared.message,
            expires_at=shared.link.expires_at,
            track=SharedTrack.from_row(shared.track) if shared.track else None,
            collection=SharedCollection.from_rows(shared.collection, shared.tracks) if shared.collection else None,
        )


@strawberry.input(description="The parameters of `shareTrack` and `shareCollection`.")
class ShareInput:
    id: strawberry.ID = strawberry.field(description="The ID of a track that you created or of your collection.")
    visibility: Visibility = strawberry.field(default=Visibility.LINK_ONLY, description="Who can find the link.")
    expires_in_days: int | None = strawberry.field(
        default=None,
        description="The lifetime in days, 1 or more. Values above 90 count as 90. Default: no expiry.",
    )


@strawberry.input(description="The parameters of `revokeShare`.")
class RevokeShareInput:
    id: strawberry.ID = strawberry.field(description="The ID of the share link.")


@strawberry.input(description="The parameters of `saveSharedTrack`.")
class SaveSharedTrackInput:
    token: str = strawberry.field(description="The token of a track's share link: shr_ and 32 hexadecimal digits.")


@strawberry.type(description="The new share link with its token, which is not returned again.")
class SharePayload:
    link: ShareLink = strawberry.field(description="The share link.")
    token: str = strawberry.field(description="The secret token. It is not stored and cannot be retrieved later.")
    url: str = strawberry.field(description="The public URL, which contains the token.")

    @classmethod
    def from_new_link(cls, link: sharing.NewLink) -> Self:
        return cls(link=ShareLink.from_row(link.row), token=link.token, url=link.url)


@strawberry.type(description="The link was revoked. Users who saved the track keep it.")
class RevokeSharePayload:
    link: ShareLink = strawberry.field(description="The share link.")


@strawberry.type(description="The shared track is in your library.")
class SaveSharedTrackPayload:
    entry: LibraryEntry = strawberry.field(description="The library entry, new or existing.")


ShareResult = Annotated[
    SharePayload | NotFoundError | InvalidInputError | UnavailableError,
    strawberry.union("ShareResult", description="The result of `shareTrack` and `shareCollection`."),
]
RevokeShareResult = Annotated[
    RevokeSharePayload | NotFoundError | UnavailableError,
    strawberry.union("RevokeShareResult", description="The result of `revokeShare`."),
]
SaveSharedTrackResult = Annotated[
    SaveSharedTrackPayload | NotFoundError | InvalidInputError | ForbiddenError | UnavailableError,
    strawberry.union("SaveSharedTrackResult", description="The result of `saveSharedTrack`."),
]


@strawberry.type
class SharingMutations:
    @strawberry.mutation(description="Create a public link to a track that you created.")
    async def share_track(self, info: Info, input: Input[ShareInput]) -> ShareResult:
        command = to_command(ShareRequest, input, "id", keep_null=False)
        return SharePayload.from_new_link(await sharing.share_track(info.context.ctx, input.id, command))

    @strawberry.mutation(description="Create a public link to one of your collections.")
    async def share_collection(self, info: Info, input: Input[ShareInput]) -> ShareResult:
        command = to_command(ShareRequest, input, "id", keep_null=False)
        return SharePayload.from_new_link(await sharing.share_collection(info.context.ctx, input.id, command))

    @strawberry.mutation(description="Revoke a share link. This cannot be undone. Revoking it again changes nothing.")
    async def revoke_share(self, info: Info, input: Input[RevokeShareInput]) -> RevokeShareResult:
        return RevokeSharePayload(link=ShareLink.from_row(await sharing.revoke(info.context.ctx, input.id)))

    @strawberry.mutation(
        description="Save a shared track in your library. Repeating the mutation returns the same entry."
    )
    async def save_shared_track(self, info: Info, input: Input[SaveSharedTrackInput]) -> SaveSharedTrackResult:
        entry, _ = await sharing.save(info.context.ctx, input.token)
        track = await tracks.get(info.context.ctx, entry.track_id)
        return SaveSharedTrackPayload(entry=LibraryEntry.from_rows(entry, track))
