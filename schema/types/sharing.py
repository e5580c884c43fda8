"""Share links: made, revoked, opened by anybody, saved from."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Self

import strawberry

from core.sharing import Target, Visibility
from resolvers.library import tracks
from resolvers.sharing import sharing
from resolvers.sharing.sharing import NewLink
from schema.runtime.context import Info
from schema.types.errors import ForbiddenError, InvalidInputError, NotFoundError, UnavailableError
from schema.types.libraries import LibraryEntry
from schema.types.share_links import ShareLink
from schema.types.tracks import SharedTrack
from storage import tables


@strawberry.type(description="A collection as anybody with the link sees it.")
class SharedCollection:
    """From a row of whoever shared it."""

    id: strawberry.ID = strawberry.field(description="Its id.")
    name: str = strawberry.field(description="What people call it.")
    description: str | None = strawberry.field(description="What it is about.")
    tracks: list[SharedTrack] = strawberry.field(description="Its tracks, in order.")


@strawberry.type(description="What a share link leads to.")
class SharedLink:
    """From Shared."""

    kind: Target = strawberry.field(description="What was shared.")
    is_available: bool = strawberry.field(description="Whether it is still there.")
    message: str | None = strawberry.field(description="What to tell people when it is not.")
    expires_at: datetime | None = strawberry.field(description="When the link ends; null for never.")
    track: SharedTrack | None = strawberry.field(description="The track, if one was shared.")
    collection: SharedCollection | None = strawberry.field(description="The collection, if one was shared.")

    @classmethod
    def from_shared(cls, view: sharing.Shared) -> Self:
        """The view as a type."""
        return cls(
            kind=view.link.target_type,
            is_available=view.is_available,
            message=view.message,
            expires_at=view.link.expires_at,
            track=SharedTrack.from_row(view.track) if view.track else None,
            collection=_collection(view.collection, view.tracks) if view.collection else None,
        )


def _collection(row: tables.Collection, tracks: Sequence[tables.Track]) -> SharedCollection:
    return SharedCollection(
        id=strawberry.ID(row.id),
        name=row.name,
        description=row.description,
        tracks=[SharedTrack.from_row(track) for track in tracks],
    )


@strawberry.input(description="What to share, and for how long.")
class ShareInput:
    """Decoded into Share, where the rules stand."""

    id: strawberry.ID = strawberry.field(description="A track that you made, or a collection of yours.")
    visibility: Visibility = strawberry.field(default=Visibility.LINK_ONLY, description="Who may find the link.")
    expires_in_days: int | None = strawberry.field(
        default=None, description="1 or more, cut to 90; until revoked if left out."
    )


@strawberry.input(description="Which link.")
class RevokeShareInput:
    """Decoded into an id."""

    id: strawberry.ID = strawberry.field(description="The link.")


@strawberry.input(description="The token of a track's link.")
class SaveSharedTrackInput:
    """Decoded into a token."""

    token: str = strawberry.field(description="As shr_ and 32 hex digits.")


@strawberry.type(description="A new link, the one time that its token is told.")
class SharePayload:
    """Success of shareTrack and shareCollection."""

    link: ShareLink = strawberry.field(description="The link.")
    token: str = strawberry.field(description="The secret in it; keep it or lose it.")
    url: str = strawberry.field(description="What to give to people.")

    @classmethod
    def from_new_link(cls, link: NewLink) -> Self:
        """The new link as a type."""
        return cls(link=ShareLink.from_row(link.row), token=link.token, url=link.url)


@strawberry.type(description="The link works no more; who saved a track keeps it.")
class RevokeSharePayload:
    """Success of revokeShare."""

    link: ShareLink = strawberry.field(description="The link.")


@strawberry.type(description="The shared track is in your library.")
class SaveSharedTrackPayload:
    """Success of saveSharedTrack."""

    entry: LibraryEntry = strawberry.field(description="The new entry, or the one that was there.")


ShareResult = Annotated[
    SharePayload | NotFoundError | InvalidInputError | UnavailableError,
    strawberry.union("ShareResult", description="What shareTrack and shareCollection answer."),
]
RevokeShareResult = Annotated[
    RevokeSharePayload | NotFoundError | UnavailableError,
    strawberry.union("RevokeShareResult", description="What revokeShare answers."),
]
SaveSharedTrackResult = Annotated[
    SaveSharedTrackPayload | NotFoundError | InvalidInputError | ForbiddenError | UnavailableError,
    strawberry.union("SaveSharedTrackResult", description="What saveSharedTrack answers."),
]
ShareArgument = Annotated[ShareInput, strawberry.argument(description="What to share.")]


def _fields(wish: ShareInput) -> dict[str, Any]:
    days = {} if wish.expires_in_days is None else {"expires_in_days": wish.expires_in_days}
    return {"visibility": wish.visibility, **days}


@strawberry.type
class SharingMutations:
    """Mixed into Mutation."""

    @strawberry.mutation(description="Make a new public link to a track that you made.")
    async def share_track(self, info: Info, input: ShareArgument) -> ShareResult:  # noqa: A002
        """See sharing.share_track."""
        return SharePayload.from_new_link(await sharing.share_track(info.context.ctx, input.id, _fields(input)))

    @strawberry.mutation(description="Make a new public link to a collection of yours.")
    async def share_collection(self, info: Info, input: ShareArgument) -> ShareResult:  # noqa: A002
        """See sharing.share_collection."""
        return SharePayload.from_new_link(await sharing.share_collection(info.context.ctx, input.id, _fields(input)))

    @strawberry.mutation(description="End a public link for good; again, it stays as it is.")
    async def revoke_share(
        self,
        info: Info,
        input: Annotated[RevokeShareInput, strawberry.argument(description="Which link.")],  # noqa: A002
    ) -> RevokeShareResult:
        """See sharing.revoke."""
        return RevokeSharePayload(link=ShareLink.from_row(await sharing.revoke(info.context.ctx, input.id)))

    @strawberry.mutation(description="Keep a shared track in your library; again, it answers the same entry.")
    async def save_shared_track(
        self,
        info: Info,
        input: Annotated[SaveSharedTrackInput, strawberry.argument(description="Which link.")],  # noqa: A002
    ) -> SaveSharedTrackResult:
        """See sharing.save."""
        entry, _ = await sharing.save(info.context.ctx, input.token)
        return SaveSharedTrackPayload(
            entry=LibraryEntry.from_rows(entry, await tracks.get(info.context.ctx, entry.track_id))
        )
