"""Collections: ordered lists of tracks."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

import strawberry
from strawberry import UNSET

from resolvers.library import collections
from resolvers.library.commands import AddCollectionTrack, CreateCollection, ReorderCollection, UpdateCollection
from schema.relay import connections, cursors
from schema.relay.connections import DEFAULT_FIRST, After, First, PageInfo
from schema.relay.node import Node
from schema.runtime.context import Info
from schema.runtime.dataloaders import Page
from schema.runtime.row_types import RowBacked, row_backed
from schema.types.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from schema.types.mutations import Input, mutation, to_command
from schema.types.tracks import Cover, Track
from storage import tables


@strawberry.type(description="A track in a collection.")
class CollectionTrackEdge:
    cursor: str = strawberry.field(description="The cursor of the track. Pass it as `after` to continue from here.")
    node: Track = strawberry.field(description="The track.")
    position: int = strawberry.field(description="The position in the collection, from 0 and without gaps.")
    added_at: datetime = strawberry.field(description="The time when the track was added to the collection.")


@strawberry.type(description="One page of the tracks of a collection.")
class CollectionTrackConnection:
    edges: list[CollectionTrackEdge] = strawberry.field(description="The tracks of the page.")
    page_info: PageInfo = strawberry.field(description="Pagination information.")
    count: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field(description="The number of tracks in the collection. Counted only if the field is selected.")
    async def total_count(self) -> int:
        return await self.count()


@row_backed()
@strawberry.type(description="An ordered list of tracks.")
class Collection(RowBacked[tables.Collection], Node):
    name: str = strawberry.field(description="The name of the collection.")
    description: str | None = strawberry.field(description="The description of the collection.")
    cover_image_url: str | None = strawberry.field(description="The URL of an external cover image.")
    created_at: datetime = strawberry.field(description="The time when the collection was created.")
    updated_at: datetime = strawberry.field(description="The time when the collection or its tracks last changed.")

    @strawberry.field(description="The number of tracks in the collection.")
    async def track_count(self, info: Info) -> int:
        return await info.context.loaders.collection_track_count.load(self.row.id)

    @strawberry.field(description="The track whose cover represents the collection, if you can read it.")
    async def cover_track(self, info: Info) -> Track | None:
        return await Track.load(info, self.row.cover_track_id)

    @strawberry.field(description="The cover of the cover track, or null if there is none or `coverImageUrl` is set.")
    async def cover(self, info: Info) -> Cover | None:
        if self.row.cover_track_id is None or self.row.cover_image_url is not None:
            return None
        row = await info.context.loaders.track.load(self.row.cover_track_id)
        return await Cover.load(info, row) if row else None

    @strawberry.field(description="The tracks of the collection, in order.")
    async def tracks(
        self, info: Info, first: First = DEFAULT_FIRST, after: After = None
    ) -> CollectionTrackConnection | None:
        loaders, limit, offset = info.context.loaders, connections.page_size(first), cursors.decode_offset(after)
        rows = await loaders.collection_tracks.load(Page(self.row.id, limit + 1, offset))
        edges = [
            CollectionTrackEdge(
                cursor=cursors.encode_offset(member.position),
                node=Track.from_row(track),
                position=member.position,
                added_at=member.added_at,
            )
            for member, track in rows[:limit]
        ]
        return CollectionTrackConnection(
            edges=edges,
            page_info=connections.page_info(
                [edge.cursor for edge in edges], after=after, has_next_page=len(rows) > limit
            ),
            count=partial(loaders.collection_track_count.load, self.row.id),
        )


@strawberry.input(description="The parameters of `createCollection`.")
class CreateCollectionInput:
    organization_id: strawberry.ID = strawberry.field(description="The ID of the organization.")
    name: str = strawberry.field(description="The name, 1 to 512 characters.")
    description: str | None = strawberry.field(default=None, description="The description, up to 5000 characters.")
    cover_track_id: strawberry.ID | None = strawberry.field(
        default=None, description="The ID of a track you can read, whose cover is used."
    )
    cover_image_url: str | None = strawberry.field(default=None, description="The http(s) URL of an external image.")


@strawberry.input(description="The parameters of `deleteCollection`.")
class CollectionInput:
    id: strawberry.ID = strawberry.field(description="The ID of the collection.")


@strawberry.input(
    description="The parameters of `updateCollection`. Omitted fields stay unchanged; null or blank text clears."
)
class UpdateCollectionInput(CollectionInput):
    name: str | None = strawberry.field(default=UNSET, description="The name, 1 to 512 characters. Cannot be null.")
    description: str | None = strawberry.field(default=UNSET, description="The description, up to 5000 characters.")
    cover_track_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="The ID of a track you can read, whose cover is used."
    )
    cover_image_url: str | None = strawberry.field(default=UNSET, description="The http(s) URL of an external image.")


@strawberry.input(description="The parameters of `addCollectionTrack` and `removeCollectionTrack`.")
class CollectionTrackInput:
    collection_id: strawberry.ID = strawberry.field(description="The ID of the collection.")
    track_id: strawberry.ID = strawberry.field(description="The ID of the track.")


@strawberry.input(description="The parameters of `reorderCollection`.")
class ReorderCollectionInput(CollectionInput):
    ordered_track_ids: list[strawberry.ID] = strawberry.field(
        description="Track IDs in their new order. Omitted tracks follow in their current order; IDs of tracks that "
        "are not in the collection are ignored."
    )


@strawberry.type(description="The changed collection.")
class CollectionPayload:
    collection: Collection = strawberry.field(description="The collection.")


@strawberry.type(description="The collection was deleted. Its tracks were not.")
class DeleteCollectionPayload:
    deleted_id: strawberry.ID = strawberry.field(description="The ID of the deleted collection.")


def _payload(info: Info, row: tables.Collection) -> CollectionPayload:
    """Return the changed collection. Earlier mutations of the same operation may have loaded its previous state."""
    info.context.reset_loaders()
    return CollectionPayload(collection=Collection.from_row(row))


_change = partial(
    mutation,
    errors=NotFoundError | InvalidInputError | ConflictError,
    union=strawberry.union("ChangeCollectionResult", description="The result of a mutation that changes a collection."),
)


@strawberry.type
class CollectionMutations:
    @mutation("Create an empty collection.", InvalidInputError | ForbiddenError)
    async def create_collection(self, info: Info, input: Input[CreateCollectionInput]) -> CollectionPayload:
        command = to_command(CreateCollection, input, "organization_id")
        return _payload(info, await collections.create(info.context.ctx, input.organization_id, command))

    @_change("Update a collection. Omitted fields stay unchanged; null or blank text clears a field.")
    async def update_collection(self, info: Info, input: Input[UpdateCollectionInput]) -> CollectionPayload:
        command = to_command(UpdateCollection, input, "id")
        return _payload(info, await collections.update(info.context.ctx, input.id, command))

    @mutation("Delete a collection. Its tracks are not deleted.", NotFoundError)
    async def delete_collection(self, info: Info, input: Input[CollectionInput]) -> DeleteCollectionPayload:
        row = await collections.delete(info.context.ctx, input.id)
        return DeleteCollectionPayload(deleted_id=strawberry.ID(row.id))

    @_change("Append a track that you can read, unless the collection already contains it.")
    async def add_collection_track(self, info: Info, input: Input[CollectionTrackInput]) -> CollectionPayload:
        command = to_command(AddCollectionTrack, input, "collection_id")
        await collections.add_track(info.context.ctx, input.collection_id, command)
        return _payload(info, await collections.get(info.context.ctx, input.collection_id))

    @_change("Remove a track from a collection.")
    async def remove_collection_track(self, info: Info, input: Input[CollectionTrackInput]) -> CollectionPayload:
        await collections.remove_track(info.context.ctx, input.collection_id, input.track_id)
        return _payload(info, await collections.get(info.context.ctx, input.collection_id))

    @_change("Change the order of the tracks in a collection.")
    async def reorder_collection(self, info: Info, input: Input[ReorderCollectionInput]) -> CollectionPayload:
        command = to_command(ReorderCollection, input, "id")
        return _payload(info, await collections.reorder(info.context.ctx, input.id, command))
