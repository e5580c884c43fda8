"""Operations on tracks and the library, with their response models."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal, cast

from starlette.responses import Response
from typing_extensions import ReadOnly, TypedDict

from core.formats import Format
from resolvers.access.context import Context
from resolvers.library import downloads, libraries, tracks
from resolvers.library.downloads import Download
from rest_compat import fields
from rest_compat.fields import Text, doc, from_row
from rest_compat.operations import Operation, Result, Tag
from rest_compat.requests import DownloadQuery, TracksQuery
from rest_compat.responses import JsonResponse
from storage.queries.libraries import Filter
from storage.tables import LibrarySource
from storage.tables import Track as TrackRow

TAG: Final = Tag(
    "Tracks",
    "A track is a finished piece of music. Your library contains the tracks that you saved: your own and shared ones.",
)

EXAMPLE_DOWNLOAD_URL: Final = "https://music.example.org/media/ab/abcdef.flac?expires=1782643500&saved=1&signature=0123"
_EXAMPLE_STEMS: Final = {"drums": "https://music.example.org/media/cd/cdefab.flac?expires=1782643500&signature=4567"}

_StemUrl = Annotated[fields.Url, doc("Signed URL, valid for a few minutes.")]
_NullInLists = Annotated[None, doc("Null in lists. Retrieve the track for the value.")]
_NullUntilReady = Annotated[None, doc("Null until the file is ready.")]


class _Track(TypedDict):
    id: fields.TrackId
    title: fields.Title
    engine: fields.EngineKey
    mode: fields.TrackMode
    measured_duration_seconds: fields.Duration
    instrumental: fields.Instrumental
    licence_class: fields.LicenceClassField
    commercial_use: fields.CommercialUse
    requires_attribution: fields.RequiresAttribution
    created_at: Annotated[fields.Timestamp, doc("Time at which the track was created, not saved.")]


@fields.rules(fields.COMMERCIAL_USE_RULE)
class Track(_Track):
    """A finished piece of music."""

    playback_url: Annotated[fields.Url | None, doc(fields.PLAYBACK_URL)]
    stem_urls: Annotated[
        Mapping[str, _StemUrl] | None,
        doc("Signed URL of each stem by its name; null without stems.", _EXAMPLE_STEMS, min_length=1),
    ]


@fields.rules(fields.COMMERCIAL_USE_RULE)
class ListedTrack(_Track):
    """A track in a list."""

    playback_url: _NullInLists
    stem_urls: _NullInLists


class Tracks(TypedDict):
    """A page of tracks, most recently saved first."""

    items: Annotated[list[ListedTrack], doc("The tracks of the page.")]
    limit: fields.Limit
    offset: fields.Offset


class LibraryEntry(TypedDict):
    """A track in your library."""

    id: fields.LibraryEntryId
    track_id: fields.TrackId
    source: Annotated[LibrarySource, doc("`own` if you created the track, otherwise `shared`.")]
    created_at: Annotated[fields.Timestamp, doc("Time at which the track was first saved.")]
    saved: fields.AlwaysTrue


class TrackUnsaved(fields.Confirmation):
    """Confirmation that a track is not in your library."""

    id: fields.TrackId
    detail: fields.Detail[Literal["Track removed from library."]]


class TrackDeleted(fields.Confirmation):
    """Confirmation that a track was deleted."""

    id: fields.TrackId
    detail: fields.Detail[Literal["Track deleted."]]


class _DownloadedFile(TypedDict):
    format: Annotated[Format, doc("The requested format.", Format.FLAC)]
    part: Annotated[Text | None, doc("Name of the stem for the format `stem`, otherwise null.", None)]
    mime_type: Annotated[Text, doc("Media type of the file.", "audio/flac")]
    file_name: Annotated[Text, doc("File name under which browsers save the file.", "Night Desk.flac")]
    url: ReadOnly[str | None]


class ReadyDownload(_DownloadedFile):
    """A file that is ready to download."""

    url: Annotated[fields.Url, doc("The URL of `Location`.", EXAMPLE_DOWNLOAD_URL)]
    size_bytes: Annotated[int, doc("Size in bytes.", 11_928_353, ge=1)]
    is_ready: fields.AlwaysTrue


class ComingDownload(_DownloadedFile):
    """A file that is being prepared."""

    url: _NullUntilReady
    size_bytes: _NullUntilReady
    is_ready: Annotated[Literal[False], doc("Always `false`.")]


def _download(download: Download, url: str | None) -> ReadyDownload | ComingDownload:
    """Build the response for a file; ``url`` is None until the file is ready."""
    file: _DownloadedFile = {
        "format": download.format,
        "part": download.part or None,
        "url": url,
        "mime_type": download.media_type,
        "file_name": download.file_name,
    }
    if url is None or download.file is None:
        return {**file, "url": None, "size_bytes": None, "is_ready": False}
    return {**file, "url": url, "size_bytes": download.file.size_bytes, "is_ready": True}


_ADDITIONAL_FIELDS: Final = {"commercial_use", "requires_attribution"}
TRACK_FIELDS: Final = tuple(sorted(ListedTrack.__annotations__, key=_ADDITIONAL_FIELDS.__contains__))
"""The fields of a listed track in order; those that are no columns, such as ``playback_url``, are null."""


def track(row: TrackRow, playback_url: str | None, stem_urls: Mapping[str, str] | None) -> Track:
    urls = {"playback_url": playback_url, "stem_urls": stem_urls or None}
    return cast("Track", {name: urls[name] if name in urls else getattr(row, name) for name in TRACK_FIELDS})


@Operation("list-tracks", "GET tracks", "Organization.library", [Result(Tracks)])
async def list_(ctx: Context, organization_id: str, query: TracksQuery) -> Response:
    """List library tracks.

    Returns the tracks that you saved, most recently saved first. Finished generations are not saved automatically. In
    lists, `playback_url` and `stem_urls` are null.
    """
    limit, offset = query.limit, query.offset
    only = Filter(query.mode, query.engine, query.collection_id)
    items = await libraries.list_tracks_json(ctx, organization_id, only, TRACK_FIELDS, limit=limit, offset=offset)
    return Response(f'{{"items":[{items}],"limit":{limit},"offset":{offset}}}', media_type="application/json")


@Operation("get-track", "GET tracks/{track_id}", "Organization.track")
async def get(ctx: Context, organization_id: str, track_id: str) -> Track:
    """Retrieve a track.

    Returns a track that you created or saved, with new signed URLs.
    """
    row, urls = await tracks.get_with_urls(ctx, track_id, organization_id)
    return track(row, urls.master, urls.stems)


@Operation("save-track", "POST tracks/{track_id}/save", "Mutation.saveTrack")
async def save(ctx: Context, organization_id: str, track_id: str) -> LibraryEntry:
    """Save a track.

    Adds a track that you can access to your library. Saving it again returns the existing entry. The request has no
    body.
    """
    return from_row(LibraryEntry, await tracks.save(ctx, track_id, organization_id), saved=True)


@Operation("unsave-track", "DELETE tracks/{track_id}/save", "Mutation.unsaveTrack")
async def unsave(ctx: Context, organization_id: str, track_id: str) -> TrackUnsaved:
    """Remove a track from the library.

    The track itself is not deleted. The request also succeeds if the track is not in your library; it returns 404 only
    for a track that you cannot access.
    """
    row = await tracks.unsave(ctx, track_id, organization_id)
    return {"success": True, "id": row.id, "detail": "Track removed from library."}


@Operation(
    "delete-track",
    "DELETE tracks/{track_id}",
    "Mutation.deleteTrack",
    errors={"OPERATION_NOT_ALLOWED": "You can access the track but did not create it, or are a viewer."},
)
async def delete(ctx: Context, organization_id: str, track_id: str) -> TrackDeleted:
    """Delete a track.

    Only the creator can delete a track. It disappears from all libraries and collections, its files are no longer
    available, and its share links report that the content is not available. Charges are not refunded.
    """
    row = await tracks.delete(ctx, track_id, organization_id)
    return {"success": True, "id": row.id, "detail": "Track deleted."}


@Operation(
    "download-track",
    "GET tracks/{track_id}/download",
    "Mutation.prepareDownload",
    [
        Result(ReadyDownload, 302, "The file is ready at `Location`.", headers=["Location"]),
        Result(ComingDownload, 202, "The file is being prepared.", headers=["Retry-After"]),
    ],
    not_found=[("track_id", "Music track not found"), ("track_id", "File of the music track not found")],
    is_extension=True,
)
async def download(ctx: Context, organization_id: str, track_id: str, query: DownloadQuery) -> Response:
    """Download a track.

    Redirects to the file in the requested format. Some formats are prepared on first request: until the file is ready,
    the response is 202; repeat the request after `Retry-After` seconds. Follow the redirect without your credentials:
    its URL is signed and may be on another host. Formats that the track does not have return 404.
    """
    found = await downloads.prepare(ctx, track_id, query.format, query.part, organization_id)
    url = await found.sign_url(ctx)
    headers = {"Location": url} if url else {"Retry-After": str(downloads.RETRY_AFTER_SECONDS)}
    # the response changes when the file is ready
    headers["Cache-Control"] = "no-store"
    return JsonResponse(_download(found, url), 302 if url else 202, headers)
