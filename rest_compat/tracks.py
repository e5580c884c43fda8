"""Handlers of tracks and the library."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from resolvers.access.context import Context
from resolvers.library import downloads, libraries, tracks
from rest_compat import requests
from rest_compat.models import tracks as models
from rest_compat.operations import Operation, Result, Tag
from rest_compat.requests import DownloadQuery, TracksQuery
from rest_compat.responses import JsonResponse, RawJsonResponse
from storage.queries.libraries import Filter

TAG: Final = Tag(
    "Tracks",
    "A track is a finished piece of music. Your library contains the tracks that you saved: your own and shared ones.",
)


@Operation(TAG, "list-tracks", "GET tracks", "Organization.library", [Result(models.Tracks)], query=TracksQuery)
async def list_(ctx: Context, request: Request) -> Response:
    """List library tracks.

    Returns the tracks that you saved, most recently saved first. Finished generations are not saved automatically. In
    lists, `playback_url` and `stem_urls` are null.
    """
    page = requests.query(request, TracksQuery)
    organization_id = request.path_params["organization_id"]
    only = Filter(page.mode, page.engine, page.collection_id)
    items = await libraries.list_tracks_json(
        ctx, organization_id, only, models.TRACK_FIELDS, limit=page.limit, offset=page.offset
    )
    return RawJsonResponse(f'{{"items":[{items}],"limit":{page.limit},"offset":{page.offset}}}')


@Operation(TAG, "get-track", "GET tracks/{track_id}", "Organization.track", [Result(models.Track)])
async def get(ctx: Context, request: Request) -> Response:
    """Retrieve a track.

    Returns a track that you created or saved, with new signed URLs.
    """
    row, urls = await tracks.get_with_urls(ctx, *requests.path_ids(request, "track_id"))
    return JsonResponse(models.track(row, urls.master, urls.stems))


@Operation(TAG, "save-track", "POST tracks/{track_id}/save", "Mutation.saveTrack", [Result(models.LibraryEntry)])
async def save(ctx: Context, request: Request) -> Response:
    """Save a track.

    Adds a track that you can access to your library. Saving it again returns the existing entry. The request has no
    body.
    """
    return JsonResponse(models.library_entry(await tracks.save(ctx, *requests.path_ids(request, "track_id"))))


@Operation(TAG, "unsave-track", "DELETE tracks/{track_id}/save", "Mutation.unsaveTrack", [Result(models.TrackUnsaved)])
async def unsave(ctx: Context, request: Request) -> Response:
    """Remove a track from the library.

    The track itself is not deleted. The request also succeeds if the track is not in your library; it returns 404 only
    for a track that you cannot access.
    """
    row = await tracks.unsave(ctx, *requests.path_ids(request, "track_id"))
    return JsonResponse(models.TrackUnsaved(success=True, id=row.id, detail="Track removed from library."))


@Operation(
    TAG,
    "delete-track",
    "DELETE tracks/{track_id}",
    "Mutation.deleteTrack",
    [Result(models.TrackDeleted)],
    errors={"OPERATION_NOT_ALLOWED": "You can access the track but did not create it."},
)
async def delete(ctx: Context, request: Request) -> Response:
    """Delete a track.

    Only the creator can delete a track. It disappears from all libraries and collections, its files are no longer
    available, and its share links report that the content is not available. Charges are not refunded.
    """
    row = await tracks.delete(ctx, *requests.path_ids(request, "track_id"))
    return JsonResponse(models.TrackDeleted(success=True, id=row.id, detail="Track deleted."))


@Operation(
    TAG,
    "download-track",
    "GET tracks/{track_id}/download",
    "Mutation.prepareDownload",
    [
        Result(models.ReadyDownload, 302, "The file is ready at `Location`.", headers=["Location"]),
        Result(models.ComingDownload, 202, "The file is being prepared.", headers=["Retry-After"]),
    ],
    query=DownloadQuery,
    not_found=[("track_id", "Music track not found"), ("track_id", "File of the music track not found")],
    is_extension=True,
)
async def download(ctx: Context, request: Request) -> Response:
    """Download a track.

    Redirects to the file in the requested format. Some formats are prepared on first request: until the file is ready,
    the response is 202; repeat the request after `Retry-After` seconds. Follow the redirect without your credentials:
    its URL is signed and may be on another host. Formats that the track does not have return 404.
    """
    query = requests.query(request, DownloadQuery)
    track_id, organization_id = requests.path_ids(request, "track_id")
    found = await downloads.prepare(ctx, track_id, query.format, query.part, organization_id)
    url = await found.sign_url(ctx)
    # the response changes when the file is ready
    headers = {"Cache-Control": "no-store"}
    if url is None:
        headers["Retry-After"] = str(downloads.RETRY_AFTER_SECONDS)
        return JsonResponse(models.download_body(found, None), 202, headers)
    return JsonResponse(models.download_body(found, url), 302, {**headers, "Location": url})
