"""Every GraphQL argument that takes an id of another user."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from graphql import GraphQLUnionType, get_named_type

from schema.schema import build_schema
from tests.support.owned_resources import Belongings

Fill = Callable[[Belongings], Mapping[str, Any]]


def _nothing(_: Belongings) -> Mapping[str, Any]:
    return {}


def _wish(own: Belongings) -> Mapping[str, Any]:
    return {"organizationId": own["organization"], "prompt": "lofi", "durationSeconds": 5}


def _named(own: Belongings) -> Mapping[str, Any]:
    return {"organizationId": own["organization"], "name": "Mine"}


FOREIGN: Final[Mapping[tuple[str, str], tuple[str, Fill]]] = {
    ("cancelGeneration", "id"): ("job", _nothing),
    ("saveTrack", "id"): ("track", _nothing),
    ("unsaveTrack", "id"): ("track", _nothing),
    ("deleteTrack", "id"): ("track", _nothing),
    ("updateCollection", "id"): ("collection", lambda _: {"name": "Stolen"}),
    ("updateCollection", "coverTrackId"): ("track", lambda own: {"id": own["collection"]}),
    ("deleteCollection", "id"): ("collection", _nothing),
    ("addCollectionTrack", "collectionId"): ("collection", lambda own: {"trackId": own["track"]}),
    ("addCollectionTrack", "trackId"): ("track", lambda own: {"collectionId": own["collection"]}),
    ("removeCollectionTrack", "collectionId"): ("collection", lambda own: {"trackId": own["track"]}),
    ("reorderCollection", "id"): ("collection", lambda _: {"orderedTrackIds": []}),
    ("createCollection", "coverTrackId"): ("track", _named),
    ("createGeneration", "seedTrackId"): ("track", _wish),
    ("shareTrack", "id"): ("track", _nothing),
    ("shareCollection", "id"): ("collection", _nothing),
    ("revokeShare", "id"): ("link", _nothing),
    ("prepareDownload", "id"): ("track", lambda _: {"format": "MP3"}),
    ("updateTrack", "id"): ("track", lambda _: {"title": "Stolen"}),
    ("tagTrack", "id"): ("track", lambda _: {"tags": ["stolen"]}),
    ("favouriteTrack", "id"): ("track", _nothing),
    ("endFocusSession", "id"): ("session", _nothing),
    ("steerFocusSession", "sessionId"): ("session", lambda _: {"intensity": "HIGH"}),
    ("deleteWebhook", "id"): ("webhook", _nothing),
    ("redeliverWebhook", "deliveryId"): ("delivery", _nothing),
    ("promoteFocusSegment", "sessionId"): ("session", lambda _: {"segmentIndex": 0}),
}
"""Every id that a mutation takes: its kind, and what else the input needs."""


FIELDS: Final = {"generation": "job", "track": "track", "collection": "collection", "focusSession": "session"}
"""Fields of an organization that take an id."""


SCHEMA: Final = build_schema()._schema


def question(mutation: str) -> str:
    """The document that runs a mutation and tells what it came to."""
    assert SCHEMA.mutation_type is not None
    field = SCHEMA.mutation_type.fields[mutation]
    result = get_named_type(field.type)
    assert isinstance(result, GraphQLUnionType)
    has_problems = "InvalidInputError" in {member.name for member in result.types}
    problems = "... on InvalidInputError { problems { path message } }" if has_problems else ""
    return f"""mutation($input: {field.args["input"].type}) {{
        {mutation}(input: $input) {{ __typename ... on Error {{ code message }} {problems} }} }}"""
