"""Response models of tracks, library entries and downloads."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from typing_extensions import ReadOnly, TypedDict

from core import clock
from core.formats import Format
from resolvers.library.downloads import Download
from rest_compat.models import fields
from rest_compat.models.fields import Text, doc
from storage.tables import LibraryEntry as LibraryEntryRow
from storage.tables import LibrarySource
from storage.tables import Track as TrackRow

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


class TrackUnsaved(TypedDict):
    """Confirmation that a track is not in your library."""

    success: fields.AlwaysTrue
    id: fields.TrackId
    detail: fields.Detail[Literal["Track removed from library."]]


class TrackDeleted(TypedDict):
    """Confirmation that a track was deleted."""

    success: fields.AlwaysTrue
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


def download_body(download: Download, url: str | None) -> ReadyDownload | ComingDownload:
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


TRACK_FIELDS: Final = (
    "id",
    "title",
    "engine",
    "mode",
    "measured_duration_seconds",
    "instrumental",
    "licence_class",
    "created_at",
    "playback_url",
    "stem_urls",
    "commercial_use",
    "requires_attribution",
)
"""The fields of a listed track in order. Postgres writes the items of the list, with ``playback_url`` null."""


def track(row: TrackRow, playback_url: str | None, stem_urls: Mapping[str, str] | None) -> Track:
    return {
        "id": row.id,
        "title": row.title,
        "engine": row.engine,
        "mode": row.mode,
        "measured_duration_seconds": row.measured_duration_seconds,
        "instrumental": row.instrumental,
        "licence_class": row.licence_class,
        "created_at": clock.iso(row.created_at),
        "playback_url": playback_url,
        "stem_urls": stem_urls or None,
        "commercial_use": row.commercial_use,
        "requires_attribution": row.requires_attribution,
    }


def library_entry(row: LibraryEntryRow) -> LibraryEntry:
    return {
        "id": row.id,
        "track_id": row.track_id,
        "source": row.source,
        "created_at": clock.iso(row.created_at),
        "saved": True,
    }
