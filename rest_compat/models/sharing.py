"""Response models of share links."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from typing_extensions import TypedDict

from core import clock
from core.sharing import Target, Visibility
from resolvers.sharing.sharing import NewLink, Shared
from rest_compat.models import fields, licences
from rest_compat.models.fields import NULL, STRING, Schema, doc
from storage.tables import LibraryEntry, LibrarySource, Track

_CONTENT = ("track", "collection", "tracks")

_TargetType = Annotated[Target, doc("Type of the shared resource.")]
_VisibilityField = Annotated[Visibility, doc("Who can find the link: its recipients only, or everyone.")]
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


class ShareLinkRevoked(TypedDict):
    """Confirmation that a share link no longer works."""

    success: fields.AlwaysTrue
    id: fields.ShareLinkId
    detail: fields.Detail[Literal["Share link revoked."]]


class SharedLink(TypedDict):
    """The share link itself."""

    target_type: _TargetType
    visibility: _VisibilityField
    expires_at: _ExpiresAt


@fields.rules(fields.COMMERCIAL_USE_RULE)
class SharedLicence(licences.Licence):
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


def share_link(link: NewLink) -> ShareLink:
    row = link.row
    return {
        "id": row.id,
        "token": link.token,
        "url": link.url,
        "target_type": row.target_type,
        "visibility": row.visibility,
        "expires_at": clock.iso(row.expires_at) if row.expires_at else None,
        "created_at": clock.iso(row.created_at),
    }


def resolved(view: Shared, urls: Mapping[str, str]) -> Resolved:
    """Build the content of a link; ``urls`` are playback URLs by track id."""
    link, collection = view.link, view.collection
    return {
        "kind": link.target_type,
        "available": view.is_available,
        "message": view.message,
        "share": {
            "target_type": link.target_type,
            "visibility": link.visibility,
            "expires_at": clock.iso(link.expires_at) if link.expires_at else None,
        },
        "track": _shared_track(view.track, urls) if view.track else None,
        "collection": (
            {"id": collection.id, "name": collection.name, "description": collection.description}
            if collection
            else None
        ),
        "tracks": [_shared_track(row, urls) for row in view.tracks] if collection else None,
    }


def _shared_track(row: Track, urls: Mapping[str, str]) -> SharedTrack:
    return {
        "id": row.id,
        "title": row.title,
        "engine": row.engine,
        "mode": row.mode,
        "measured_duration_seconds": row.measured_duration_seconds,
        "instrumental": row.instrumental,
        "playback_url": urls.get(row.id),
        "licence": licences.licence(row),
    }


def shared_library_entry(row: LibraryEntry) -> SharedLibraryEntry:
    return {
        "id": row.id,
        "track_id": row.track_id,
        "source": row.source,
        "share_link_id": row.share_link_id,
        "created_at": clock.iso(row.created_at),
    }
