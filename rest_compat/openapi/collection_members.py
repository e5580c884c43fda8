"""Section 4 of the contract: the tracks of a collection and their order."""

from collections.abc import Mapping
from typing import Final

from core.ids import Kind
from resolvers.library.commands import MAX_MEMBERS, AddTrack, ReorderCollection
from rest_compat.openapi import json_schema, request_bodies, tracks
from rest_compat.openapi.descriptions import Body, Description, Missing, Success
from rest_compat.openapi.json_schema import Schema
from rest_compat.requests import CollectionTracksQuery

_COLLECTION_ID: Final = json_schema.example_id(Kind.COLLECTION)
_TRACK_ID: Final = json_schema.example_id(Kind.TRACK)

MISSING: Final = Missing("collection_id", "Music collection not found")

_MEMBER: Final = json_schema.closed(
    "A track's place in a collection.",
    {
        "track_id": json_schema.id_of(Kind.TRACK, "The track."),
        "position": json_schema.integer("Its place, from 0, without gaps.", minimum=0),
        "added_at": json_schema.moment("When it was added."),
    },
)

_PAGE: Final = json_schema.page_of("items", "CollectionTrack", "A page of a collection's tracks in their order.")

_ADDED: Final = json_schema.acknowledgement(Kind.TRACK, "The track.", "Track added to collection.")
_REMOVED: Final = json_schema.acknowledgement(Kind.TRACK, "The track.", "Track removed from collection.")
_REORDERED: Final = json_schema.acknowledgement(Kind.COLLECTION, "The collection.", "Collection reordered.")

_QUERY: Final = {"limit": "How many at most.", "offset": "How many to skip."}

_EXAMPLE: Final = {
    "collection_id": _COLLECTION_ID,
    "items": [{"track_id": _TRACK_ID, "position": 0, "added_at": json_schema.EXAMPLE_MOMENT}],
    "limit": 200,
    "offset": 0,
}

SCHEMAS: Final[Mapping[str, Schema]] = {
    "AddCollectionTrack": request_bodies.body(
        AddTrack, "A track to append.", {"track_id": "A track that you can read."}
    ),
    "ReorderCollection": request_bodies.body(
        ReorderCollection, "A new order.", {"ordered_track_ids": "The tracks that shall come first, in this order."}
    ),
    "CollectionTrack": _MEMBER,
    "CollectionTracks": json_schema.closed(
        _PAGE["description"],
        {"collection_id": json_schema.id_of(Kind.COLLECTION, "The collection."), **_PAGE["properties"]},
    ),
    "TrackAdded": _ADDED.schema,
    "TrackRemoved": json_schema.closed(
        "It is done.", {**_REMOVED.schema["properties"], "id": {"type": "string", "description": "As asked."}}
    ),
    "CollectionReordered": _REORDERED.schema,
}

OPERATIONS: Final[Mapping[str, Description]] = {
    "add-collection-track": Description(
        "Add a track to a collection",
        "Appends a track of the same organization that you can read. A track that stands in it already keeps its "
        "place.",
        [Success(200, "It is in the collection.", "TrackAdded", _ADDED.example)],
        body=Body("AddCollectionTrack", "Which track.", {"track_id": _TRACK_ID}),
        missing=[MISSING, tracks.MISSING],
        refusals={"CONFLICT": f"The collection is full; it holds {MAX_MEMBERS} tracks."},
    ),
    "remove-collection-track": Description(
        "Take a track out of a collection",
        "The tracks behind it move up. Taking out what is not there is no error.",
        [Success(200, "It is not in the collection.", "TrackRemoved", _REMOVED.example)],
        missing=[MISSING],
    ),
    "list-collection-tracks": Description(
        "List the tracks of a collection",
        "In the collection's order; deleted tracks are not among them.",
        [Success(200, "A page of tracks.", "CollectionTracks", _EXAMPLE)],
        parameters=request_bodies.query(CollectionTracksQuery, _QUERY),
        missing=[MISSING],
    ),
    "reorder-collection": Description(
        "Reorder a collection",
        "The named tracks come first, in the order given; the others keep their order behind them. Tracks that are not "
        "in the collection are ignored, and one that is named twice counts once.",
        [Success(200, "The order is changed.", "CollectionReordered", _REORDERED.example)],
        body=Body("ReorderCollection", "The order.", {"ordered_track_ids": [_TRACK_ID]}),
        missing=[MISSING],
    ),
}
