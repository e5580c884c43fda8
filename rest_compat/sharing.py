"""Handlers of share links."""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from resolvers.access.context import Context
from resolvers.library import track_urls
from resolvers.sharing import sharing
from resolvers.sharing.sharing import Shared, ShareRequest
from rest_compat import requests, share_page
from rest_compat.models import sharing as models
from rest_compat.operations import Body, Operation, Result, Tag
from rest_compat.responses import JsonResponse

TAG: Final = Tag(
    "Sharing",
    "A share link gives access to a track or a collection until the link expires or is revoked.",
)

_BODY: Final = Body(ShareRequest, "Visibility and lifetime.", {"expires_in_days": 30}, is_required=False)


@Operation(
    TAG,
    "share-track",
    "POST tracks/{track_id}/share",
    "Mutation.shareTrack",
    [Result(models.ShareLink, 201, "The new share link.")],
    body=_BODY,
)
async def share_track(ctx: Context, request: Request) -> Response:
    """Share a track.

    Creates a share link of a track that you created. The response contains the token of the link, which is not
    available later.
    """
    command = await requests.optional_body(request, ShareRequest)
    track_id, organization_id = requests.path_ids(request, "track_id")
    return JsonResponse(models.share_link(await sharing.share_track(ctx, track_id, command, organization_id)), 201)


@Operation(
    TAG,
    "share-collection",
    "POST collections/{collection_id}/share",
    "Mutation.shareCollection",
    [Result(models.ShareLink, 201, "The new share link.", {"target_type": "collection"})],
    body=_BODY,
)
async def share_collection(ctx: Context, request: Request) -> Response:
    """Share a collection.

    Creates a share link of a collection that you own. The response contains the token of the link, which is not
    available later.
    """
    command = await requests.optional_body(request, ShareRequest)
    collection_id, organization_id = requests.path_ids(request, "collection_id")
    return JsonResponse(
        models.share_link(await sharing.share_collection(ctx, collection_id, command, organization_id)), 201
    )


@Operation(TAG, "revoke-share", "DELETE share/{share_id}", "Mutation.revokeShare", [Result(models.ShareLinkRevoked)])
async def revoke(ctx: Context, request: Request) -> Response:
    """Revoke a share link.

    The link stops working immediately. Tracks that were saved from it remain saved. Revoking a link again has no
    effect.
    """
    row = await sharing.revoke(ctx, *requests.path_ids(request, "share_id"))
    return JsonResponse(models.ShareLinkRevoked(success=True, id=row.id, detail="Share link revoked."))


@Operation(
    TAG,
    "resolve-share",
    "GET /shared/{token}",
    "Query.sharedLink",
    [Result(models.Resolved, 200, "The content, or the reason why it is not available.", media_types=["text/html"])],
    errors={"RATE_LIMIT_EXCEEDED": "Too many requests from your address. Wait for `Retry-After` seconds."},
    is_public=True,
)
async def resolve(ctx: Context, request: Request) -> Response:
    """Resolve a share link.

    Returns the content of a share link. If the content was deleted, `available` is false. Unknown, revoked and expired
    links return 404. Every request is recorded. If `Accept` names HTML before JSON, as browsers do, the response is a
    web page.
    """
    token, is_page = request.path_params["token"], share_page.prefers_html(request)
    shared = await sharing.resolve_or_none(ctx, token) if is_page else await sharing.resolve(ctx, token)
    if shared is None:
        return share_page.render_not_found()
    urls = await _playback_urls(ctx, shared)
    if is_page:
        tracks = [shared.track] if shared.track else shared.tracks
        return share_page.render(shared, urls, await track_urls.sign_covers(ctx, tracks))
    return JsonResponse(models.resolved(shared, urls), headers={"Vary": "Accept"})


async def _playback_urls(ctx: Context, shared: Shared) -> Mapping[str, str]:
    if shared.track is not None and shared.master is not None:
        return {shared.track.id: await track_urls.sign_url(ctx, shared.track, shared.master)}
    return await track_urls.sign_masters(ctx, shared.tracks)


@Operation(
    TAG,
    "save-shared-track",
    "POST /shared/{token}/save",
    "Mutation.saveSharedTrack",
    [
        Result(models.SharedLibraryEntry, 201, "The new library entry."),
        Result(models.SharedLibraryEntry),
    ],
    errors={
        "OPERATION_NOT_ALLOWED": "You are not a member of an organization that could save the track.",
        "VALIDATION_ERROR": "The link shares a collection, which cannot be saved.",
    },
)
async def save(ctx: Context, request: Request) -> Response:
    """Save a shared track.

    Adds the track of a share link to your library, where it remains after the link is revoked. The request has no body.
    """
    entry, is_new = await sharing.save(ctx, request.path_params["token"])
    return JsonResponse(models.shared_library_entry(entry), 201 if is_new else 200)
