"""Handlers of share links and of usage."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from resolvers.library import track_urls
from resolvers.organizations import spending
from resolvers.sharing import sharing
from resolvers.sharing.commands import Share
from resolvers.sharing.sharing import Shared
from rest_compat import requests, serializers, share_page
from rest_compat.responses import JsonResponse


async def share_track(ctx: Context, request: Request) -> Response:
    """POST tracks/{track_id}/share."""
    command = Unvalidated(Share, await requests.optional_json_object(request))
    track_id, organization_id = request.path_params["track_id"], request.path_params["organization_id"]
    return JsonResponse(serializers.new_link(await sharing.share_track(ctx, track_id, command, organization_id)), 201)


async def share_collection(ctx: Context, request: Request) -> Response:
    """POST collections/{collection_id}/share."""
    command = Unvalidated(Share, await requests.optional_json_object(request))
    collection_id, organization_id = request.path_params["collection_id"], request.path_params["organization_id"]
    return JsonResponse(
        serializers.new_link(await sharing.share_collection(ctx, collection_id, command, organization_id)), 201
    )


async def revoke(ctx: Context, request: Request) -> Response:
    """DELETE share/{share_id}."""
    row = await sharing.revoke(ctx, request.path_params["share_id"], request.path_params["organization_id"])
    return JsonResponse(serializers.done(row.id, "Share link revoked."))


async def resolve(ctx: Context, request: Request) -> Response:
    """GET shared/{token}."""
    token, is_page = request.path_params["token"], share_page.prefers_html(request)
    shared = await sharing.resolve_or_none(ctx, token) if is_page else await sharing.resolve(ctx, token)
    if shared is None:
        return share_page.render_not_found()
    tracks = [shared.track] if shared.track else shared.tracks
    urls = await _urls(ctx, shared)
    if is_page:
        return share_page.render(shared, urls, await track_urls.sign_covers(ctx, tracks))
    return JsonResponse(serializers.shared(shared, urls), headers={"Vary": "Accept"})


async def _urls(ctx: Context, shared: Shared) -> Mapping[str, str]:
    """Of what is to be heard, by track."""
    if shared.track is not None and shared.master is not None:
        return {shared.track.id: await track_urls.sign_url(ctx, shared.track, shared.master)}
    return await track_urls.sign_masters(ctx, shared.tracks)


async def save(ctx: Context, request: Request) -> Response:
    """POST shared/{token}/save."""
    entry, is_new = await sharing.save(ctx, request.path_params["token"])
    return JsonResponse(serializers.saved_share(entry), 201 if is_new else 200)


async def get_usage(ctx: Context, request: Request) -> Response:
    """GET usage."""
    organization_id = request.path_params["organization_id"]
    windows = [serializers.usage(usage) for usage in await spending.list_usage(ctx, organization_id)]
    return JsonResponse({"organization_id": organization_id, "windows": windows})
