"""Handlers of tracks and the library."""

from starlette.requests import Request
from starlette.responses import Response

from resolvers.access import validation
from resolvers.access.context import Context
from resolvers.library import downloads, libraries, tracks
from rest_compat import requests, serializers
from rest_compat.responses import JsonResponse, RawJsonResponse
from storage.queries.libraries import Filter


async def list_(ctx: Context, request: Request) -> Response:
    """GET tracks."""
    page = validation.validate(requests.TracksQuery, requests.known(request.query_params, requests.TracksQuery))
    organization_id = request.path_params["organization_id"]
    only = Filter(page.mode, page.engine, page.collection_id)
    items = await libraries.list_tracks_json(
        ctx, organization_id, only, serializers.TRACK, limit=page.limit, offset=page.offset
    )
    return RawJsonResponse(serializers.page("items", items, page.limit, page.offset))


async def get(ctx: Context, request: Request) -> Response:
    """GET tracks/{track_id}."""
    track, urls = await tracks.get_with_urls(
        ctx, request.path_params["track_id"], request.path_params["organization_id"]
    )
    return JsonResponse(serializers.track(track, urls.master, urls.stems))


async def save(ctx: Context, request: Request) -> Response:
    """POST tracks/{track_id}/save."""
    entry = await tracks.save(ctx, request.path_params["track_id"], request.path_params["organization_id"])
    return JsonResponse(serializers.saved(entry))


async def unsave(ctx: Context, request: Request) -> Response:
    """DELETE tracks/{track_id}/save."""
    track = await tracks.unsave(ctx, request.path_params["track_id"], request.path_params["organization_id"])
    return JsonResponse(serializers.done(track.id, "Track removed from library."))


async def delete(ctx: Context, request: Request) -> Response:
    """DELETE tracks/{track_id}."""
    track = await tracks.delete(ctx, request.path_params["track_id"], request.path_params["organization_id"])
    return JsonResponse(serializers.done(track.id, "Track deleted."))


async def download(ctx: Context, request: Request) -> Response:
    """GET tracks/{track_id}/download: to the file, or come again."""
    wish = validation.validate(requests.DownloadQuery, requests.known(request.query_params, requests.DownloadQuery))
    track_id, organization_id = request.path_params["track_id"], request.path_params["organization_id"]
    found = await downloads.prepare(ctx, track_id, wish.format, wish.part, organization_id)
    url = await found.sign_url(ctx)
    # what it leads to is another thing a moment later
    headers = {"Cache-Control": "no-store"}
    if url is None:
        return JsonResponse(
            serializers.download(found, None), 202, {**headers, "Retry-After": str(downloads.RETRY_AFTER_SECONDS)}
        )
    return JsonResponse(serializers.download(found, url), 302, {**headers, "Location": url})
