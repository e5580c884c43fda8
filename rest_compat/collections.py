"""Handlers of collections and their members."""

from starlette.requests import Request
from starlette.responses import Response

from resolvers.access import validation
from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from resolvers.library import collections
from resolvers.library.commands import AddTrack, CreateCollection, ReorderCollection, UpdateCollection
from rest_compat import requests, serializers
from rest_compat.responses import JsonResponse


def _path(request: Request) -> tuple[str, str]:
    return request.path_params["collection_id"], request.path_params["organization_id"]


async def create(ctx: Context, request: Request) -> Response:
    """POST collections."""
    command = Unvalidated(CreateCollection, await requests.json_object(request))
    row = await collections.create(ctx, request.path_params["organization_id"], command)
    return JsonResponse(serializers.collection(row, 0), 201)


async def list_(ctx: Context, request: Request) -> Response:
    """GET collections."""
    page = validation.validate(
        requests.CollectionsQuery, requests.known(request.query_params, requests.CollectionsQuery)
    )
    organization_id = request.path_params["organization_id"]
    rows = await collections.list_page(ctx, organization_id, limit=page.limit, offset=page.offset)
    items = [serializers.collection(row, None) for row in rows]
    return JsonResponse({"items": items, "limit": page.limit, "offset": page.offset})


async def get(ctx: Context, request: Request) -> Response:
    """GET collections/{collection_id}."""
    row = await collections.get(ctx, *_path(request))
    return JsonResponse(serializers.collection(row, (await collections.count_members(ctx, [row.id]))[row.id]))


async def update(ctx: Context, request: Request) -> Response:
    """PATCH collections/{collection_id}."""
    collection_id, organization_id = _path(request)
    command = Unvalidated(UpdateCollection, await requests.json_object(request))
    row = await collections.update(ctx, collection_id, command, organization_id)
    return JsonResponse(serializers.collection(row, (await collections.count_members(ctx, [row.id]))[row.id]))


async def delete(ctx: Context, request: Request) -> Response:
    """DELETE collections/{collection_id}."""
    row = await collections.delete(ctx, *_path(request))
    return JsonResponse(serializers.done(row.id, "Collection deleted."))


async def add(ctx: Context, request: Request) -> Response:
    """POST collections/{collection_id}/tracks."""
    collection_id, organization_id = _path(request)
    command = Unvalidated(AddTrack, await requests.json_object(request))
    track = await collections.add_track(ctx, collection_id, command, organization_id)
    return JsonResponse(serializers.done(track.id, "Track added to collection."))


async def remove(ctx: Context, request: Request) -> Response:
    """DELETE collections/{collection_id}/tracks/{track_id}."""
    collection_id, organization_id = _path(request)
    track_id = request.path_params["track_id"]
    await collections.remove_track(ctx, collection_id, track_id, organization_id)
    return JsonResponse(serializers.done(track_id, "Track removed from collection."))


async def members(ctx: Context, request: Request) -> Response:
    """GET collections/{collection_id}/tracks."""
    page = validation.validate(
        requests.CollectionTracksQuery, requests.known(request.query_params, requests.CollectionTracksQuery)
    )
    collection_id, organization_id = _path(request)
    rows = await collections.list_members(ctx, collection_id, organization_id, limit=page.limit, offset=page.offset)
    items = [serializers.member(row) for row in rows]
    return JsonResponse({"collection_id": collection_id, "items": items, "limit": page.limit, "offset": page.offset})


async def reorder(ctx: Context, request: Request) -> Response:
    """PATCH collections/{collection_id}/order."""
    collection_id, organization_id = _path(request)
    command = Unvalidated(ReorderCollection, await requests.json_object(request))
    row = await collections.reorder(ctx, collection_id, command, organization_id)
    return JsonResponse(serializers.done(row.id, "Collection reordered."))
