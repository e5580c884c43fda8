"""Collections: ordered lists of tracks."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Self

import strawberry
from strawberry import UNSET

from resolvers.library import collections
from schema.relay import connections
from schema.relay.connections import After, Connection, First
from schema.relay.node import Node
from schema.runtime import row_types
from schema.runtime.context import Info
from schema.runtime.dataloaders import OffsetPage
from schema.types.covers import Cover
from schema.types.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError, UnavailableError
from schema.types.tracks import Track
from storage import tables


@row_types.row_backed()
@strawberry.type(description="An ordered list of tracks.")
class Collection(Node):
    """From a row that the caller owns."""

    name: str = strawberry.field(description="What people call it.")
    description: str | None = strawberry.field(description="What it is about.")
    cover_image_url: str | None = strawberry.field(description="Address of a picture elsewhere.")
    created_at: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When it or its members last changed.")
    row: strawberry.Private[tables.Collection]

    @strawberry.field(description="How many tracks it holds.")
    async def track_count(self, info: Info) -> int:
        """Batched over the page."""
        return await info.context.loaders.collection_track_count.load(self.row.id)

    @strawberry.field(description="The track whose cover it shows, if you may read it.")
    async def cover_track(self, info: Info) -> Track | None:
        """Batched over the page."""
        if self.row.cover_track_id is None:
            return None
        track = await info.context.loaders.track.load(self.row.cover_track_id)
        return Track.from_row(track) if track else None

    @strawberry.field(description="The cover of its cover track; null without one or when a cover image is set.")
    async def cover(self, info: Info) -> Cover | None:
        """Batched over the page."""
        if self.row.cover_track_id is None or self.row.cover_image_url is not None:
            return None
        track = await info.context.loaders.track.load(self.row.cover_track_id)
        return await Cover.load(info, track) if track else None

    @strawberry.field(description="Its tracks, in order.")
    async def tracks(
        self, info: Info, first: First = connections.DEFAULT_FIRST, after: After = None
    ) -> Connection[Track]:
        """Batched over the page."""
        loaders, limit, offset = info.context.loaders, connections.page_size(first), connections.decode_offset(after)
        rows = await loaders.collection_tracks.load(OffsetPage(self.row.id, limit + 1, offset))
        count = partial(loaders.collection_track_count.load, self.row.id)
        return connections.from_rows_at_offset(rows, limit, after, offset, Track.from_row, count)

    @classmethod
    def from_row(cls, row: tables.Collection) -> Self:
        """The row as a type."""
        return row_types.build(cls, row=row)


async def connection(info: Info, organization_id: str, *, first: int, after: str | None) -> Connection[Collection]:
    """The page behind a cursor."""
    ctx, limit = info.context.ctx, connections.page_size(first)
    rows = await collections.list_(ctx, organization_id, limit=limit + 1, after=connections.decode_position(after))

    def edge(row: tables.Collection) -> tuple[connections.Position, Collection]:
        return (row.created_at, row.id), Collection.from_row(row)

    return connections.from_rows(rows, limit, after, edge, lambda: collections.count(ctx, organization_id))


@strawberry.input(description="A new collection.")
class CreateCollectionInput:
    """Decoded into CreateCollection, where the rules stand."""

    organization_id: strawberry.ID = strawberry.field(description="Where it belongs.")
    name: str = strawberry.field(description="1 to 512 characters.")
    description: str | None = strawberry.field(default=None, description="Up to 5000 characters.")
    cover_track_id: strawberry.ID | None = strawberry.field(default=None, description="A track you can read.")
    cover_image_url: str | None = strawberry.field(default=None, description="An http or https address.")


@strawberry.input(description="Changes: what is left out stays, null clears.")
class UpdateCollectionInput:
    """Decoded into UpdateCollection, where the rules stand."""

    id: strawberry.ID = strawberry.field(description="The collection.")
    name: str | None = strawberry.field(default=UNSET, description="1 to 512 characters; cannot be cleared.")
    description: str | None = strawberry.field(default=UNSET, description="Up to 5000 characters.")
    cover_track_id: strawberry.ID | None = strawberry.field(default=UNSET, description="A track you can read.")
    cover_image_url: str | None = strawberry.field(default=UNSET, description="An http or https address.")


@strawberry.input(description="Which collection.")
class CollectionInput:
    """Decoded into an id."""

    id: strawberry.ID = strawberry.field(description="The collection.")


@strawberry.input(description="A track and a collection.")
class CollectionTrackInput:
    """Decoded into two ids."""

    collection_id: strawberry.ID = strawberry.field(description="The collection.")
    track_id: strawberry.ID = strawberry.field(description="The track.")


@strawberry.input(description="A new order of a collection.")
class ReorderCollectionInput:
    """Decoded into ReorderCollection, where the rules stand."""

    id: strawberry.ID = strawberry.field(description="The collection.")
    ordered_track_ids: list[strawberry.ID] = strawberry.field(
        description="Tracks in their order; members left out follow as they were, other ids are ignored."
    )


@strawberry.type(description="The collection as it is now.")
class CollectionPayload:
    """Success of every mutation of a collection but its deletion."""

    collection: Collection = strawberry.field(description="The collection.")


@strawberry.type(description="The collection is gone; its tracks stay.")
class DeleteCollectionPayload:
    """Success of deleteCollection."""

    deleted_id: strawberry.ID = strawberry.field(description="Id of the collection.")


CreateCollectionResult = Annotated[
    CollectionPayload | InvalidInputError | ForbiddenError | UnavailableError,
    strawberry.union("CreateCollectionResult", description="What createCollection answers."),
]
ChangeCollectionResult = Annotated[
    CollectionPayload | NotFoundError | InvalidInputError | ConflictError | UnavailableError,
    strawberry.union("ChangeCollectionResult", description="What a change of a collection answers."),
]
DeleteCollectionResult = Annotated[
    DeleteCollectionPayload | NotFoundError | UnavailableError,
    strawberry.union("DeleteCollectionResult", description="What deleteCollection answers."),
]


def _fields(sent: Any, *ids: str) -> dict[str, object]:  # noqa: ANN401  an input of any kind
    return {name: value for name, value in vars(sent).items() if value is not UNSET and name not in ids}


def _changed(info: Info, row: tables.Collection) -> CollectionPayload:
    """The collection as it is now, whatever an earlier mutation of the same document has shown of it."""
    info.context.renew()
    return CollectionPayload(collection=Collection.from_row(row))


@strawberry.type
class CollectionMutations:
    """Mixed into Mutation."""

    @strawberry.mutation(description="Make an empty collection.")
    async def create_collection(
        self,
        info: Info,
        input: Annotated[CreateCollectionInput, strawberry.argument(description="The collection.")],  # noqa: A002
    ) -> CreateCollectionResult:
        """See collections.create."""
        fields = _fields(input, "organization_id")
        row = await collections.create(info.context.ctx, input.organization_id, fields)
        return _changed(info, row)

    @strawberry.mutation(description="Change a collection: what is left out stays, null clears.")
    async def update_collection(
        self,
        info: Info,
        input: Annotated[UpdateCollectionInput, strawberry.argument(description="The changes.")],  # noqa: A002
    ) -> ChangeCollectionResult:
        """See collections.update."""
        row = await collections.update(info.context.ctx, input.id, _fields(input, "id"))
        return _changed(info, row)

    @strawberry.mutation(description="Take a collection away; its tracks stay.")
    async def delete_collection(
        self,
        info: Info,
        input: Annotated[CollectionInput, strawberry.argument(description="Which one.")],  # noqa: A002
    ) -> DeleteCollectionResult:
        """See collections.delete."""
        row = await collections.delete(info.context.ctx, input.id)
        return DeleteCollectionPayload(deleted_id=strawberry.ID(row.id))

    @strawberry.mutation(description="Append a track that you can read; a member already is no error.")
    async def add_collection_track(
        self,
        info: Info,
        input: Annotated[CollectionTrackInput, strawberry.argument(description="Which to which.")],  # noqa: A002
    ) -> ChangeCollectionResult:
        """See collections.add."""
        await collections.add(info.context.ctx, input.collection_id, {"track_id": input.track_id})
        return _changed(info, await collections.get(info.context.ctx, input.collection_id))

    @strawberry.mutation(description="Take a track out; the others close up.")
    async def remove_collection_track(
        self,
        info: Info,
        input: Annotated[CollectionTrackInput, strawberry.argument(description="Which from which.")],  # noqa: A002
    ) -> ChangeCollectionResult:
        """See collections.remove."""
        await collections.remove(info.context.ctx, input.collection_id, input.track_id)
        return _changed(info, await collections.get(info.context.ctx, input.collection_id))

    @strawberry.mutation(description="Put the tracks in another order.")
    async def reorder_collection(
        self,
        info: Info,
        input: Annotated[ReorderCollectionInput, strawberry.argument(description="The order.")],  # noqa: A002
    ) -> ChangeCollectionResult:
        """See collections.reorder."""
        row = await collections.reorder(info.context.ctx, input.id, _fields(input, "id"))
        return _changed(info, row)
