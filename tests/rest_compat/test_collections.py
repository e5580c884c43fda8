from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from core import clock
from storage.postgres.database import Database
from storage.tables import Collection, Track
from tests.support import factories
from tests.support.rest.client import Contract
from tests.support.users import Cast, Person

NOBODYS_IDS = [
    "mcoll_000000000000",
    "mcoll_",
    "x",
    "mtrack_000000000000",
    "ö",
    "a\x00b",
    "mcoll_" + "0" * 3000,
    "'; --",
]
UNREADABLE = "Must be a track that you can read."
WEB_ADDRESS = "Must be an http or https address."


def problems(answer: Any) -> list[tuple[str, str]]:  # noqa: ANN401  JSON
    """Return the problems of a response, which must have status 422."""
    assert answer.status_code == 422, answer.text
    return [(problem["field"], problem["message"]) for problem in answer.json()["error"]["details"]["errors"]]


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


async def test_a_collection_requires_only_a_name(rest: Contract, cast: Cast, database: Database) -> None:
    before = clock.iso(clock.now())
    made = await create(rest, cast.ada)
    assert {name: made[name] for name in made.keys() - {"id", "created_at", "updated_at"}} == {
        "name": "Late shift",
        "description": None,
        "cover_track_id": None,
        "cover_image_url": None,
        "track_count": 0,
    }
    assert before <= made["created_at"] <= made["updated_at"] <= clock.iso(clock.now())
    [row] = await factories.load_all(database, Collection)
    assert (row.id, row.user_id, row.organization_id) == (made["id"], cast.ada.user_id, cast.ada.organization_id)
    assert await get(rest, cast.ada, made["id"]) == made


async def test_a_collection_stores_every_field(rest: Contract, cast: Cast, database: Database) -> None:
    track_id = await factories.put_track(database, cast.ada)
    fields = {
        "name": "Late shift 🎹",
        "description": "Quiet pieces.\nFor the last hours.",
        "cover_track_id": track_id,
        "cover_image_url": "https://images.example.org/a.png?b=c#d",
    }
    made = await create(rest, cast.ada, **fields)
    assert {name: made[name] for name in fields} == fields
    assert await get(rest, cast.ada, made["id"]) == made


async def test_texts_are_trimmed(rest: Contract, cast: Cast) -> None:
    body = {"name": " " + "x" * 512 + "\n", "description": "\t", "cover_image_url": " https://a.example/ "}
    answer = await rest.call("create-collection", cast.ada, json=body, is_documented=False)
    made = answer.json()
    assert (made["name"], made["description"], made["cover_image_url"]) == ("x" * 512, "", "https://a.example/")


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "x"},
        {"name": "x" * 512},
        {"name": "🎹" * 512},
        {"name": "شعر 音楽"},
        {"description": None},
        {"description": ""},
        {"description": "x" * 5000},
        {"cover_track_id": None},
        {"cover_image_url": None},
        {"cover_image_url": "http://localhost:8080/x"},
        {"cover_image_url": "https://a.example/" + "x" * 1006},
        {"cover_image_url": "https://a.example/ümlaut.png"},
        {"cover_image_url": "HTTPS://A.EXAMPLE/x"},
        {"cover_image_url": "http://[::1]:65535?x"},
        {"cover_image_url": "https://bücher.example"},
    ],
    ids=lambda fields: ascii(fields)[:40],
)
async def test_values_within_limits_are_accepted(rest: Contract, cast: Cast, fields: dict[str, object]) -> None:
    made = await create(rest, cast.ada, **fields)
    assert {name: made[name] for name in fields} == fields


REFUSED = [
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
    ({"cover_track_id": ""}, "cover_track_id", "Must have at least 1 character(s)."),
    ({"cover_track_id": 1}, "cover_track_id", "Must be a string."),
    ({"cover_image_url": ""}, "cover_image_url", "Must have at least 1 character(s)."),
    ({"cover_image_url": "x"}, "cover_image_url", WEB_ADDRESS),
    ({"cover_image_url": "//a.example/x"}, "cover_image_url", WEB_ADDRESS),
    ({"cover_image_url": "ftp://a.example/x"}, "cover_image_url", WEB_ADDRESS),
    ({"cover_image_url": "javascript:alert(1)"}, "cover_image_url", WEB_ADDRESS),
    ({"cover_image_url": "data:image/png;base64,AAAA"}, "cover_image_url", WEB_ADDRESS),
    ({"cover_image_url": "https://"}, "cover_image_url", WEB_ADDRESS),
    ({"cover_image_url": "https:///x"}, "cover_image_url", WEB_ADDRESS),
    ({"cover_image_url": "https:a.example"}, "cover_image_url", WEB_ADDRESS),
    ({"cover_image_url": "https://[::1"}, "cover_image_url", WEB_ADDRESS),
    ({"cover_image_url": "https://a b/x"}, "cover_image_url", WEB_ADDRESS),
    ({"cover_image_url": "https://user:password@a.example/x"}, "cover_image_url", WEB_ADDRESS),
    ({"cover_image_url": "https://a.example:65536/x"}, "cover_image_url", WEB_ADDRESS),
    ({"cover_image_url": "https://a.example/\x85x"}, "cover_image_url", WEB_ADDRESS),
    ({"cover_image_url": "https://a.example/x\ny"}, "cover_image_url", WEB_ADDRESS),
    ({"cover_image_url": "java\nscript://a.example/x"}, "cover_image_url", WEB_ADDRESS),
    ({"cover_image_url": "ht\ntps://a.example/x"}, "cover_image_url", WEB_ADDRESS),
    ({"cover_image_url": "https://a.example:port/x"}, "cover_image_url", WEB_ADDRESS),
    ({"cover_image_url": "https://a.example/" + "x" * 1007}, "cover_image_url", "Must have at most 1024 characters."),
    ({"cover_image_url": 1}, "cover_image_url", "Must be a string."),
    ({"id": "mcoll_000000000000"}, "id", "Unknown field."),
    ({"user_id": "x"}, "user_id", "Unknown field."),
    ({"track_count": 3}, "track_count", "Unknown field."),
    ({"Name": "x"}, "Name", "Unknown field."),
]


@pytest.mark.parametrize(("fields", "field", "message"), REFUSED, ids=lambda value: ascii(value)[:48])
async def test_values_out_of_limits_return_422_and_create_nothing(
    rest: Contract, cast: Cast, database: Database, fields: dict[str, object], field: str, message: str
) -> None:
    answer = await rest.call("create-collection", cast.ada, json={"name": "x", **fields})
    assert problems(answer) == [(field, message)]
    assert await factories.load_all(database, Collection) == []


async def test_an_empty_body_returns_a_missing_name(rest: Contract, cast: Cast) -> None:
    assert problems(await rest.call("create-collection", cast.ada, json={})) == [("name", "This field is required.")]


async def test_all_problems_are_returned_at_once(rest: Contract, cast: Cast, database: Database) -> None:
    body = {
        "name": "",
        "description": 1,
        "cover_track_id": "mtrack_000000000000",
        "cover_image_url": "x",
        "colour": "blue",
    }
    made = (await create(rest, cast.ada))["id"]
    names = set(body)
    assert {name for name, _ in problems(await rest.call("create-collection", cast.ada, json=body))} == names
    changed = await rest.call("update-collection", cast.ada, path={"collection_id": made}, json=body)
    assert {name for name, _ in problems(changed)} == names
    assert len(await factories.load_all(database, Collection)) == 1


async def test_a_cover_track_must_be_readable(rest: Contract, cast: Cast, database: Database) -> None:
    track_id = await factories.put_track(database, cast.ada)
    for stranger in (cast.bea, cast.cid):
        answer = await rest.call("create-collection", stranger, json={"name": "x", "cover_track_id": track_id})
        assert problems(answer) == [("cover_track_id", UNREADABLE)]
    link = (await rest.call("share-track", cast.ada, path={"track_id": track_id})).json()
    await rest.call("save-shared-track", cast.bea, path={"token": link["token"]})
    assert (await create(rest, cast.bea, cover_track_id=track_id))["cover_track_id"] == track_id


async def test_a_deleted_track_cannot_be_a_cover(rest: Contract, cast: Cast, database: Database) -> None:
    track_id = await factories.put_track(database, cast.ada)
    await rest.call("delete-track", cast.ada, path={"track_id": track_id})
    answer = await rest.call("create-collection", cast.ada, json={"name": "x", "cover_track_id": track_id})
    assert problems(answer) == [("cover_track_id", UNREADABLE)]


async def test_collection_names_need_not_be_unique(rest: Contract, cast: Cast) -> None:
    assert (await create(rest, cast.ada))["id"] != (await create(rest, cast.ada))["id"]


async def test_the_list_is_empty_at_first(rest: Contract, cast: Cast) -> None:
    assert (await rest.call("list-collections", cast.ada)).json() == {"items": [], "limit": 50, "offset": 0}


async def test_the_list_contains_own_collections_newest_first_without_counts(rest: Contract, cast: Cast) -> None:
    made = [await create(rest, cast.ada, name=f"{number}") for number in range(3)]
    await create(rest, cast.bea)
    await create(rest, cast.cid)
    await rest.call("update-collection", cast.ada, path={"collection_id": made[0]["id"]}, json={})
    listed = (await rest.call("list-collections", cast.ada)).json()["items"]
    assert [one["name"] for one in listed] == ["2", "1", "0"]
    assert [one["track_count"] for one in listed] == [None] * 3
    assert listed[0] == {**made[2], "track_count": None}


@pytest.mark.parametrize(
    ("query", "wanted", "limit", "offset"),
    [
        ({}, slice(0, 4), 50, 0),
        ({"limit": 1}, slice(0, 1), 1, 0),
        ({"limit": 2, "offset": 1}, slice(1, 3), 2, 1),
        ({"limit": 100}, slice(0, 4), 100, 0),
        ({"offset": 4}, slice(0, 0), 50, 4),
        ({"offset": 2**31 - 1}, slice(0, 0), 50, 2**31 - 1),
        ({"name": "0"}, slice(0, 4), 50, 0),
    ],
)
async def test_a_page_echoes_limit_and_offset(
    rest: Contract, cast: Cast, query: dict[str, object], wanted: slice, limit: int, offset: int
) -> None:
    ids = [(await create(rest, cast.ada))["id"] for _ in range(4)][::-1]
    page = (await rest.call("list-collections", cast.ada, params=query)).json()
    assert [one["id"] for one in page["items"]] == ids[wanted]
    assert (page["limit"], page["offset"]) == (limit, offset)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("limit", value) for value in ("0", "101", "-1", "", "ten", "1.5", "9" * 30)),
        *(("offset", value) for value in ("-1", "", "x", "2147483648", "\x00")),
    ],
    ids=ascii,
)
async def test_a_query_out_of_range_returns_422_and_is_not_clamped(
    rest: Contract, cast: Cast, name: str, value: str
) -> None:
    found = problems(await rest.call("list-collections", cast.ada, params={name: value}))
    assert [field for field, _ in found] == [name]


OPERATIONS: dict[str, dict[str, object] | None] = {
    "get-collection": None,
    "update-collection": {"name": "Taken over"},
    "delete-collection": None,
    "add-collection-track": {"track_id": "mtrack_000000000000"},
    "remove-collection-track": None,
    "list-collection-tracks": None,
    "reorder-collection": {"ordered_track_ids": []},
    "share-collection": {},
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("collection_id", NOBODYS_IDS, ids=lambda text: ascii(text)[:24])
async def test_malformed_and_unknown_collection_ids_return_404(
    rest: Contract, cast: Cast, operation: str, collection_id: str
) -> None:
    path = {"collection_id": collection_id, "track_id": "mtrack_000000000000"}
    answer = await rest.call(operation, cast.ada, path=path, json=OPERATIONS[operation])
    assert answer.status_code == 404
    error = answer.json()["error"]
    assert (error["code"], error["system_message"]) == ("RESOURCE_NOT_FOUND", "Music collection not found")
    assert error["details"] == {"collection_id": collection_id}


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_foreign_collection_returns_404_and_does_not_change(
    rest: Contract, cast: Cast, database: Database, operation: str
) -> None:
    track_id = await factories.put_track(database, cast.ada)
    made = (await create(rest, cast.ada))["id"]
    await rest.call("add-collection-track", cast.ada, path={"collection_id": made}, json={"track_id": track_id})
    before = await get(rest, cast.ada, made)
    for stranger in (cast.bea, cast.cid):
        path = {"collection_id": made, "track_id": track_id}
        answer = await rest.call(operation, stranger, path=path, json=OPERATIONS[operation])
        assert answer.status_code == 404
        assert answer.json()["error"]["details"] == {"collection_id": made}
    assert await get(rest, cast.ada, made) == before
    assert await factories.load_collection_order(database, made) == [(0, track_id)]


async def test_an_update_changes_only_the_given_fields(rest: Contract, cast: Cast, database: Database) -> None:
    track_id = await factories.put_track(database, cast.ada)
    full = {
        "name": "Late shift",
        "description": "Quiet.",
        "cover_track_id": track_id,
        "cover_image_url": "https://a.example/x",
    }
    made = await create(rest, cast.ada, **full)
    changes: list[dict[str, object]] = [
        {},
        {"name": "Early shift"},
        {"description": "Loud."},
        {"description": ""},
        {"cover_image_url": "http://b.example/y"},
        {"description": None},
        {"cover_track_id": None},
        {"cover_image_url": None},
        {"name": "Again", "description": "All", "cover_track_id": track_id},
    ]
    expected = {name: value for name, value in made.items() if name != "updated_at"}
    for change in changes:
        answer = await rest.call("update-collection", cast.ada, path={"collection_id": made["id"]}, json=change)
        assert answer.status_code == 200, answer.text
        expected |= change
        changed = answer.json()
        assert changed == {**expected, "updated_at": changed["updated_at"]}
        assert await get(rest, cast.ada, made["id"]) == changed


async def test_an_update_returns_the_track_count(rest: Contract, cast: Cast, database: Database) -> None:
    made = (await create(rest, cast.ada))["id"]
    for _ in range(2):
        body = {"track_id": await factories.put_track(database, cast.ada)}
        await rest.call("add-collection-track", cast.ada, path={"collection_id": made}, json=body)
    answer = await rest.call("update-collection", cast.ada, path={"collection_id": made}, json={"name": "x"})
    assert answer.json()["track_count"] == 2


async def test_an_update_changes_updated_at_only(rest: Contract, cast: Cast, database: Database) -> None:
    made = (await create(rest, cast.ada))["id"]
    long_ago = clock.now() - timedelta(days=5)
    async with database.transaction() as session:
        await session.execute(update(Collection).values(created_at=long_ago, updated_at=long_ago))
    before = clock.iso(clock.now())
    answer = await rest.call("update-collection", cast.ada, path={"collection_id": made}, json={"name": "x"})
    assert answer.json()["created_at"] == clock.iso(long_ago)
    assert before <= answer.json()["updated_at"] <= clock.iso(clock.now())


@pytest.mark.parametrize(("fields", "field", "message"), REFUSED, ids=lambda value: ascii(value)[:48])
async def test_an_invalid_update_changes_nothing(
    rest: Contract, cast: Cast, fields: dict[str, object], field: str, message: str
) -> None:
    made = await create(rest, cast.ada, description="Quiet.")
    body = {"description": "Loud.", **fields}
    answer = await rest.call("update-collection", cast.ada, path={"collection_id": made["id"]}, json=body)
    assert problems(answer) == [(field, message)]
    assert await get(rest, cast.ada, made["id"]) == made


async def test_deleting_a_collection_keeps_its_tracks(rest: Contract, cast: Cast, database: Database) -> None:
    track_id = await factories.put_track(database, cast.ada)
    made = (await create(rest, cast.ada))["id"]
    other = (await create(rest, cast.ada))["id"]
    for one in (made, other):
        await rest.call("add-collection-track", cast.ada, path={"collection_id": one}, json={"track_id": track_id})
    answer = await rest.call("delete-collection", cast.ada, path={"collection_id": made})
    assert answer.status_code == 200
    assert answer.json() == {"success": True, "id": made, "detail": "Collection deleted."}
    for operation, body in OPERATIONS.items():
        path = {"collection_id": made, "track_id": track_id}
        assert (await rest.call(operation, cast.ada, path=path, json=body)).status_code == 404
    listed = (await rest.call("list-collections", cast.ada)).json()["items"]
    assert [one["id"] for one in listed] == [other]
    assert (await rest.call("get-track", cast.ada, path={"track_id": track_id})).status_code == 200
    assert await factories.load_collection_order(database, other) == [(0, track_id)]
    deleted = {row.id: row.deleted_at for row in await factories.load_all(database, Collection)}
    assert deleted[other] is None
    assert deleted[made] is not None


async def test_bodies_must_be_json_objects(rest: Contract, cast: Cast) -> None:
    made = (await create(rest, cast.ada))["id"]
    for operation in ("create-collection", "update-collection", "add-collection-track", "reorder-collection"):
        headers = {"Content-Type": "application/json"}
        path = {"collection_id": made}
        answer = await rest.call(operation, cast.ada, path=path, content=b"{", headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BAD_REQUEST")
        answer = await rest.call(operation, cast.ada, path=path, content=b"[]", headers=headers)
        assert problems(answer) == [("", "The body must be a JSON object.")]
        headers = {"Content-Type": "text/plain"}
        answer = await rest.call(operation, cast.ada, path=path, content=b"{}", headers=headers)
        assert answer.status_code == 415


async def test_a_collection_whose_cover_track_was_deleted_is_readable(
    rest: Contract, cast: Cast, database: Database
) -> None:
    track_id = await factories.put_track(database, cast.ada)
    made = (await create(rest, cast.ada, cover_track_id=track_id))["id"]
    await rest.call("delete-track", cast.ada, path={"track_id": track_id})
    assert (await get(rest, cast.ada, made))["name"] == "Late shift"
    answer = await rest.call("update-collection", cast.ada, path={"collection_id": made}, json={"name": "x"})
    assert answer.status_code == 200
    async with database.transaction() as session:
        assert await session.get(Track, track_id) is not None
