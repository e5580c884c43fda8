"""Operations on share links, with their response models."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

import orjson
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from core.errors import RateLimited
from core.sharing import Target, Visibility
from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from resolvers.library import track_urls
from resolvers.sharing import public_files, sharing
from resolvers.sharing.sharing import Shared, ShareRequest
from rest_compat import fields, link_previews, share_page
from rest_compat.fields import NULL, STRING, Schema, doc, from_row
from rest_compat.operations import Body, Operation, Result, Tag
from rest_compat.responses import JsonResponse, encode
from storage.tables import LibrarySource, Track, TrackFile

TAG: Final = Tag(
    "Sharing", "A share link gives access to a track or a collection until the link expires or is revoked."
)

_TRACKS_PER_STEP: Final = 200
"""Tracks that are encoded before other requests are served, in about 10 ms."""

_CONTENT = ("track", "collection", "tracks")

_TargetType = Annotated[Target, doc("Type of the shared resource.")]
_VisibilityField = Annotated[
    Visibility, doc("Who can find the link: its recipients only, or also search engines. The server lists neither.")
]
_ExpiresAt = Annotated[fields.Timestamp | None, doc("Time at which the link expires, or null.", "2026-07-28T10:30:00Z")]


class ShareLink(TypedDict):
    """A new share link. Its token is returned only once."""

    id: Annotated[fields.ShareLinkId, doc("ID of the share link, for revoking it.")]
    token: Annotated[str, doc("Secret token.", fields.EXAMPLE_TOKEN, pattern="^shr_[0-9a-f]{32}$")]
    url: Annotated[
        fields.Url, doc("Public URL of the link.", f"https://music.example.org/v1/music/shared/{fields.EXAMPLE_TOKEN}")
    ]
    target_type: _TargetType
    visibility: _VisibilityField
    expires_at: _ExpiresAt
    created_at: Annotated[fields.Timestamp, doc("Time at which the link was created.")]


class ShareLinkRevoked(fields.Confirmation):
    """Confirmation that a share link no longer works."""

    id: fields.ShareLinkId
    detail: fields.Detail[Literal["Share link revoked."]]


class SharedLink(TypedDict):
    """The share link itself."""

    target_type: _TargetType
    visibility: _VisibilityField
    expires_at: _ExpiresAt


@fields.rules(fields.COMMERCIAL_USE_RULE)
class SharedLicence(fields.Licence):
    """The licence of a shared track."""


class SharedTrack(TypedDict):
    """A track as shown to visitors of a share link."""

    id: fields.TrackId
    title: fields.Title
    engine: fields.EngineKey
    mode: fields.TrackMode
    measured_duration_seconds: fields.Duration
    instrumental: fields.Instrumental
    playback_url: Annotated[fields.Url | None, doc("Signed URL of the audio, valid for a few minutes.")]
    licence: Annotated[SharedLicence, doc("Licence of the track.")]


class SharedCollection(TypedDict):
    """A collection as shown to visitors of a share link."""

    id: fields.CollectionId
    name: Annotated[fields.Text, doc("Name.")]
    description: Annotated[str | None, doc("Description.")]


def _content_rule(kind: Target, *names: str) -> Schema:
    """Return the rule for the content of an available link of this kind: these fields are set, the others null."""
    properties = {name: {"not": NULL} if name in names else NULL for name in _CONTENT}
    condition: dict[str, Any] = {"properties": {"available": {"const": True}, "kind": {"const": kind.value}}}
    return {"if": condition, "then": {"properties": properties}}


@fields.rules(
    fields.rule("available", True, {"message": NULL}, {"message": STRING, **dict.fromkeys(_CONTENT, NULL)}),
    _content_rule(Target.TRACK, "track"),
    _content_rule(Target.COLLECTION, "collection", "tracks"),
)
class Resolved(TypedDict):
    """The content of a share link."""

    kind: _TargetType
    available: Annotated[bool, doc("Whether the content is still available.", True)]
    message: Annotated[fields.Text | None, doc("Why the content is not available, for display; else null.", None)]
    share: Annotated[SharedLink, doc("The share link.")]
    track: Annotated[SharedTrack | None, doc("The shared track; null for a collection.")]
    collection: Annotated[SharedCollection | None, doc("The shared collection; null for a track.", None)]
    tracks: Annotated[list[SharedTrack] | None, doc("The collection's tracks in order; null for a track.", None)]


class SharedLibraryEntry(TypedDict):
    """A shared track in your library."""

    id: fields.LibraryEntryId
    track_id: fields.TrackId
    source: Annotated[LibrarySource, doc("`own` if you created the track, otherwise `shared`.", "shared")]
    share_link_id: Annotated[fields.ShareLinkId | None, doc("ID of the link from which the track was saved.")]
    created_at: Annotated[fields.Timestamp, doc("Time at which the track was first saved.")]


async def resolved(ctx: Context, view: Shared, rows: Sequence[tuple[Track, TrackFile | None]]) -> dict[str, Any]:
    """Build the content of a link, a ``Resolved`` whose tracks are JSON.

    Other requests are served between the tracks of a collection, which may be thousands.
    """
    encoded: list[bytes] = []
    for start in range(0, len(rows), _TRACKS_PER_STEP):
        step = [await _shared_track(ctx, view.link.id, *row) for row in rows[start : start + _TRACKS_PER_STEP]]
        encoded += [encode(track) for track in step]
        await asyncio.sleep(0)
    return {
        "kind": view.link.target_type,
        "available": view.is_available,
        "message": view.message,
        "share": from_row(SharedLink, view.link),
        "track": orjson.Fragment(encoded[0]) if view.track else None,
        "collection": from_row(SharedCollection, view.collection) if view.collection else None,
        "tracks": orjson.Fragment(b"[" + b",".join(encoded) + b"]") if view.collection else None,
    }


async def _shared_track(ctx: Context, share_id: str, row: Track, master: TrackFile | None) -> SharedTrack:
    url = await track_urls.sign_url(ctx, row, master, share_id=share_id) if master else None
    return from_row(SharedTrack, row, playback_url=url, licence=from_row(SharedLicence, row))


_BODY: Final = Body(ShareRequest, "Visibility and lifetime.", {"expires_in_days": 30}, is_required=False)


@Operation(
    "share-track",
    "POST tracks/{track_id}/share",
    "Mutation.shareTrack",
    [Result(ShareLink, 201, "The new share link.")],
    body=_BODY,
)
async def share_track(
    ctx: Context, organization_id: str, track_id: str, command: Unvalidated[ShareRequest]
) -> ShareLink:
    """Share a track.

    Creates a share link of a track that you created. The response contains the token of the link, which is not
    available later.
    """
    link = await sharing.share_track(ctx, track_id, command, organization_id)
    return from_row(ShareLink, link.row, token=link.token, url=link.url)


@Operation(
    "share-collection",
    "POST collections/{collection_id}/share",
    "Mutation.shareCollection",
    [Result(ShareLink, 201, "The new share link.", {"target_type": "collection"})],
    body=_BODY,
)
async def share_collection(
    ctx: Context, organization_id: str, collection_id: str, command: Unvalidated[ShareRequest]
) -> ShareLink:
    """Share a collection.

    Creates a share link of a collection that you own. The response contains the token of the link, which is not
    available later.
    """
    link = await sharing.share_collection(ctx, collection_id, command, organization_id)
    return from_row(ShareLink, link.row, token=link.token, url=link.url)


@Operation("revoke-share", "DELETE share/{share_id}", "Mutation.revokeShare")
async def revoke(ctx: Context, organization_id: str, share_id: str) -> ShareLinkRevoked:
    """Revoke a share link.

    The link stops working immediately. Tracks that were saved from it remain saved. Revoking a link again has no
    effect.
    """
    row = await sharing.revoke(ctx, share_id, organization_id)
    return {"success": True, "id": row.id, "detail": "Share link revoked."}


@Operation(
    "resolve-share",
    "GET /shared/{token}",
    "Query.sharedLink",
    [Result(Resolved, 200, "The content, or the reason why it is not available.", media_types=["text/html"])],
    errors={"RATE_LIMIT_EXCEEDED": "Too many requests from your address. Wait for `Retry-After` seconds."},
    is_public=True,
)
async def resolve(ctx: Context, token: str, request: Request) -> Response:
    """Resolve a share link.

    Returns the content of a share link. If the content was deleted, `available` is false. Unknown, revoked and expired
    links return 404. Every request is recorded. If `Accept` names HTML before JSON, as browsers do, the response is a
    web page. Chats and social networks, which accept anything and are known by `User-Agent`, get it too.
    """
    if link_previews.wants_page(request):
        return await _show(ctx, token, request)
    shared = await sharing.resolve(ctx, token)
    content = await resolved(ctx, shared, await sharing.list_tracks(ctx, shared))
    return JsonResponse(content, headers={"Vary": share_page.VARY})


async def _show(ctx: Context, token: str, request: Request) -> Response:
    try:
        shared = await sharing.resolve_or_none(ctx, token)
        if shared is None:
            return share_page.render_not_found(request)
        return share_page.render(request, shared, await public_files.load_page(ctx, token, shared))
    except RateLimited as error:
        return share_page.render_busy(request, error)


@Operation(
    "save-shared-track",
    "POST /shared/{token}/save",
    "Mutation.saveSharedTrack",
    [Result(SharedLibraryEntry, 201, "The new library entry."), Result(SharedLibraryEntry)],
    errors={
        "OPERATION_NOT_ALLOWED": "You are no member of an organization that could save the track, or a viewer.",
        "VALIDATION_ERROR": "The link shares a collection, which cannot be saved.",
    },
)
async def save(ctx: Context, token: str) -> Response:
    """Save a shared track.

    Adds the track of a share link to your library, where it remains after the link is revoked. The request has no body.
    """
    entry, is_new = await sharing.save(ctx, token)
    return JsonResponse(from_row(SharedLibraryEntry, entry), 201 if is_new else 200)
