"""Operations on collections and the tracks in them, with their response models."""

from typing import Annotated, Final, Literal

from typing_extensions import ReadOnly, TypedDict

from core.ids import Kind
from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from resolvers.library import collections
from resolvers.library.commands import (
    HTTP_URL,
    MAX_MEMBERS,
    AddCollectionTrack,
    CreateCollection,
    ReorderCollection,
    UpdateCollection,
)
from rest_compat import fields
from rest_compat.fields import EXAMPLE_TRACK_ID, Text, doc, from_row
from rest_compat.operations import Body, Operation, Result, Tag
from rest_compat.requests import CollectionsQuery, CollectionTracksQuery
from storage.tables import Collection as CollectionRow

TAG: Final = Tag("Collections", "A collection is an ordered list of tracks without duplicates. It belongs to one user.")


class _Collection(TypedDict):
    id: fields.CollectionId
    name: Annotated[Text, doc("Name.", "Late shift")]
    description: Annotated[str | None, doc("Description.", "Quiet pieces for the last hours of the day.")]
    cover_track_id: Annotated[fields.TrackId | None, doc("ID of the track whose cover is shown.")]
    cover_image_url: Annotated[Text | None, doc("URL of the cover image.", None, pattern=HTTP_URL)]
    track_count: ReadOnly[int | None]
    created_at: Annotated[fields.Timestamp, doc("Time at which the collection was created.")]
    updated_at: Annotated[fields.Timestamp, doc("Time at which the collection was last changed.")]


class Collection(_Collection):
    """An ordered list of tracks."""

    track_count: Annotated[int, doc("Number of tracks.", 12, ge=0)]


class ListedCollection(_Collection):
    """A collection in a list."""

    track_count: Annotated[None, doc("Null in lists. Retrieve the collection for the value.")]


class Collections(TypedDict):
    """A page of collections, newest first."""

    items: Annotated[list[ListedCollection], doc("The collections of the page.")]
    limit: fields.Limit
    offset: fields.Offset


class CollectionDeleted(fields.Confirmation):
    """Confirmation that a collection was deleted."""

    id: fields.CollectionId
    detail: fields.Detail[Literal["Collection deleted."]]


class CollectionTrack(TypedDict):
    """A track in a collection."""

    track_id: fields.TrackId
    position: Annotated[int, doc("Position in the collection, counted from 0 without gaps.", 0, ge=0)]
    added_at: Annotated[fields.Timestamp, doc("Time at which the track was added.")]


class CollectionTracks(TypedDict):
    """A page of a collection's tracks, in the order of the collection."""

    collection_id: fields.CollectionId
    items: Annotated[list[CollectionTrack], doc("The tracks of the page.")]
    limit: Annotated[fields.Limit, doc("The `limit` of the request.", 200)]
    offset: fields.Offset


class TrackAdded(fields.Confirmation):
    """Confirmation that a track is in the collection."""

    id: fields.TrackId
    detail: fields.Detail[Literal["Track added to collection."]]


class TrackRemoved(fields.Confirmation):
    """Confirmation that a track is not in the collection."""

    id: Annotated[str, doc("The `track_id` of the request.", fields.example_id(Kind.TRACK))]
    detail: fields.Detail[Literal["Track removed from collection."]]


class CollectionReordered(fields.Confirmation):
    """Confirmation that the order of a collection was changed."""

    id: fields.CollectionId
    detail: fields.Detail[Literal["Collection reordered."]]


@Operation(
    "create-collection",
    "POST collections",
    "Mutation.createCollection",
    [Result(Collection, 201, "The new collection.", {"track_count": 0})],
    body=Body(
        CreateCollection,
        "Name and appearance of the collection.",
        {
            "name": "Late shift",
            "description": "Quiet pieces for the last hours of the day.",
            "cover_track_id": EXAMPLE_TRACK_ID,
        },
    ),
)
async def create(ctx: Context, organization_id: str, command: Unvalidated[CreateCollection]) -> Collection:
    """Create a collection.

    The new collection is empty.
    """
    row = await collections.create(ctx, organization_id, command)
    return from_row(Collection, row, track_count=0)


@Operation("list-collections", "GET collections", "Organization.collections")
async def list_(ctx: Context, organization_id: str, query: CollectionsQuery) -> Collections:
    """List collections.

    Returns your own collections, newest first. In lists, `track_count` is null.
    """
    rows = await collections.list_page(ctx, organization_id, limit=query.limit, offset=query.offset)
    items = [from_row(ListedCollection, row, track_count=None) for row in rows]
    return {"items": items, "limit": query.limit, "offset": query.offset}


@Operation("get-collection", "GET collections/{collection_id}", "Organization.collection")
async def get(ctx: Context, organization_id: str, collection_id: str) -> Collection:
    """Retrieve a collection.

    The response contains the number of tracks; list the tracks separately.
    """
    return await _with_track_count(ctx, await collections.get(ctx, collection_id, organization_id))


@Operation(
    "update-collection",
    "PATCH collections/{collection_id}",
    "Mutation.updateCollection",
    [Result(Collection, example={"description": None})],
    body=Body(UpdateCollection, "The fields to change.", {"description": None}),
)
async def update(
    ctx: Context, organization_id: str, collection_id: str, command: Unvalidated[UpdateCollection]
) -> Collection:
    """Update a collection.

    Omitted fields do not change. Null or blank text clears a field; the name cannot be cleared.
    """
    return await _with_track_count(ctx, await collections.update(ctx, collection_id, command, organization_id))


@Operation("delete-collection", "DELETE collections/{collection_id}", "Mutation.deleteCollection")
async def delete(ctx: Context, organization_id: str, collection_id: str) -> CollectionDeleted:
    """Delete a collection.

    The tracks of the collection are not deleted.
    """
    row = await collections.delete(ctx, collection_id, organization_id)
    return {"success": True, "id": row.id, "detail": "Collection deleted."}


@Operation(
    "add-collection-track",
    "POST collections/{collection_id}/tracks",
    "Mutation.addCollectionTrack",
    body=Body(AddCollectionTrack, "The track to add.", {"track_id": EXAMPLE_TRACK_ID}),
    errors={"CONFLICT": f"The collection already contains the maximum of {MAX_MEMBERS} tracks."},
    not_found=[("collection_id", "Music collection not found"), ("track_id", "Music track not found")],
)
async def add(
    ctx: Context, organization_id: str, collection_id: str, command: Unvalidated[AddCollectionTrack]
) -> TrackAdded:
    """Add a track to a collection.

    Appends a track of the same organization that you can access. A track that is already in the collection keeps its
    position.
    """
    row = await collections.add_track(ctx, collection_id, command, organization_id)
    return {"success": True, "id": row.id, "detail": "Track added to collection."}


@Operation(
    "remove-collection-track",
    "DELETE collections/{collection_id}/tracks/{track_id}",
    "Mutation.removeCollectionTrack",
    not_found=[("collection_id", "Music collection not found")],
)
async def remove(ctx: Context, organization_id: str, collection_id: str, track_id: str) -> TrackRemoved:
    """Remove a track from a collection.

    The tracks after it move up. The request also succeeds if the track is not in the collection.
    """
    await collections.remove_track(ctx, collection_id, track_id, organization_id)
    return {"success": True, "id": track_id, "detail": "Track removed from collection."}


@Operation("list-collection-tracks", "GET collections/{collection_id}/tracks", "Collection.tracks")
async def members(
    ctx: Context, organization_id: str, collection_id: str, query: CollectionTracksQuery
) -> CollectionTracks:
    """List the tracks of a collection.

    Returns the tracks in the order of the collection, without deleted ones.
    """
    rows = await collections.list_members(ctx, collection_id, organization_id, limit=query.limit, offset=query.offset)
    items = [from_row(CollectionTrack, row) for row in rows]
    return {"collection_id": collection_id, "items": items, "limit": query.limit, "offset": query.offset}


@Operation(
    "reorder-collection",
    "PATCH collections/{collection_id}/order",
    "Mutation.reorderCollection",
    body=Body(ReorderCollection, "The new order.", {"ordered_track_ids": [EXAMPLE_TRACK_ID]}),
)
async def reorder(
    ctx: Context, organization_id: str, collection_id: str, command: Unvalidated[ReorderCollection]
) -> CollectionReordered:
    """Reorder a collection.

    The listed tracks move to the start, in the given order; the other tracks follow in their current order. Tracks that
    are not in the collection are ignored, and duplicates count once.
    """
    row = await collections.reorder(ctx, collection_id, command, organization_id)
    return {"success": True, "id": row.id, "detail": "Collection reordered."}


async def _with_track_count(ctx: Context, row: CollectionRow) -> Collection:
    return from_row(Collection, row, track_count=(await collections.count_members(ctx, [row.id]))[row.id])
