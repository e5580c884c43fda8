"""Handlers of tracks and the library."""

from starlette.requests import Request
from starlette.responses import Response

from resolvers import commands, downloads, reads, tracks
from resolvers.context import Context
from rest_compat import bodies, present
from rest_compat.answers import Json, Written
from storage.libraries import Only


async def list_(ctx: Context, request: Request) -> Response:
    """GET tracks."""
    page = commands.read(bodies.TracksPage, bodies.known(request.query_params, bodies.TracksPage))
    organization_id = request.path_params["organization_id"]
    only = Only(page.mode, page.engine, page.collection_id)
    items = await reads.library(ctx, organization_id, only, present.TRACK, limit=page.limit, offset=page.offset)
    return Written(present.page("items", items, page.limit, page.offset))


async def get(ctx: Context, request: Request) -> Response:
    """GET tracks/{track_id}."""
    track, urls = await reads.track(ctx, request.path_params["track_id"], request.path_params["organization_id"])
    return Json(present.track(track, urls.master, urls.stems))


async def save(ctx: Context, request: Request) -> Response:
    """POST tracks/{track_id}/save."""
    entry = await tracks.save(ctx, request.path_params["track_id"], request.path_params["organization_id"])
    return Json(present.saved(entry))


async def unsave(ctx: Context, request: Request) -> Response:
    """DELETE tracks/{track_id}/save."""
    track = await tracks.unsave(ctx, request.path_params["track_id"], request.path_params["organization_id"])
    return Json(present.done(track.id, "Track removed from library."))


async def delete(ctx: Context, request: Request) -> Response:
    """DELETE tracks/{track_id}."""
    track = await tracks.delete(ctx, request.path_params["track_id"], request.path_params["organization_id"])
    return Json(present.done(track.id, "Track deleted."))


async def download(ctx: Context, request: Request) -> Response:
    """GET tracks/{track_id}/download: to the file, or come again."""
    wish = commands.read(bodies.Wish, bodies.known(request.query_params, bodies.Wish))
    track_id, organization_id = request.path_params["track_id"], request.path_params["organization_id"]
    found = await downloads.prepare(ctx, track_id, wish.format, wish.part, organization_id)
    url = await found.url(ctx)
    # what it leads to is another thing a moment later
    headers = {"Cache-Control": "no-store"}
    if url is None:
        return Json(present.download(found, None), 202, {**headers, "Retry-After": str(downloads.AGAIN_SECONDS)})
    return Json(present.download(found, url), 302, {**headers, "Location": url})
