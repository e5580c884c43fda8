"""Handlers of collections and their members."""

from starlette.requests import Request
from starlette.responses import Response

from resolvers import collections, commands
from resolvers.context import Context
from rest_compat import bodies, present
from rest_compat.answers import Json


def _path(request: Request) -> tuple[str, str]:
    return request.path_params["collection_id"], request.path_params["organization_id"]


async def create(ctx: Context, request: Request) -> Response:
    """POST collections."""
    row = await collections.create(ctx, request.path_params["organization_id"], await bodies.json_object(request))
    return Json(present.collection(row, 0), 201)


async def list_(ctx: Context, request: Request) -> Response:
    """GET collections."""
    page = commands.read(bodies.CollectionsPage, bodies.known(request.query_params, bodies.CollectionsPage))
    organization_id = request.path_params["organization_id"]
    rows = await collections.list_(ctx, organization_id, limit=page.limit, offset=page.offset)
    items = [present.collection(row, None) for row in rows]
    return Json({"items": items, "limit": page.limit, "offset": page.offset})


async def get(ctx: Context, request: Request) -> Response:
    """GET collections/{collection_id}."""
    row = await collections.get(ctx, *_path(request))
    return Json(present.collection(row, (await collections.counts(ctx, [row.id]))[row.id]))


async def update(ctx: Context, request: Request) -> Response:
    """PATCH collections/{collection_id}."""
    collection_id, organization_id = _path(request)
    row = await collections.update(ctx, collection_id, await bodies.json_object(request), organization_id)
    return Json(present.collection(row, (await collections.counts(ctx, [row.id]))[row.id]))


async def delete(ctx: Context, request: Request) -> Response:
    """DELETE collections/{collection_id}."""
    row = await collections.delete(ctx, *_path(request))
    return Json(present.done(row.id, "Collection deleted."))


async def add(ctx: Context, request: Request) -> Response:
    """POST collections/{collection_id}/tracks."""
    collection_id, organization_id = _path(request)
    track = await collections.add(ctx, collection_id, await bodies.json_object(request), organization_id)
    return Json(present.done(track.id, "Track added to collection."))


async def remove(ctx: Context, request: Request) -> Response:
    """DELETE collections/{collection_id}/tracks/{track_id}."""
    collection_id, organization_id = _path(request)
    track_id = request.path_params["track_id"]
    await collections.remove(ctx, collection_id, track_id, organization_id)
    return Json(present.done(track_id, "Track removed from collection."))


async def members(ctx: Context, request: Request) -> Response:
    """GET collections/{collection_id}/tracks."""
    page = commands.read(bodies.MembersPage, bodies.known(request.query_params, bodies.MembersPage))
    collection_id, organization_id = _path(request)
    rows = await collections.members(ctx, collection_id, organization_id, limit=page.limit, offset=page.offset)
    items = [present.member(row) for row in rows]
    return Json({"collection_id": collection_id, "items": items, "limit": page.limit, "offset": page.offset})


async def reorder(ctx: Context, request: Request) -> Response:
    """PATCH collections/{collection_id}/order."""
    collection_id, organization_id = _path(request)
    row = await collections.reorder(ctx, collection_id, await bodies.json_object(request), organization_id)
    return Json(present.done(row.id, "Collection reordered."))
