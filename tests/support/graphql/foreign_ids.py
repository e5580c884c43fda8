"""Every GraphQL argument that takes an id of another user."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from graphql import GraphQLUnionType, get_named_type

from tests.support.graphql import schemas
from tests.support.owned_resources import OwnedIds

BuildInput = Callable[[OwnedIds], Mapping[str, Any]]


def no_fields(_: OwnedIds) -> Mapping[str, Any]:
    return {}


def generation_fields(own: OwnedIds) -> Mapping[str, Any]:
    return {"organizationId": own["organization"], "prompt": "lofi", "durationSeconds": 5}


def collection_fields(own: OwnedIds) -> Mapping[str, Any]:
    return {"organizationId": own["organization"], "name": "Mine"}


ID_ARGUMENTS: Final[Mapping[tuple[str, str], tuple[str, BuildInput]]] = {
    ("cancelGeneration", "id"): ("job", no_fields),
    ("saveTrack", "id"): ("track", no_fields),
    ("unsaveTrack", "id"): ("track", no_fields),
    ("deleteTrack", "id"): ("track", no_fields),
    ("updateCollection", "id"): ("collection", lambda _: {"name": "Stolen"}),
    ("updateCollection", "coverTrackId"): ("track", lambda own: {"id": own["collection"]}),
    ("deleteCollection", "id"): ("collection", no_fields),
    ("addCollectionTrack", "collectionId"): ("collection", lambda own: {"trackId": own["track"]}),
    ("addCollectionTrack", "trackId"): ("track", lambda own: {"collectionId": own["collection"]}),
    ("removeCollectionTrack", "collectionId"): ("collection", lambda own: {"trackId": own["track"]}),
    ("reorderCollection", "id"): ("collection", lambda _: {"orderedTrackIds": []}),
    ("createCollection", "coverTrackId"): ("track", collection_fields),
    ("createGeneration", "seedTrackId"): ("track", generation_fields),
    ("createExport", "trackIds"): ("track", lambda own: {"organizationId": own["organization"]}),
    ("deleteReferenceAudio", "id"): ("reference_audio", no_fields),
    ("shareTrack", "id"): ("track", no_fields),
    ("shareCollection", "id"): ("collection", no_fields),
    ("revokeShare", "id"): ("link", no_fields),
    ("prepareDownload", "id"): ("track", lambda _: {"format": "MP3"}),
    ("updateTrack", "id"): ("track", lambda _: {"title": "Stolen"}),
    ("tagTrack", "id"): ("track", lambda _: {"tags": ["stolen"]}),
    ("favouriteTrack", "id"): ("track", no_fields),
    ("endFocusSession", "id"): ("session", no_fields),
    ("steerFocusSession", "sessionId"): ("session", lambda _: {"intensity": "HIGH"}),
    ("disableUser", "userId"): ("user", no_fields),
    ("deleteUser", "userId"): ("user", no_fields),
    ("revokeApiKey", "id"): ("api_key", no_fields),
    ("rotateWebhookSecret", "id"): ("webhook", no_fields),
    ("enableWebhook", "id"): ("webhook", no_fields),
    ("disableWebhook", "id"): ("webhook", no_fields),
    ("deleteWebhook", "id"): ("webhook", no_fields),
    ("redeliverWebhook", "deliveryId"): ("delivery", no_fields),
    ("promoteFocusSegment", "sessionId"): ("session", lambda _: {"segmentIndex": 0}),
}
"""Every id argument of a mutation: the kind of the id and the other fields of the input."""


ID_FIELDS: Final = {"generation": "job", "track": "track", "collection": "collection", "focusSession": "session"}
"""Organization fields with an id argument, and the kind of the id."""


SCHEMA: Final = schemas.shipped()._schema


def mutation_document(mutation: str) -> str:
    """Return a document that runs a mutation and selects its errors."""
    assert SCHEMA.mutation_type is not None
    field = SCHEMA.mutation_type.fields[mutation]
    result = get_named_type(field.type)
    assert isinstance(result, GraphQLUnionType)
    has_problems = "InvalidInputError" in {member.name for member in result.types}
    problems = "... on InvalidInputError { problems { path message } }" if has_problems else ""
    return f"""mutation($input: {field.args["input"].type}) {{
        {mutation}(input: $input) {{ __typename ... on Error {{ code message }} {problems} }} }}"""
