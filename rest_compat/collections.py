"""Handlers of collections and the tracks in them."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from resolvers.access.context import Context
from resolvers.library import collections
from resolvers.library.commands import (
    MAX_MEMBERS,
    AddCollectionTrack,
    CreateCollection,
    ReorderCollection,
    UpdateCollection,
)
from rest_compat import requests
from rest_compat.models import collections as models
from rest_compat.models import fields
from rest_compat.operations import Body, Operation, Result, Tag
from rest_compat.requests import CollectionsQuery, CollectionTracksQuery
from rest_compat.responses import JsonResponse

TAG: Final = Tag(
    "Collections",
    "A collection is an ordered list of tracks without duplicates. It belongs to one user.",
)

_NOT_FOUND: Final = ("collection_id", "Music collection not found")


@Operation(
    TAG,
    "create-collection",
    "POST collections",
    "Mutation.createCollection",
    [Result(models.Collection, 201, "The new collection.", {"track_count": 0})],
    body=Body(
        CreateCollection,
        "Name and appearance of the collection.",
        {
            "name": "Late shift",
            "description": "Quiet pieces for the last hours of the day.",
            "cover_track_id": fields.EXAMPLE_TRACK_ID,
        },
    ),
)
async def create(ctx: Context, request: Request) -> Response:
    """Create a collection.

    The new collection is empty.
    """
    command = await requests.body(request, CreateCollection)
    row = await collections.create(ctx, request.path_params["organization_id"], command)
    return JsonResponse(models.collection(row, 0), 201)


@Operation(
    TAG,
    "list-collections",
    "GET collections",
    "Organization.collections",
    [Result(models.Collections)],
    query=CollectionsQuery,
)
async def list_(ctx: Context, request: Request) -> Response:
    """List collections.

    Returns your own collections, newest first. In lists, `track_count` is null.
    """
    page = requests.query(request, CollectionsQuery)
    organization_id = request.path_params["organization_id"]
    rows = await collections.list_page(ctx, organization_id, limit=page.limit, offset=page.offset)
    items = [models.listed_collection(row) for row in rows]
    return JsonResponse(models.Collections(items=items, limit=page.limit, offset=page.offset))


@Operation(
    TAG, "get-collection", "GET collections/{collection_id}", "Organization.collection", [Result(models.Collection)]
)
async def get(ctx: Context, request: Request) -> Response:
    """Retrieve a collection.

    The response contains the number of tracks; list the tracks separately.
    """
    row = await collections.get(ctx, *requests.path_ids(request, "collection_id"))
    return JsonResponse(models.collection(row, (await collections.count_members(ctx, [row.id]))[row.id]))


@Operation(
    TAG,
    "update-collection",
    "PATCH collections/{collection_id}",
    "Mutation.updateCollection",
    [Result(models.Collection, example={"description": None})],
    body=Body(UpdateCollection, "The fields to change.", {"description": None}),
)
async def update(ctx: Context, request: Request) -> Response:
    """Update a collection.

    Omitted fields do not change. An explicit null clears a field; the name cannot be null.
    """
    collection_id, organization_id = requests.path_ids(request, "collection_id")
    command = await requests.body(request, UpdateCollection)
    row = await collections.update(ctx, collection_id, command, organization_id)
    return JsonResponse(models.collection(row, (await collections.count_members(ctx, [row.id]))[row.id]))


@Operation(
    TAG,
    "delete-collection",
    "DELETE collections/{collection_id}",
    "Mutation.deleteCollection",
    [Result(models.CollectionDeleted)],
)
async def delete(ctx: Context, request: Request) -> Response:
    """Delete a collection.

    The tracks of the collection are not deleted.
    """
    row = await collections.delete(ctx, *requests.path_ids(request, "collection_id"))
    return JsonResponse(models.CollectionDeleted(success=True, id=row.id, detail="Collection deleted."))


@Operation(
    TAG,
    "add-collection-track",
    "POST collections/{collection_id}/tracks",
    "Mutation.addCollectionTrack",
    [Result(models.TrackAdded)],
    body=Body(AddCollectionTrack, "The track to add.", {"track_id": fields.EXAMPLE_TRACK_ID}),
    errors={"CONFLICT": f"The collection already contains the maximum of {MAX_MEMBERS} tracks."},
    not_found=[_NOT_FOUND, ("track_id", "Music track not found")],
)
async def add(ctx: Context, request: Request) -> Response:
    """Add a track to a collection.

    Appends a track of the same organization that you can access. A track that is already in the collection keeps its
    position.
    """
    collection_id, organization_id = requests.path_ids(request, "collection_id")
    command = await requests.body(request, AddCollectionTrack)
    row = await collections.add_track(ctx, collection_id, command, organization_id)
    return JsonResponse(models.TrackAdded(success=True, id=row.id, detail="Track added to collection."))


@Operation(
    TAG,
    "remove-collection-track",
    "DELETE collections/{collection_id}/tracks/{track_id}",
    "Mutation.removeCollectionTrack",
    [Result(models.TrackRemoved)],
    not_found=[_NOT_FOUND],
)
async def remove(ctx: Context, request: Request) -> Response:
    """Remove a track from a collection.

    The tracks after it move up. The request also succeeds if the track is not in the collection.
    """
    collection_id, organization_id = requests.path_ids(request, "collection_id")
    track_id = request.path_params["track_id"]
    await collections.remove_track(ctx, collection_id, track_id, organization_id)
    return JsonResponse(models.TrackRemoved(success=True, id=track_id, detail="Track removed from collection."))


@Operation(
    TAG,
    "list-collection-tracks",
    "GET collections/{collection_id}/tracks",
    "Collection.tracks",
    [Result(models.CollectionTracks)],
    query=CollectionTracksQuery,
)
async def members(ctx: Context, request: Request) -> Response:
    """List the tracks of a collection.

    Returns the tracks in the order of the collection, without deleted ones.
    """
    page = requests.query(request, CollectionTracksQuery)
    collection_id, organization_id = requests.path_ids(request, "collection_id")
    rows = await collections.list_members(ctx, collection_id, organization_id, limit=page.limit, offset=page.offset)
    items = [models.collection_track(row) for row in rows]
    return JsonResponse(
        models.CollectionTracks(collection_id=collection_id, items=items, limit=page.limit, offset=page.offset)
    )


@Operation(
    TAG,
    "reorder-collection",
    "PATCH collections/{collection_id}/order",
    "Mutation.reorderCollection",
    [Result(models.CollectionReordered)],
    body=Body(ReorderCollection, "The new order.", {"ordered_track_ids": [fields.EXAMPLE_TRACK_ID]}),
)
async def reorder(ctx: Context, request: Request) -> Response:
    """Reorder a collection.

    The listed tracks move to the start, in the given order; the other tracks follow in their current order. Tracks that
    are not in the collection are ignored, and duplicates count once.
    """
    collection_id, organization_id = requests.path_ids(request, "collection_id")
    command = await requests.body(request, ReorderCollection)
    row = await collections.reorder(ctx, collection_id, command, organization_id)
    return JsonResponse(models.CollectionReordered(success=True, id=row.id, detail="Collection reordered."))
