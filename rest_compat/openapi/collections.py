"""Section 4 of the contract: collections."""

from collections.abc import Mapping
from typing import Any, Final

from core.ids import Kind
from resolvers.library.commands import HTTP_URL, CreateCollection, UpdateCollection
from rest_compat.openapi import collection_members, json_schema, request_bodies
from rest_compat.openapi.collection_members import MISSING
from rest_compat.openapi.descriptions import Body, Description, Noun, Success
from rest_compat.openapi.json_schema import Schema
from rest_compat.requests import CollectionsQuery

_TRACK_ID: Final = json_schema.example_id(Kind.TRACK)


def _collection(description: str, track_count: Schema) -> Schema:
    return json_schema.closed(
        description,
        {
            "id": json_schema.id_of(Kind.COLLECTION, "The collection."),
            "name": json_schema.text("Its name."),
            "description": {"type": ["string", "null"], "description": "What it is about."},
            "cover_track_id": json_schema.nullable(json_schema.id_of(Kind.TRACK, "The track that stands for it.")),
            "cover_image_url": json_schema.nullable(
                json_schema.text("An image that stands for it, wherever it is kept.", pattern=HTTP_URL)
            ),
            "track_count": track_count,
            "created_at": json_schema.moment("When it was made."),
            "updated_at": json_schema.moment("When it was changed last."),
        },
    )


_FIELDS: Final = {
    "name": "Its name. Blanks around it do not count.",
    "description": "What it is about.",
    "cover_track_id": "A track that you can read, to stand for it.",
    "cover_image_url": "The http or https address of an image; this server never fetches it.",
}

_QUERY: Final = {"limit": "How many at most.", "offset": "How many to skip."}

_EXAMPLE: Final[Mapping[str, Any]] = {
    "id": json_schema.example_id(Kind.COLLECTION),
    "name": "Late shift",
    "description": "Quiet pieces for the last hours of the day.",
    "cover_track_id": _TRACK_ID,
    "cover_image_url": None,
    "track_count": 12,
    "created_at": json_schema.EXAMPLE_MOMENT,
    "updated_at": json_schema.EXAMPLE_MOMENT,
}

_DELETED: Final = json_schema.acknowledgement(Kind.COLLECTION, "The collection.", "Collection deleted.")

_CREATE: Final = Description(
    "Create a collection",
    "It is empty at first.",
    [Success(201, "The new collection.", "Collection", {**_EXAMPLE, "track_count": 0})],
    body=Body(
        "CreateCollection",
        "What to call it, and how to show it.",
        {"name": "Late shift", "description": _EXAMPLE["description"], "cover_track_id": _TRACK_ID},
    ),
)

_LIST: Final = Description(
    "List your collections",
    "Your own, newest first. Lists do not count: `track_count` is null.",
    [
        Success(
            200,
            "A page of collections.",
            "Collections",
            {"items": [{**_EXAMPLE, "track_count": None}], "limit": 50, "offset": 0},
        )
    ],
    parameters=request_bodies.query(CollectionsQuery, _QUERY),
)

_GET: Final = Description(
    "Look at a collection",
    "What it is called and how many tracks it has; the tracks themselves are a list of their own.",
    [Success(200, "The collection.", "Collection", _EXAMPLE)],
    missing=[MISSING],
)

_UPDATE: Final = Description(
    "Change a collection",
    "What is left out stays as it is; an explicit null clears what may be null. The name may not.",
    [Success(200, "The collection as it is now.", "Collection", {**_EXAMPLE, "description": None})],
    body=Body("UpdateCollection", "What to change.", {"description": None}),
    missing=[MISSING],
)

_DELETE: Final = Description(
    "Delete a collection",
    "Its tracks stay.",
    [Success(200, "It is gone.", "CollectionDeleted", _DELETED.example)],
    missing=[MISSING],
)


def noun() -> Noun:
    """Collections."""
    return Noun(
        "Collections",
        "A collection is an ordered list of tracks; each track stands in it once. It belongs to one user.",
        {
            "CreateCollection": _body(CreateCollection, "A new collection."),
            "UpdateCollection": _body(UpdateCollection, "Changes of a collection."),
            "Collection": _collection("An ordered list of tracks.", json_schema.integer("How many tracks.", minimum=0)),
            "ListedCollection": _collection(
                "A collection in a list.", json_schema.null("Null in lists: ask for the collection itself.")
            ),
            "CollectionDeleted": _DELETED.schema,
            "Collections": json_schema.page_of("items", "ListedCollection", "A page of collections, newest first."),
            **collection_members.SCHEMAS,
        },
        {
            "create-collection": _CREATE,
            "list-collections": _LIST,
            "get-collection": _GET,
            "update-collection": _UPDATE,
            "delete-collection": _DELETE,
            **collection_members.OPERATIONS,
        },
    )


def _body(kind: type[object], description: str) -> Schema:
    """The command's own rules, and the one that its schema cannot say."""
    schema = request_bodies.body(kind, description, _FIELDS)
    fields = schema["properties"]
    address = {**fields["cover_image_url"], "pattern": HTTP_URL}
    return {**schema, "properties": {**fields, "cover_image_url": address}}
