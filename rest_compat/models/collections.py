"""Response models of collections and the tracks in them."""

from typing import Annotated, Literal

from typing_extensions import ReadOnly, TypedDict

from core import clock
from core.ids import Kind
from resolvers.library.commands import HTTP_URL
from rest_compat.models import fields
from rest_compat.models.fields import Text, doc
from storage.tables import Collection as CollectionRow
from storage.tables import CollectionTrack as CollectionTrackRow


class _Collection(TypedDict):
    id: fields.CollectionId
    name: Annotated[Text, doc("Name.", "Late shift")]
    description: Annotated[str | None, doc("Description.", "Quiet pieces for the last hours of the day.")]
    cover_track_id: Annotated[fields.TrackId | None, doc("ID of the track whose cover is shown.")]
    cover_image_url: Annotated[Text | None, doc("URL of the cover image.", None, pattern=HTTP_URL)]
    track_count: ReadOnly[int | None]
    created_at: Annotated[fields.Timestamp, doc("Time at which the collection was created.")]
    updated_at: Annotated[fields.Timestamp, doc("Time at which the collection was last changed.")]


class Collection(_Collection):
    """An ordered list of tracks."""

    track_count: Annotated[int, doc("Number of tracks.", 12, ge=0)]


class ListedCollection(_Collection):
    """A collection in a list."""

    track_count: Annotated[None, doc("Null in lists. Retrieve the collection for the value.")]


class Collections(TypedDict):
    """A page of collections, newest first."""

    items: Annotated[list[ListedCollection], doc("The collections of the page.")]
    limit: fields.Limit
    offset: fields.Offset


class CollectionDeleted(TypedDict):
    """Confirmation that a collection was deleted."""

    success: fields.AlwaysTrue
    id: fields.CollectionId
    detail: fields.Detail[Literal["Collection deleted."]]


class CollectionTrack(TypedDict):
    """A track in a collection."""

    track_id: fields.TrackId
    position: Annotated[int, doc("Position in the collection, counted from 0 without gaps.", 0, ge=0)]
    added_at: Annotated[fields.Timestamp, doc("Time at which the track was added.")]


class CollectionTracks(TypedDict):
    """A page of a collection's tracks, in the order of the collection."""

    collection_id: fields.CollectionId
    items: Annotated[list[CollectionTrack], doc("The tracks of the page.")]
    limit: Annotated[fields.Limit, doc("The `limit` of the request.", 200)]
    offset: fields.Offset


class TrackAdded(TypedDict):
    """Confirmation that a track is in the collection."""

    success: fields.AlwaysTrue
    id: fields.TrackId
    detail: fields.Detail[Literal["Track added to collection."]]


class TrackRemoved(TypedDict):
    """Confirmation that a track is not in the collection."""

    success: fields.AlwaysTrue
    id: Annotated[str, doc("The `track_id` of the request.", fields.example_id(Kind.TRACK))]
    detail: fields.Detail[Literal["Track removed from collection."]]


class CollectionReordered(TypedDict):
    """Confirmation that the order of a collection was changed."""

    success: fields.AlwaysTrue
    id: fields.CollectionId
    detail: fields.Detail[Literal["Collection reordered."]]


def collection(row: CollectionRow, track_count: int) -> Collection:
    return {**_collection(row), "track_count": track_count}


def listed_collection(row: CollectionRow) -> ListedCollection:
    return {**_collection(row), "track_count": None}


def _collection(row: CollectionRow) -> _Collection:
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "cover_track_id": row.cover_track_id,
        "cover_image_url": row.cover_image_url,
        # replaced by the callers
        "track_count": None,
        "created_at": clock.iso(row.created_at),
        "updated_at": clock.iso(row.updated_at),
    }


def collection_track(row: CollectionTrackRow) -> CollectionTrack:
    return {"track_id": row.track_id, "position": row.position, "added_at": clock.iso(row.added_at)}
