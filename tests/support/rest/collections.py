"""Create and read collections over REST."""

from typing import Any, Final

from tests.support.rest.client import Contract
from tests.support.users import Person

UNREADABLE: Final = "Must be a track that you can read."
_WEB_ADDRESS: Final = "Must be an http or https address."

REFUSED_FIELDS: Final = [
    ({"name": ""}, "name", "Must have at least 1 character(s)."),
    ({"name": " \n\u3000"}, "name", "Must have at least 1 character(s)."),
    ({"name": "x" * 513}, "name", "Must have at most 512 characters."),
    ({"name": None}, "name", "Must be a string."),
    ({"name": 1}, "name", "Must be a string."),
    ({"name": "a\x00b"}, "name", "Must not contain NUL or unpaired surrogate characters."),
    ({"description": "x" * 5001}, "description", "Must have at most 5000 characters."),
    ({"description": 1}, "description", "Must be a string."),
    ({"description": "a\x00b"}, "description", "Must not contain NUL or unpaired surrogate characters."),
    ({"cover_track_id": "mtrack_000000000000"}, "cover_track_id", UNREADABLE),
    ({"cover_track_id": "x"}, "cover_track_id", UNREADABLE),
    ({"cover_track_id": 1}, "cover_track_id", "Must be a string."),
    ({"cover_image_url": "x"}, "cover_image_url", _WEB_ADDRESS),
    ({"cover_image_url": "//a.example/x"}, "cover_image_url", _WEB_ADDRESS),
    ({"cover_image_url": "ftp://a.example/x"}, "cover_image_url", _WEB_ADDRESS),
    ({"cover_image_url": "javascript:alert(1)"}, "cover_image_url", _WEB_ADDRESS),
    ({"cover_image_url": "data:image/png;base64,AAAA"}, "cover_image_url", _WEB_ADDRESS),
    ({"cover_image_url": "https://"}, "cover_image_url", _WEB_ADDRESS),
    ({"cover_image_url": "https:///x"}, "cover_image_url", _WEB_ADDRESS),
    ({"cover_image_url": "https:a.example"}, "cover_image_url", _WEB_ADDRESS),
    ({"cover_image_url": "https://[::1"}, "cover_image_url", _WEB_ADDRESS),
    ({"cover_image_url": "https://a b/x"}, "cover_image_url", _WEB_ADDRESS),
    ({"cover_image_url": "https://user:password@a.example/x"}, "cover_image_url", _WEB_ADDRESS),
    ({"cover_image_url": "https://a.example:65536/x"}, "cover_image_url", _WEB_ADDRESS),
    ({"cover_image_url": "https://a.example/\x85x"}, "cover_image_url", _WEB_ADDRESS),
    ({"cover_image_url": "https://a.example/x\ny"}, "cover_image_url", _WEB_ADDRESS),
    ({"cover_image_url": "java\nscript://a.example/x"}, "cover_image_url", _WEB_ADDRESS),
    ({"cover_image_url": "ht\ntps://a.example/x"}, "cover_image_url", _WEB_ADDRESS),
    ({"cover_image_url": "https://a.example:port/x"}, "cover_image_url", _WEB_ADDRESS),
    ({"cover_image_url": "https://a.example/" + "x" * 1007}, "cover_image_url", "Must have at most 1024 characters."),
    ({"cover_image_url": 1}, "cover_image_url", "Must be a string."),
    ({"id": "mcoll_000000000000"}, "id", "Unknown field."),
    ({"user_id": "x"}, "user_id", "Unknown field."),
    ({"track_count": 3}, "track_count", "Unknown field."),
    ({"Name": "x"}, "Name", "Unknown field."),
]
"""Fields of a new or changed collection with the field and message of their problem."""


OPERATIONS: Final[dict[str, dict[str, object] | None]] = {
    "get-collection": None,
    "update-collection": {"name": "Taken over"},
    "delete-collection": None,
    "add-collection-track": {"track_id": "mtrack_000000000000"},
    "remove-collection-track": None,
    "list-collection-tracks": None,
    "reorder-collection": {"ordered_track_ids": []},
    "share-collection": {},
}


async def create(rest: Contract, person: Person, **fields: object) -> dict[str, Any]:
    answer = await rest.call("create-collection", person, json={"name": "Late shift", **fields})
    assert answer.status_code == 201, answer.text
    collection: dict[str, Any] = answer.json()
    return collection


async def get(rest: Contract, person: Person, collection_id: str) -> dict[str, Any]:
    answer = await rest.call("get-collection", person, path={"collection_id": collection_id})
    assert answer.status_code == 200, answer.text
    collection: dict[str, Any] = answer.json()
    return collection
